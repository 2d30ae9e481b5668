"""What follow-up is asked to do. Each command has an id of its own, made where it came in: the cause of all that follows from it."""

from dataclasses import dataclass
from datetime import datetime

from schemas.events.follow_ups import Channel, Meaning
from schemas.referral import Loneliness


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
