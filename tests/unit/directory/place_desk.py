"""One group's places as a test asks for them, and what was answered in short."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.events.base import Data
from schemas.events.places import CapacitySet, OrganiserAnswered, PlaceGivenUp, PlaceRequested, WeeklySession
from schemas.group import Group
from services.directory.places.answers import answers_to
from services.directory.places.book import Answer, Book
from services.directory.places.calendar import Calendar
from services.directory.places.room import Room

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday."""

TUESDAYS = [{"weekday": "tue", "start": "14:00"}]


def calendar(now: datetime = NOW, time_zone: str = "Europe/London") -> Calendar:
    """First sessions a day ahead of now."""
    return Calendar(now, timedelta(hours=24), time_zone)


def choir(**fields: Any) -> Group:
    """A group that meets on Tuesdays."""
    return Group.model_validate({"group_id": "choir", "name": "Choir", "sessions": TUESDAYS} | fields)


def ids(place_id: str, group_id: str = "choir") -> dict[str, str]:
    """The ids of a place and of whoever it is for."""
    return {"group_id": group_id, "place_id": place_id, "person": f"person of {place_id}", "case_id": f"case of {place_id}"}


def requested(place_id: str, weekly: tuple[str, str] | None = None, group_id: str = "choir") -> PlaceRequested:
    """A place is asked for."""
    wanted = WeeklySession.model_validate({"weekday": weekly[0], "start": weekly[1]}) if weekly else None
    return PlaceRequested(**ids(place_id, group_id), weekly=wanted)


def given_up(place_id: str, reason: Any = "withdrawn", group_id: str = "choir") -> PlaceGivenUp:
    """A place is given up."""
    return PlaceGivenUp(**ids(place_id, group_id), reason=reason)


def answered(place_id: str, *, accepted: bool, reason: Any = None, group_id: str = "choir") -> OrganiserAnswered:
    """The organiser answered."""
    return OrganiserAnswered(**ids(place_id, group_id), accepted=accepted, reason=reason)


def capacity(maximum: int | None, *, available: int | None = None, waitlist: bool = False, revision: int = 0, group_id: str = "choir") -> CapacitySet:
    """The capacity is said."""
    return CapacitySet(group_id=group_id, maximum=maximum, available=available, waitlist=waitlist, revision=revision)


class Desk:
    """Where the places of one group are asked for."""

    def __init__(self, group: Group | None = None, *, listed: bool = True) -> None:
        self.group = (group or choir()) if listed else None
        self.book = Book("choir", self.group, Room.of(self.group.capacity if self.group else None))
        self.now = NOW
        self.told: list[Answer] = []

    def ask(self, *asked: Data) -> list[str]:
        """Ask these in turn; each answer as its name without `Place`, its place and its reason."""
        answers = [answer for one in asked for answer in answers_to(one, self.book, calendar(self.now))]
        self.told += answers
        return [in_short(answer) for answer in answers]

    def changes(self, group: Group | None, *asked: Data) -> list[str]:
        """Let the group be otherwise, then ask."""
        self.group = self.book.group = group
        return self.ask(*asked)


def in_short(answer: Answer) -> str:
    """`Held a`, `Refused b full`."""
    return " ".join(filter(None, (type(answer).__name__.removeprefix("Place"), answer.place_id, getattr(answer, "reason", ""))))


def requests(places: Sequence[str]) -> list[PlaceRequested]:
    """A request for each of these places."""
    return [requested(place_id) for place_id in places]


def desk_of(**fields: object) -> Desk:
    """A desk for a choir with these fields."""
    return Desk(choir(**fields))
