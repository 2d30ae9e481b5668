"""What a message says."""

from dataclasses import dataclass
from datetime import tzinfo

from schemas.events.follow_ups import Step
from schemas.events.places import HeldSession
from schemas.group import Group
from services.followup.messages import MessageChannel

SENDER = "Better Together"
"""Who writes, where nobody has set another name."""


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about.

    `link` is the page of whoever is written to. `news` with a session says that it has moved to this one, and without one that the group
    cannot take them after all. `over` tells an organiser's second question (did they come?) from the first.
    """

    first_name: str | None
    group: Group | None
    session: HeldSession | None
    zone: tzinfo
    link: str | None
    organiser: str | None = None
    sender: str = SENDER
    over: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A message's subject, for e-mail, and its text."""

    subject: str
    text: str


def words_for(step: Step, about: About, channel: MessageChannel) -> Words:
    """The words of this step."""
    raise NotImplementedError(step, about, channel)
