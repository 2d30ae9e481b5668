"""A touch and its life, and the place that it is about.

A touch is planned once, claimed at most once, and then sent, failed or cancelled for ever: its id is a function of case, step and occasion.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from schemas.envelope import event_type
from schemas.events.follow_ups import TOLD_BY_A_HUMAN, Channel, FollowUpCancelled, FollowUpPlanned, NotSent, Step, WhyCancelled
from schemas.events.places import HeldSession, WhyRefused, WhyReleased
from services.chassis.ids import derived_id
from services.chassis.service import Cause, Fact

TouchState = Literal["planned", "claimed", "sent", "failed", "cancelled"]
MessageChannel = Literal["sms", "email"]
PlaceState = Literal["held", "waitlisted", "lost"]

QUESTIONS: Final[frozenset[Step]] = frozenset({"day_after", "week_2", "week_6"})
"""Steps that ask the person; their silence becomes a human's task."""

EXEMPT: Final[frozenset[Step]] = frozenset({"stop_confirmed", "organiser_asked"})
"""Steps that need no consent of the person's and keep to no limit of theirs."""

_NUMBERED_BY: Final = 12  # hexadecimal digits of a touch's id, which tell several facts of one cause apart


@dataclass(frozen=True, slots=True)
class Place:
    """One person's slot as the directory last told it (`told_by`, `told_at`).

    `seat` is the count of the fact that gave it its session; `given_by` and `given_at` are that fact's. `told_by` is the newest fact of all.
    """

    place_id: str
    group_id: str
    person: str
    case_id: str
    count: int
    state: PlaceState
    told_by: Cause
    told_at: datetime
    given_by: Cause
    given_at: datetime
    session: HeldSession | None = None
    seat: int = 0
    confirmed: bool = False
    reason: WhyRefused | WhyReleased | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """One planned message or task; `planned_by` is its FollowUpPlanned, `asks_about` the day that its question is about.

    `seat` tells the sessions of a moved place apart, `over` an organiser's second question (did they come?) from the first.
    """

    touch_id: str
    person: str
    case_id: str
    step: Step
    channel: Channel
    due_at: datetime
    useless_after: datetime
    planned_by: Cause
    place_id: str | None = None
    group_id: str | None = None
    session: HeldSession | None = None
    seat: int = 0
    over: bool = False
    asks_about: date | None = None
    state: TouchState = "planned"
    reason: WhyCancelled | None = None
    claimed_at: datetime | None = None

    @property
    def to_organiser(self) -> bool:
        """Whether it goes to the group's organiser and not to the person."""
        return self.step == "organiser_asked"

    @property
    def is_told(self) -> bool:
        """Whether the person knows what it says, or is to hear it from a human."""
        return self.state in ("claimed", "sent", "failed") or (self.step in TOLD_BY_A_HUMAN and self.reason == "too_late")

    def after(self, state: TouchState, reason: WhyCancelled | None = None) -> "Touch":
        """The same touch further on in its life."""
        return replace(self, state=state, reason=reason)


def touch_id_of(case_id: str, step: Step, *occasion: object) -> str:
    """The id of the touch of this case, step and occasion."""
    return derived_id(case_id, step, "/".join(map(str, occasion)), 0)


def number_of(touch_id: str) -> int:
    """What tells a touch's facts from other touches' facts of the same cause."""
    return int(touch_id.replace("-", "")[-_NUMBERED_BY:], 16)


def planned_because(cause: Cause, person: str, touch_id: str) -> Cause:
    """The FollowUpPlanned that this cause leads to, as the cause of what becomes of the touch."""
    id_ = derived_id(cause.id, event_type(FollowUpPlanned), person, number_of(touch_id))
    return Cause(id_, cause.correlationid, cause.traceparent)


def planning(touch: Touch, cause: Cause) -> Fact:
    """The fact that a touch is planned."""
    data = FollowUpPlanned(**named(touch), channel=touch.channel, due_at=touch.due_at, useless_after=touch.useless_after)
    return Fact(data, cause, number_of(touch.touch_id))


def cancelling(touch: Touch, cause: Cause | Fact) -> Fact:
    """The fact that a cancelled touch is not to be sent."""
    assert touch.reason is not None
    return Fact(FollowUpCancelled(**named(touch), matching=NotSent(reason=touch.reason)), cause, number_of(touch.touch_id))


def named(touch: Touch) -> dict[str, Any]:
    """What every fact about a touch names it by."""
    return {"person": touch.person, "case_id": touch.case_id, "touch_id": touch.touch_id, "step": touch.step, "place_id": touch.place_id}
