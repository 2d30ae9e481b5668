"""The question and the answer as plain arrays: people with their candidate groups, and how many each group can take.

Worth is in whole millionths throughout, so that sums are exact and an answer can be compared with the bound that proves it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

NOBODY: Final = -1
"""The group of a person for whom there is no place."""

MILLION: Final = 1_000_000

MOST_PEOPLE: Final = 1_000_000
"""Up to so many all sums fit into 64 bits."""


@dataclass(frozen=True)
class Problem:
    """n people and g groups: person i may go to `groups[starts[i]:starts[i + 1]]`, each once, for these `worths` in millionths of 1.

    `starts` (n + 1,), `groups` and `worths` (m,), `capacity` (g,) places. Raises ValueError where a number cannot be.
    """

    starts: Whole
    groups: Whole
    worths: Whole
    capacity: Whole

    def __post_init__(self) -> None:
        if len(self) > MOST_PEOPLE:
            raise ValueError(f"at most {MOST_PEOPLE:,} people are placed at once, not {len(self):,}")
        if self.worths.size and not 0 <= self.worths.min() <= self.worths.max() <= MILLION:
            raise ValueError("a worth is a whole number of millionths from 0 to 1")
        if self.groups.size and not 0 <= self.groups.min() <= self.groups.max() < len(self.capacity):
            raise ValueError("a candidate is none of the groups")
        if self.capacity.size and self.capacity.min() < 0:
            raise ValueError("no group has fewer than no places")

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.starts) - 1

    @property
    def people(self) -> Whole:
        """Whose each candidate is, (m,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def worth_of(self, placed: Whole) -> int:
        """What everybody's group, (n,), comes to together, in millionths."""
        return int(self.worths[self.groups == placed[self.people]].sum())


@dataclass(frozen=True)
class Placing:
    """Everybody's group (n,), `NOBODY` for none; what that is worth, and what no placing can exceed, in millionths.

    `prices` (g,) are what a place costs others in expected second attendances: 0 where places stay free, and where there are none. The bound
    follows from them alone by weak duality: the sum of prices over all places, and of what each person's best group is worth above its price.
    """

    group: Whole
    worth: int
    bound: int
    prices: NDArray[np.float64]

    @property
    def gap(self) -> float:
        """The most by which it may fall short of the best placing, as a share of it."""
        return (self.bound - self.worth) / self.bound if self.bound else 0.0
