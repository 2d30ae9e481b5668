"""The gate: whether a touch may be sent now (DESIGN.md section 7), as one pure function of the touch, its person, its group and the time.

`RULES` is its order, and the first rule with something to say decides. What ends a touch stands before what delays it, so that nothing waits
for ever; what must stop all automation stands before what only concerns one message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from schemas.events.follow_ups import WhyCancelled
from services.followup.domain.hours import next_day, next_open, within_limits
from services.followup.domain.people import GroupStanding, Recipient
from services.followup.domain.touches import EXEMPT, Touch


@dataclass(frozen=True, slots=True)
class Send:
    """It may be sent now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: not before `until`, or, where that is None, not before some fact changes it."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """It is never to be sent."""

    reason: WhyCancelled


@dataclass(frozen=True, slots=True)
class Fail:
    """It is never to be sent, and a human is to do it."""

    reason: Literal["unreachable"] = "unreachable"


Verdict = Send | Wait | Cancel | Fail
Rule = Callable[[Touch, Recipient, GroupStanding | None, datetime], Verdict | None]


def verdict(touch: Touch, person: Recipient, group: GroupStanding | None, now: datetime) -> Verdict:
    """What is to become of a touch that is due; `group` is None where the touch is about none, or where none is known."""
    return next((said for rule in RULES if (said := rule(touch, person, group, now)) is not None), Send())


def _over(touch: Touch, person: Recipient, _group: GroupStanding | None, _now: datetime) -> Verdict | None:
    """A withdrawn or closed case gets nothing more."""
    ending = person.ended.get(touch.case_id)
    return Cancel(ending) if ending else None


def _too_late(touch: Touch, person: Recipient, group: GroupStanding | None, now: datetime) -> Verdict | None:
    """Only words go stale: a human is told what they were to do from the start, and what could not be sent because nobody can read."""
    if now < touch.useless_after:
        return None
    return Fail() if touch.channel == "task" or _is_unreadable(person, group) else Cancel("too_late")


def _unreadable(_touch: Touch, person: Recipient, group: GroupStanding | None, _now: datetime) -> Verdict | None:
    """What cannot be read may be a STOP, a flag or the end of a group."""
    return Wait() if _is_unreadable(person, group) else None


def _is_unreadable(person: Recipient, group: GroupStanding | None) -> bool:
    return person.unreadable or (group is not None and group.unreadable)


def _red_flag(_touch: Touch, person: Recipient, _group: GroupStanding | None, _now: datetime) -> Verdict | None:
    return Wait() if person.flagged else None


def _place(touch: Touch, person: Recipient, group: GroupStanding | None, _now: datetime) -> Verdict | None:
    """A touch about a session needs the place and the group; one that says that the place is lost needs neither."""
    if touch.session is None:
        return None
    if touch.place_id not in person.live_places:
        return Cancel("place_lost")
    return None if group is not None and group.runs else Wait()


def _by_hand(touch: Touch, _person: Recipient, _group: GroupStanding | None, _now: datetime) -> Verdict | None:
    return Fail() if touch.channel not in ("sms", "email") else None


def _consent(touch: Touch, person: Recipient, _group: GroupStanding | None, _now: datetime) -> Verdict | None:
    refusal = person.refuses(touch)
    return Cancel(refusal) if refusal else None


def _reach(touch: Touch, person: Recipient, group: GroupStanding | None, _now: datetime) -> Verdict | None:
    """There is an address, and writing to it is safe."""
    if touch.to_organiser:
        return None if group is not None and group.address else Fail()
    return Fail() if touch.channel not in ("sms", "email") or person.address(touch.channel) is None else None


def _hours(touch: Touch, person: Recipient, group: GroupStanding | None, now: datetime) -> Verdict | None:
    zone = group.zone if touch.to_organiser and group is not None else person.zone
    opens = next_open(now, zone)
    return Wait(opens) if opens > now else None


def _limits(touch: Touch, person: Recipient, group: GroupStanding | None, now: datetime) -> Verdict | None:
    """One a day and three a week for a person over all their cases; one a day for an organiser."""
    if touch.to_organiser:
        allowed = next_day(max(group.asked), group.zone) if group is not None and group.asked else None
    else:
        allowed = None if touch.step in EXEMPT else within_limits(person.claims, person.zone)
    return Wait(allowed) if allowed is not None and allowed > now else None


RULES: Final[tuple[Rule, ...]] = (_over, _too_late, _unreadable, _red_flag, _place, _by_hand, _consent, _reach, _hours, _limits)
"""Over, too late, unreadable, flagged, place and group gone, a human's to do, no consent, nowhere to write to, out of hours, too many."""
