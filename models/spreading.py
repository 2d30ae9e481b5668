"""How much of a group's score counts while people are spread over groups: less, the more of its places were given away lately.

So of two groups that fit somebody about as well the one comes first whose places fewer others took, and a full one comes late, because few
of those who wait get in. Nothing is ruled out by it, and a score stays what the ranker said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_DAYS: Final = 91
"""After a quarter a place that was given counts half."""

WAITING: Final = 0.1
"""The part of a score that counts where no place is free: in made-up towns one in eight of those who waited got in (docs/adr/0011)."""

STRENGTH: Final = 0.5
"""The strength that was chosen on made-up towns (docs/adr/0011)."""


def faded(given: float, days: float) -> float:
    """What so many places given come to so many days later; a day before they were given changes nothing."""
    return float(given * 0.5 ** (max(days, 0.0) / HALF_LIFE_DAYS))


class Counts(NamedTuple):
    """The part of a group's score that counts, above 0 and at most 1: as things are, and at the least if a place were free."""

    now: float = 1.0
    with_a_place: float = 1.0


ALL: Final = Counts()


def counted(strength: float, given: float, free: float | None) -> Counts:
    """What counts with this strength (0 to 1), by the places given lately and those free, None where there is no limit.

    Raises ValueError where the strength is none.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"people are spread with a strength from 0 to 1, not {strength}")
    if free is None:
        return Counts(1.0, 1 - strength * given / (given + 1))
    return Counts(1 - strength * given / (given + free) if free > 0 else WAITING, 1 - strength * given / (given + 1))


def weighed(scores: NDArray[np.int64], counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """What counts of scores in millionths, in millionths too; of the shape that both come to."""
    return np.rint(scores * counts).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Spread:
    """`counts` is by group what counts of its score; of a group that is not in it, all."""

    counts: Mapping[str, Counts] = field(default_factory=dict)

    def of(self, group_ids: NDArray[np.object_]) -> NDArray[np.float64]:
        """What counts of these groups, (n, 2), now and if a place were free."""
        if not self.counts:
            return np.ones((len(group_ids), len(ALL)))
        return np.array([self.counts.get(group_id, ALL) for group_id in group_ids], np.float64).reshape(-1, len(ALL))


EVENLY: Final = Spread()
"""All of every score counts."""
