"""Facts on `follow-ups`: planned touches, what was sent, and what the person answered."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime

from schemas.events.base import DETAILS, MATCHING, AboutCase, AboutPerson, Part, Sealed

Step = Literal["first_session", "day_before", "day_after", "week_2", "week_6", "stop_confirmed", "news", "organiser_asked", "task"]
Channel = Literal["sms", "email", "local", "task"]
WhyCancelled = Literal["stopped", "red_flag", "withdrawn", "closed", "erased", "place_lost", "moved", "too_late", "no_consent", "answered"]
Meaning = Literal["came", "did_not_come", "yes", "no", "stop", "start", "help", "call_me", "measured", "red_flag", "not_understood"]

TOLD_BY_A_HUMAN: Final[frozenset[Step]] = frozenset({"first_session", "day_before", "news"})
"""Steps without which the person may stand before a closed door: too late for a message, a human tells them."""


class _Touch(AboutCase):
    """One planned message or task of one case; `place_id` where it is about a place."""

    touch_id: str
    step: Step
    place_id: str | None = None


class FollowUpPlanned(_Touch):
    """A touch is planned; past `useless_after` it is cancelled, not sent late."""

    stream = "follow-ups"

    channel: Channel
    due_at: AwareDatetime
    useless_after: AwareDatetime


class FollowUpClaimed(_Touch):
    """The touch is about to be sent; it is never claimed again."""

    stream = "follow-ups"


class FollowUpSent(_Touch):
    """The channel took the message."""

    stream = "follow-ups"


class FollowUpFailed(_Touch):
    """The message was not sent, or nobody knows whether it was: a task for a human."""

    stream = "follow-ups"

    reason: Literal["refused", "unreachable", "unknown"]


class NotSent(Part):
    """Why a touch is not to be sent: it may tell of a STOP, of a red flag or of consent."""

    reason: WhyCancelled


class FollowUpCancelled(_Touch):
    """The touch will not be sent."""

    stream = "follow-ups"

    matching: Annotated[NotSent | Sealed | None, MATCHING] = None

    @property
    def left_to_a_human(self) -> bool:
        """Whether it was too late for a message, and a human tells the person."""
        return self.step in TOLD_BY_A_HUMAN and isinstance(self.matching, NotSent) and self.matching.reason == "too_late"


class ReplyMeaning(Part):
    """What the reply was understood to mean."""

    meaning: Meaning


class ReplyText(Part):
    """What the person wrote."""

    text: str


class ReplyReceived(AboutPerson):
    """The person answered, on this channel; `touch_id` and `place_id` say what the answer is about where that is known."""

    stream = "follow-ups"

    case_id: str | None = None
    touch_id: str | None = None
    place_id: str | None = None
    channel: Channel | None = None
    matching: Annotated[ReplyMeaning | Sealed | None, MATCHING] = None
    details: Annotated[ReplyText | Sealed | None, DETAILS] = None
