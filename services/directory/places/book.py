"""One group's places: who holds one, who waits in which order, which were lost, and how often readers were told.

A place that is lost leaves its id alone behind, so that what comes late or twice is known, and nothing about whoever had it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from schemas.events.places import (
    HeldSession,
    PlaceConfirmed,
    PlaceHeld,
    PlaceMoved,
    PlaceRefused,
    PlaceReleased,
    PlaceWaitlisted,
    WeeklySession,
    WhyRefused,
    WhyReleased,
)
from schemas.group import Group
from services.directory.places.calendar import Calendar, Week, week_of
from services.directory.places.room import Room

Answer = PlaceHeld | PlaceMoved | PlaceWaitlisted | PlaceConfirmed | PlaceRefused | PlaceReleased
A = TypeVar("A", bound=Answer)


class AboutPlace(Protocol):
    """Whose place it is, in clear ids."""

    @property
    def place_id(self) -> str:
        """The place."""

    @property
    def person(self) -> str:
        """The person."""

    @property
    def case_id(self) -> str:
        """The case."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that is held or waited for; `number` grows in the order of the requests."""

    place_id: str
    person: str
    case_id: str
    number: int
    weekly: WeeklySession | None = None
    session: HeldSession | None = None
    confirmed: bool = False


@dataclass
class Book:
    """The places of one group; `group` is None where it is not listed. `touched` are the places that are to be written down anew."""

    group_id: str
    group: Group | None
    room: Room
    count: int = 0
    held: dict[str, Place] = field(default_factory=dict)
    waiting: dict[str, Place] = field(default_factory=dict)
    lost: dict[str, WhyReleased | None] = field(default_factory=dict)
    """By place; with a reason where its request has still to come."""
    touched: set[str] = field(default_factory=set)
    _newcomers: Counter[Week] = field(default_factory=Counter, init=False, repr=False)

    def enter(self, places: Iterable[tuple[bool, Place]]) -> None:
        """Take in what was written down before: each place, and whether it is held."""
        for held, place in sorted(places, key=lambda one: one[1].number):
            (self.held if held else self.waiting)[place.place_id] = place
            if place.session:
                self._newcomers[week_of(place.session.date)] += 1

    @property
    def free(self) -> int | None:
        """How many more may be held; None is without limit."""
        return self.room.free(len(self.held))

    @property
    def closed_to_all(self) -> WhyRefused | None:
        """Why nobody is given a place, not even on the waiting list."""
        if self.group is None:
            return "delisted"
        if self.group.status != "active":
            return "not_running"
        return "full" if self.group.newcomers_per_week == 0 else None

    def tell(self, answer: type[A], about: AboutPlace, **more: Any) -> A:
        """The next answer of this group, with its room as it is now."""
        self.count += 1
        ids: dict[str, Any] = {"group_id": self.group_id, "place_id": about.place_id, "person": about.person, "case_id": about.case_id}
        return answer(**ids, **more, free=self.free, waiting=len(self.waiting), count=self.count)

    def hold(self, place: Place, calendar: Calendar) -> PlaceHeld:
        """Give the place, with the first session that its person can come to."""
        self.waiting.pop(place.place_id, None)
        self.room = self.room.less_one()
        session = self._dated(place, calendar)
        return self.tell(PlaceHeld, place, session=session)

    def move(self, place: Place, calendar: Calendar) -> PlaceMoved:
        """Give a held place another first session."""
        self._leaves_week(place)
        session = self._dated(place, calendar)
        return self.tell(PlaceMoved, place, session=session)

    def wait(self, place: Place) -> PlaceWaitlisted:
        """Put the place at the end of the waiting list."""
        self.waiting[place.place_id] = place
        self.touched.add(place.place_id)
        return self.tell(PlaceWaitlisted, place)

    def confirm(self, place: Place) -> PlaceConfirmed:
        """Write down that the organiser said yes."""
        self.held[place.place_id] = replace(place, confirmed=True)
        self.touched.add(place.place_id)
        return self.tell(PlaceConfirmed, place)

    def lose(self, place_id: str, *, before_request: WhyReleased | None = None) -> None:
        """Keep of a place no more than that it is lost."""
        if place := self.held.pop(place_id, None):
            self._leaves_week(place)
            self.room = self.room.one_more()
        self.waiting.pop(place_id, None)
        self.lost[place_id] = before_request
        self.touched.add(place_id)

    def _dated(self, place: Place, calendar: Calendar) -> HeldSession | None:
        session = calendar.first_session(self.group, place.weekly, self._has_room) if self.group else None
        if session:
            self._newcomers[week_of(session.date)] += 1
        self.held[place.place_id] = replace(place, session=session)
        self.touched.add(place.place_id)
        return session

    def _leaves_week(self, place: Place) -> None:
        if place.session:
            self._newcomers[week_of(place.session.date)] -= 1

    def _has_room(self, week: Week) -> bool:
        limit = self.group.newcomers_per_week if self.group else None
        return limit is None or self._newcomers[week] < limit


class PlaceStore(Protocol):
    """Where the books are kept."""

    def books(self, places: Mapping[str, Iterable[str]]) -> dict[str, Book]:
        """The books of these groups, with what was lost among these places of each."""

    def keep(self, books: Iterable[Book]) -> None:
        """Write down what was touched."""
