"""Who holds a place and who waits for one, in one town under one policy."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.columns import free_places, offered
from models.simulation.town import Town
from models.spreading import faded

KEPT_FOR_NOBODY: Final = 2
"""Weeks after which a place is given back by who never came."""

KEPT_AFTER_ONCE: Final = 4
"""Weeks after which it is given back by who came once and not again."""

_DAYS_A_WEEK: Final = 7

Waiting = tuple[int, int]
"""A person, and the week since which they wait."""


@dataclass
class Places:
    """Free places by group, (n,), and who waits; infinite places are never short. `given` (n,) are the places given, which fade by the week."""

    town: Town
    free: NDArray[np.float64] = field(init=False)
    given: NDArray[np.float64] = field(init=False)
    _waiting: dict[int, deque[Waiting]] = field(init=False, default_factory=lambda: defaultdict(deque))
    _given_back: dict[int, list[int]] = field(init=False, default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.free = self.town.free.copy()
        self.given = np.zeros(len(self.free))

    def known_free(self) -> NDArray[np.float64]:
        """The places free as far as the directory knows, (n,): those of its record, less what was given since and not given back."""
        records = np.array([np.inf if group.capacity is None else free_places(group.capacity) for group in self.town.groups])
        taken = np.where(np.isinf(records), 0.0, np.nan_to_num(self.town.free, posinf=0.0) - np.nan_to_num(self.free, posinf=0.0))
        return np.where(self.free > 0, records - taken, 0.0)

    def states(self) -> dict[str, int]:
        """What each group offers now: a free place, a waiting list or nothing; groups that take whoever comes are left out."""
        limited = ((group, self.free[row]) for row, group in enumerate(self.town.groups) if group.capacity is not None)
        return {group.group_id: offered(int(free), bool(group.capacity and group.capacity.waitlist)) for group, free in limited}

    def takes(self, row: int) -> bool:
        """Whether a group takes or lists somebody now."""
        capacity = self.town.groups[row].capacity
        return self.free[row] > 0 or (capacity is not None and capacity.waitlist)

    def ask(self, row: int, person: int, week: int) -> bool:
        """A place is asked for: True where it is held, False where the person waits."""
        if self.free[row] <= 0:
            self._waiting[row].append((person, week))
            return False
        self.free[row] -= 1
        return True

    def given_back(self, row: int, week: int, sessions: int) -> None:
        """Whoever came so often gives the place back in time, or stays."""
        if sessions < 2:
            self._given_back[week + (KEPT_AFTER_ONCE if sessions else KEPT_FOR_NOBODY)].append(row)

    def moved_up(self, week: int) -> Iterator[tuple[int, Waiting]]:
        """Gives back what is due in this week, and gives it to whoever waits longest: the group, and who it is. What was given before fades."""
        self.given *= faded(1.0, _DAYS_A_WEEK)
        for row in self._given_back.pop(week, []):
            self.free[row] += 1
        for row in sorted(self._waiting):
            while self._waiting[row] and self.free[row] > 0:
                self.free[row] -= 1
                yield row, self._waiting[row].popleft()
