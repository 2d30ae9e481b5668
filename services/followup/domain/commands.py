"""What follow-up is asked to do. Each command has an id of its own, made where it came in: the cause of all that follows from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.events.follow_ups import Channel, Meaning
from schemas.referral import Loneliness
from services.chassis.ids import MACHINE, fresh_id

LONGEST_REPLY: Final = 10_000  # characters


@dataclass(frozen=True, slots=True)
class TakeReply:
    """A person wrote this; `person_id` is the sender's id of them where it names one person, or our own."""

    id: str
    person_id: str
    text: str
    at: datetime
    channel: Channel = "local"


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """A person pressed this on the page that the link in a message opened."""

    id: str
    touch_id: str
    meaning: Meaning
    at: datetime
    loneliness: Loneliness | None = None


def reply_command(person_id: str, text: str, at: datetime) -> TakeReply:
    """The command that takes a reply which was brought by hand."""
    return TakeReply(fresh_id(at, MACHINE), person_id, text, at)
