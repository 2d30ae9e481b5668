"""Which touches a person's places ask for, compared with those there are: what is to be planned anew, and what is not to be sent.

It looks at everything that is known of the person, so the order in which that was learned changes nothing, and doing it again changes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from schemas.events.follow_ups import Channel, Step, WhyCancelled
from schemas.events.places import OWN_WISH, HeldSession
from services.chassis.service import Cause
from services.followup.domain.hours import A_DAY, OPENS, at, next_open
from services.followup.domain.people import Known, Recipient
from services.followup.domain.touches import MessageChannel, Place, Touch, planned_because, touch_id_of

ASKED_AT: Final = time(10)
LATEST_REMINDER: Final = time(19)
BEFORE_THE_START: Final = timedelta(hours=1)
LATER_QUESTIONS: Final[dict[Step, tuple[int, timedelta]]] = {
    "day_after": (0, timedelta(days=3)),
    "week_2": (14, timedelta(days=5)),
    "week_6": (42, timedelta(days=7)),
}
"""For each question: how many days after the first session the day lies that it asks about, and for how long it is of use."""

NEWS_IS_OF_USE: Final = timedelta(days=3)
ORGANISER_IS_ASKED_FOR: Final = timedelta(days=7)
LOST: Final = -1
"""The seat of what is said about a lost place: once for each place."""

REPLANNED: Final[frozenset[WhyCancelled | None]] = frozenset({"stopped", "no_consent", "closed"})
"""Cancelled for what may change again: planned anew in the way that is open then, which is a human's where no other is."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Touches to plan and touches to cancel, each with its cause."""

    planned: Sequence[tuple[Touch, Cause]] = ()
    cancelled: Sequence[tuple[Touch, Cause]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One person with everything that planning looks at; `because` and `at` are of the newest fact about them."""

    person: Recipient
    places: Sequence[Place]
    touches: Sequence[Touch]
    known: Collection[Known]
    ways_out: Collection[MessageChannel]
    because: Cause
    at: datetime

    def changes(self) -> Changes:
        """What is to be planned and what cancelled."""
        stopped = [(touch.after("cancelled", reason), cause) for touch in self.touches for reason, cause in self._stops(touch)]
        left = {touch.touch_id: touch for touch in self.touches} | {touch.touch_id: touch for touch, _ in stopped}
        rest = replace(self, touches=list(left.values()))
        planned = [planned for place in self.places if place.case_id not in self.person.ended for planned in rest._missing(place)]
        return Changes(planned, stopped)

    def _stops(self, touch: Touch) -> Iterator[tuple[WhyCancelled, Cause]]:
        """Why a planned touch is not to be sent after all, at most once."""
        reason = self._reason(touch) if touch.state == "planned" else None
        if reason:
            place = self._place(touch) if reason in ("moved", "place_lost") else None
            yield reason, place.told_by if place else self.because

    def _reason(self, touch: Touch) -> WhyCancelled | None:
        if ending := self.person.ended.get(touch.case_id):
            return ending
        place = self._place(touch)
        if place is not None and touch.session is not None and place.state != "held":
            return "place_lost"
        if place is not None and touch.session is not None and place.seat != touch.seat:
            return "moved"
        if self._answered(touch):
            return "answered"
        return "no_consent" if touch.channel == "task" and self.person.channel(self.ways_out) else self.person.refuses(touch)

    def _place(self, touch: Touch) -> Place | None:
        return next((place for place in self.places if place.place_id == touch.place_id), None)

    def _answered(self, touch: Touch) -> bool:
        """Whether a question need not be asked: who would answer it has said so, or a coordinator has."""
        if touch.to_organiser and not touch.over:
            place = self._place(touch)
            return place is not None and place.confirmed
        if touch.step == "week_6" or touch.asks_about is None:
            return False
        enough = {"organiser" if touch.to_organiser else "person", "coordinator"}
        return any((one.group_id, one.on) == (touch.group_id, touch.asks_about) and one.said_by in enough for one in self.known)

    def _missing(self, place: Place) -> Iterator[tuple[Touch, Cause]]:
        """What the place asks for and is not there; what was stopped is planned again in another way, while it is still of use."""
        own = [touch for touch in self.touches if touch.place_id == place.place_id]
        for touch in self._wanted(place, own):
            same = [one for one in own if (one.step, one.seat, one.over) == (touch.step, touch.seat, touch.over)]
            if not same:
                yield _caused(touch, place.given_by if touch.session else place.told_by)
            elif all(one.reason in REPLANNED for one in same) and self.at < touch.useless_after:
                yield _caused(_again(touch, len(same), self.at), self.because)

    def _wanted(self, place: Place, own: Iterable[Touch]) -> list[Touch]:
        """Every touch that the place asks for as it stands."""
        told = {touch.seat for touch in own if touch.step in ("first_session", "news") and touch.is_told}
        if place.state == "lost":
            return [self._that_it_is_lost(place)] if told and place.reason not in OWN_WISH else []
        if place.state != "held" or place.session is None:
            return []
        before = self._before(place, place.session, "news" if told - {place.seat} else "first_session")
        touches = [*before, *self._after(place, place.session), *self._to_organiser(place, place.session)]
        return [touch for touch in touches if not self._answered(touch)]

    def _that_it_is_lost(self, place: Place) -> Touch:
        told_at = place.told_at
        return self._touch(place, "news", told_at, told_at + NEWS_IS_OF_USE)

    def _before(self, place: Place, session: HeldSession, first: Step) -> Iterator[Touch]:
        """The details, or news where others were told before; and the reminder, unless it would be the next message on the heels of them."""
        last = session.start.astimezone(UTC) - BEFORE_THE_START
        yield self._touch(place, first, place.given_at, last, session)
        if next_open(place.given_at, self.person.zone) + A_DAY < last:
            yield self._touch(place, "day_before", self._the_day_before(session), last, session)

    def _the_day_before(self, session: HeldSession) -> datetime:
        """24 hours ahead, moved into the same day's hours."""
        local = (session.start.astimezone(UTC) - A_DAY).astimezone(self.person.zone)
        return at(local.date(), min(max(local.time(), OPENS), LATEST_REMINDER), self.person.zone)

    def _after(self, place: Place, session: HeldSession) -> Iterator[Touch]:
        for step, (days, of_use) in LATER_QUESTIONS.items():
            day = session.date + timedelta(days=days)
            due = at(day + timedelta(days=1), ASKED_AT, self.person.zone)
            yield replace(self._touch(place, step, due, due + of_use, session), asks_about=day)

    def _to_organiser(self, place: Place, session: HeldSession) -> Iterator[Touch]:
        yield self._touch(place, "organiser_asked", place.given_at, session.start.astimezone(UTC), session)
        due = at(session.date + timedelta(days=1), ASKED_AT, self.person.zone)
        later = self._touch(place, "organiser_asked", due, due + ORGANISER_IS_ASKED_FOR, session)
        touch_id = touch_id_of(place.case_id, "organiser_asked", place.place_id, session.date, place.seat, "over")
        yield replace(later, touch_id=touch_id, over=True, asks_about=session.date)

    def _touch(self, place: Place, step: Step, due: datetime, useless: datetime, session: HeldSession | None = None) -> Touch:
        """A touch about this place; without a session it is about the loss of it."""
        channel: Channel = "email" if step == "organiser_asked" else self.person.channel(self.ways_out) or "task"
        touch_id = touch_id_of(place.case_id, step, place.place_id, *((session.date, place.seat) if session else ("lost",)))
        return Touch(
            touch_id, place.person, place.case_id, step, channel, due, useless, place.told_by, place.place_id, place.group_id,
            session, place.seat if session else LOST,
        )  # fmt: skip


def _caused(touch: Touch, cause: Cause) -> tuple[Touch, Cause]:
    return replace(touch, planned_by=planned_because(cause, touch.person, touch.touch_id)), cause


def _again(touch: Touch, times: int, at: datetime) -> Touch:
    return replace(touch, touch_id=touch_id_of(touch.case_id, touch.step, touch.touch_id, times), due_at=max(touch.due_at, at))
