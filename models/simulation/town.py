"""A made-up town: what all may read of its groups and people, and beside it the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory, Listed
from models.seeker import Seeker
from models.simulation.chance import key, uniform
from models.simulation.newcomers import OPENS, Newcomer, newcomer
from models.simulation.numbers import Numbers, numbers
from models.simulation.truth import Truth, truth_of
from models.town.groups import town_groups, written_groups
from schemas.group import Group
from schemas.referral import Referral

LASTS: Final = 6
"""Weeks after the last arrival in which places are still given back and taken up by those who wait."""


@dataclass(frozen=True)
class Size:
    """How large a town is: its people, of its written groups how many, and the weeks over which people come."""

    people: int = 300
    groups: int = 150
    weeks: int = 13


@dataclass(frozen=True)
class Reading:
    """How texts are read: from a group or a referral to what the matcher holds of them."""

    group: Callable[[Group], Listed]
    person: Callable[[Referral], Seeker]


@dataclass(frozen=True)
class Town:
    """p people in the order of their numbers and n groups in the order of their ids, which is that of the directory's rows."""

    seed: int
    size: Size
    newcomers: tuple[Newcomer, ...]
    groups: tuple[Group, ...]
    directory: Directory
    seekers: tuple[Seeker, ...]
    truth: Truth
    numbers: Numbers

    @cached_property
    def arrivals(self) -> list[list[int]]:
        """Who comes in each week, in the order in which they come."""
        order = sorted(range(len(self.newcomers)), key=lambda index: (str(self.newcomers[index].referral.received_at), index))
        return [[index for index in order if self.newcomers[index].week == week] for week in range(self.size.weeks)]

    @cached_property
    def free(self) -> NDArray[np.float64]:
        """The places truly free at the beginning, (n,); infinite where a group takes whoever comes."""
        return np.array([_free(group, self.seed) for group in self.groups])

    def appeal(self, person: int, row: int, place: int) -> float:
        """The log-odds of agreeing on a group that is named at this place from 0, against staying at home."""
        said = (self.numbers.first_said, self.numbers.second_said)
        return float(self.truth.appeal[person, row]) + (said[place] if place < len(said) else 0.0)

    def explores(self, person: int) -> float:
        """The number that decides what is shown to a person beyond the best, from 0 up to but not including 1."""
        return float(uniform((), *key(self.seed, "explore", person)))

    def day(self, week: int) -> date:
        """The first day of a week."""
        return OPENS.date() + timedelta(weeks=week)


def _free(group: Group, seed: int) -> float:
    if group.capacity is None:
        return np.inf
    if group.capacity.available is not None:
        return float(group.capacity.available)
    drawn = float(uniform((), *key(seed, "group", f"free {group.group_id}")))
    return float(1 + int(drawn * max(1, group.capacity.maximum * 2 // 5)))


def built(seed: int, size: Size, reading: Reading, truth: Numbers | None = None) -> Town:
    """The town of this seed; a larger one has the same people first. Raises ValueError where more groups are asked for than are written."""
    written = len(written_groups())
    if not 0 < size.groups <= written:
        raise ValueError(f"the town has 1 to {written} groups, not {size.groups}")
    chosen = np.sort(np.argsort(uniform((written,), *key(seed, "town")), kind="stable")[: size.groups])
    every = town_groups(seed)
    groups = tuple(sorted((every[place] for place in chosen), key=lambda group: group.group_id))
    people = tuple(newcomer(index, seed, size.weeks) for index in range(size.people))
    settled = truth or numbers()
    return Town(
        seed,
        size,
        people,
        groups,
        Directory.of([reading.group(group) for group in groups]),
        tuple(reading.person(one.referral) for one in people),
        truth_of(people, groups, seed, settled),
        settled,
    )
