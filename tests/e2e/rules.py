"""The hard rules once more, slowly and from the design's words alone, over the records as they lie in files; nothing here is the product's.

One pair at a time, geopy's geodesic for every distance, minutes of a week for every time. It is what the matcher is held to.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import zipcodes
from geopy.distance import geodesic

Record = Mapping[str, Any]
Position = tuple[float, float]

ORDER = ("status", "age", "gender", "language", "access", "time", "cost", "reach", "place", "already_attended", "cooling_off")
_MATCHING: Callable[[str], list[dict[str, Any]]] = zipcodes.matching
OUTCODES = Path(__file__).parents[2] / "models/geography/uk-outcodes.csv"
USUAL_KM = {"walk": 2.0, "bus": 8.0, "car": 25.0, "any": 15.0}
STEPS = (1.0, 1.5, 2.0)
ENOUGH = 10
DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def position_of(record: Record) -> Position | None:
    """Where a record says that it is, by its coordinates, else by its five-digit ZIP."""
    if record.get("latitude") is not None and record.get("longitude") is not None:
        return float(record["latitude"]), float(record["longitude"])
    return (_of_zip(record["postcode"]) or _of_outcode(record["postcode"])) if record.get("postcode") else None


@cache
def _of_outcode(postcode: str) -> Position | None:
    outward, _, inward = postcode.partition(" ")
    with OUTCODES.open(encoding="utf-8") as table:
        rows = {row["outcode"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(table)}
    return rows.get(outward) if len(inward) == 3 else None


@cache
def _of_zip(postcode: str) -> Position | None:
    digits = unicodedata.normalize("NFKC", postcode).strip()[:5]
    if not (len(digits) == 5 and digits.isascii() and digits.isdigit()):
        return None
    found = [(float(one["lat"]), float(one["long"])) for one in _MATCHING(digits)]
    return next((place for place in found if place != (0, 0)), None)


@cache
def kilometres(here: Position, there: Position) -> float:
    """The geodesic between two positions."""
    return float(geodesic(here, there).kilometers)


@dataclass(frozen=True)
class Judged:
    """What the rules make of a directory for one person: the rules each group breaks, in order, and the reach that was applied."""

    broken: dict[str, list[str]]
    limit: float | None
    widened: bool

    @cached_property
    def eligible(self) -> set[str]:
        """The groups that break no rule."""
        return {group_id for group_id, rules in self.broken.items() if not rules}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many groups each rule keeps out, each group under its first."""
        return dict(Counter(rules[0] for rules in self.broken.values() if rules))


@dataclass(frozen=True)
class Town:
    """The groups of one feed; `today` is the day on which time zones are compared."""

    groups: Sequence[Record]
    today: date
    places: dict[str, Position | None] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[Record], today: date) -> "Town":
        """From the records of a group file."""
        listed = list(groups)
        return cls(listed, today, {group["group_id"]: position_of(group) for group in listed})

    def judge(self, person: Record) -> Judged:
        """Every rule for every group; a reach of ours, not of the person's, widens while fewer than ten are left."""
        broken = {group["group_id"]: list(self._broken_but_reach(person, group)) for group in self.groups}
        for step in STEPS if widens(person) else STEPS[:1]:
            limit = _limit(person, step)
            beyond = self._beyond(person, limit)
            if sum(not rules and group_id not in beyond for group_id, rules in broken.items()) >= ENOUGH:
                break
        for group_id in beyond:
            broken[group_id] = sorted([*broken[group_id], "reach"], key=ORDER.index)
        return Judged(broken, limit, step > 1)

    def distance(self, person: Record, group: Record) -> float | None:
        """The way from the home to where the group meets, where both are known and there is a way to go."""
        home, there = position_of(person), self.places[group["group_id"]]
        return None if home is None or there is None or group["mode"] == "online" else kilometres(home, there)

    def session_fits(self, person: Record, group: Record, session: Record) -> bool:
        """Whether a session lies in one of the person's windows."""
        start = minute(session["weekday"], session["start"]) + self.ahead(person, group)
        return any(_within(start, _length(session), window) for window in person.get("availability") or ())

    def _broken_but_reach(self, person: Record, group: Record) -> Iterable[str]:
        if group["status"] != "active":
            yield "status"
        if not _age_allowed(person.get("age"), group):
            yield "age"
        if person.get("gender") and group.get("genders") and person["gender"] not in group["genders"]:
            yield "gender"
        spoken, held = primary(person.get("languages")), primary(group.get("languages"))
        if spoken and held and not spoken & held:
            yield "language"
        if group.get("access") is not None and set(person.get("access_needs") or ()) - set(group["access"]):
            yield "access"
        sessions = group.get("sessions") or ()
        if person.get("availability") and sessions and not any(self.session_fits(person, group, session) for session in sessions):
            yield "time"
        if person.get("max_cost") is not None and group.get("cost") is not None and group["cost"] > person["max_cost"]:
            yield "cost"
        if _full(group.get("capacity")):
            yield "place"
        if any(been["group_id"] == group["group_id"] and been.get("sessions", 1) > 0 for been in person.get("attended") or ()):
            yield "already_attended"

    def _beyond(self, person: Record, limit: float | None) -> set[str]:
        home = position_of(person)
        if limit is None or home is None:
            return set()
        to_go_to = [group for group in self.groups if group["mode"] != "online"]
        known = {group["group_id"]: place for group in to_go_to if (place := self.places[group["group_id"]])}
        near = {group_id for group_id, place in known.items() if kilometres(home, place) <= limit}
        around = bool(known) and 2 * len(near) >= len(known)
        in_person = {group["group_id"] for group in to_go_to if group["mode"] == "in_person"}
        return {group_id for group_id in in_person if (group_id not in near if group_id in known else not around)}

    def ahead(self, person: Record, group: Record) -> int:
        """Minutes by which the person's clock is ahead of an online group's, where both say which clock they keep."""
        if group["mode"] != "online" or not (group.get("time_zone") and person.get("time_zone")):
            return 0
        noon = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        here, there = (noon.replace(tzinfo=ZoneInfo(one["time_zone"])).utcoffset() for one in (person, group))
        assert here is not None
        assert there is not None
        return int((here - there).total_seconds()) // 60


def widens(person: Record) -> bool:
    """Whether the reach is ours to widen: a way of travelling without a limit of the person's own, from a home that is known."""
    travel = person.get("travel")
    return travel is not None and travel.get("max_km") is None and position_of(person) is not None


def _limit(person: Record, step: float) -> float | None:
    travel = person.get("travel")
    if travel is None:
        return None
    return float(travel["max_km"]) if travel.get("max_km") is not None else USUAL_KM[travel.get("mode", "any")] * step


def primary(tags: Sequence[str] | None) -> set[str]:
    """The languages of BCP 47 tags, without region and script."""
    return {tag.lower().partition("-")[0] for tag in tags or ()}


def _age_allowed(age: int | None, group: Record) -> bool:
    least, most = group.get("minimum_age"), group.get("maximum_age")
    return age is None or ((least is None or age >= least) and (most is None or age <= most))


def _full(capacity: Record | None) -> bool:
    if capacity is None or capacity.get("waitlist"):
        return False
    free = capacity["maximum"] if capacity.get("available") is None else min(capacity["available"], capacity["maximum"])
    return bool(free <= 0)


def minute(weekday: str, clock: str) -> int:
    """The minute of the week, Monday first."""
    return DAYS.index(weekday) * DAY + int(clock[:2]) * 60 + int(clock[3:])


def _length(stretch: Record) -> int | None:
    """Minutes from start to end, over midnight where the end is not later; None without an end."""
    if stretch.get("end") is None:
        return None
    length = minute("mon", stretch["end"]) - minute("mon", stretch["start"])
    return length if length > 0 else length + DAY


def _within(start: int, length: int | None, window: Record) -> bool:
    stretch = _length(window) or 0
    into = (start - minute(window["weekday"], window["start"])) % WEEK
    return into < stretch if length is None else into + length <= stretch
