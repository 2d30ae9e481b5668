"""Meetup groups and attendance as the project's own records, and a split of them: people held out, and groups held out whole.

Reads a folder of `groups.csv`, `events.csv`, `members.csv` and `member_group_edges.csv`. A group's text is its name, its category and the names
of its events; its place is the median of its people's. Of people nothing is known but where they live and where they went.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from models.directory import Directory, Listed
from models.seeker import Seeker
from models.text.words import offered
from schemas.attendance import Attendance
from schemas.group import Group
from schemas.referral import Attended, Needs
from services.cli.preparing import encoder
from services.directory.preparing import text_of

NEW_GROUPS: Final = 75
HELD_OUT: Final = 0.3
DESCRIPTION: Final = 2000


@dataclass(frozen=True)
class Meetup:
    """The groups, the home of each person, and how often each went where."""

    groups: list[Group]
    homes: dict[str, tuple[float, float]]
    visits: dict[str, dict[str, int]]

    def directory(self) -> Directory:
        """The groups as the matcher holds them."""
        return Directory.of(
            [Listed(group, encoder().encode(text_of(group)), offered(group.name, group.tags, group.description)) for group in self.groups]
        )

    def somebody(self, person_id: str, been: dict[str, int]) -> Seeker:
        """A person who has been there before."""
        home = self.homes.get(person_id)
        attended = [Attended(group_id=group_id, sessions=sessions) for group_id, sessions in been.items()]
        place = {} if home is None else {"latitude": home[0], "longitude": home[1]}
        return Seeker(Needs.model_validate({**place, "attended": attended}), consented=True)


def read_meetup(folder: Path) -> Meetup:
    """Everything in the folder; raises OSError or KeyError where it is another."""
    homes = {row["member_id"]: (float(row["lat"]), float(row["lon"])) for row in _rows(folder / "members.csv") if row["lat"]}
    visits: dict[str, dict[str, int]] = {}
    places: dict[str, list[tuple[float, float]]] = {}
    for row in _rows(folder / "member_group_edges.csv"):
        visits.setdefault(row["member_id"], {})[row["group_id"]] = int(row["weight"])
        if row["member_id"] in homes:
            places.setdefault(row["group_id"], []).append(homes[row["member_id"]])
    events: dict[str, dict[str, None]] = {}
    for row in _rows(folder / "events.csv"):
        events.setdefault(row["group_id"], {})[row["name"]] = None
    groups = [_group(row, list(events.get(row["group_id"], {})), places.get(row["group_id"], [])) for row in _rows(folder / "groups.csv")]
    return Meetup(groups, homes, dict(sorted(visits.items())))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _group(row: dict[str, str], events: list[str], places: list[tuple[float, float]]) -> Group:
    group: dict[str, Any] = {"group_id": row["group_id"], "name": row["group_name"], "tags": [row["category_name"]]}
    if places:
        group |= {"latitude": median(place[0] for place in places), "longitude": median(place[1] for place in places)}
    return Group.model_validate({**group, "description": ". ".join(events)[:DESCRIPTION]})


@dataclass(frozen=True)
class HeldOut:
    """One group that a person went to and that is to be found again, from where else they had been."""

    person_id: str
    been: dict[str, int]
    group_id: str
    new: bool


@dataclass(frozen=True)
class Split:
    """What may be learned from, and what is to be found: of each person held out one known group, and one new group where they went to one."""

    learned_from: dict[str, dict[str, int]]
    held_out: list[HeldOut]
    new: frozenset[str]

    def attendance(self) -> list[Attendance]:
        """What may be learned from as rows."""
        return [
            Attendance(person_id=person, group_id=group_id, sessions=sessions)
            for person, groups in self.learned_from.items()
            for group_id, sessions in groups.items()
        ]


def split(meetup: Meetup, seed: int) -> Split:
    """Three in ten of the people with two groups or more are held out, and 75 groups are, whole."""
    chance = np.random.default_rng(seed)
    ids = sorted(group.group_id for group in meetup.groups)
    new = frozenset(ids[index] for index in chance.permutation(len(ids))[:NEW_GROUPS])
    several = [person for person, groups in meetup.visits.items() if len(groups) > 1]
    asked = {several[index] for index in chance.permutation(len(several))[: int(len(several) * HELD_OUT)]}
    learned_from = {
        person: known
        for person, groups in meetup.visits.items()
        if person not in asked and (known := {group_id: sessions for group_id, sessions in groups.items() if group_id not in new})
    }
    held_out = [one for person in sorted(asked) for one in _held_out(person, meetup.visits[person], new, chance)]
    return Split(learned_from, held_out, new)


def _held_out(person: str, groups: dict[str, int], new: frozenset[str], chance: np.random.Generator) -> Iterator[HeldOut]:
    known = {group_id: sessions for group_id, sessions in groups.items() if group_id not in new}
    unknown = sorted(groups.keys() & new)
    if len(known) > 1:
        target = sorted(known)[chance.integers(len(known))]
        yield HeldOut(person, {group_id: sessions for group_id, sessions in known.items() if group_id != target}, target, False)
    if known and unknown:
        yield HeldOut(person, known, unknown[chance.integers(len(unknown))], True)
