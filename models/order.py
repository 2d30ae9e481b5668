"""The order of a person's groups as whole numbers, all different: by score in millionths, then by group id.

So nothing below a millionth decides an order, ties have one answer, and the best few are found without sorting the rest.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory
from models.said import Flags

MICRO: Final = 1_000_000
RANK_BITS: Final = 32
"""The low bits of a key hold the place in the order of group ids, the next ones the score."""

PREFERRED: Final = 60
"""This bit of a key puts a pair before all others."""


def micros(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Probabilities as whole millionths."""
    return np.rint(probabilities * MICRO).astype(np.int64)


@dataclass(frozen=True)
class Order:
    """The keys of all pairs, (people, groups), above 0 and greater for what comes earlier."""

    keys: NDArray[np.int64]
    directory: Directory

    @classmethod
    def of(cls, score: NDArray[np.int64], directory: Directory) -> "Order":
        """The order by these scores in millionths."""
        return cls(((score + 1) << RANK_BITS) - directory.rank, directory)

    def best(self, among: Flags, most: int, rather: Flags | None = None) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
        """The best pairs of each person: people, rows and scores, (p,) each, those in `rather` before all others."""
        keys = np.where(among, self.keys, -1 - self.directory.rank)  # all different, because equal keys make `partition` slow
        if rather is not None:
            keys += rather.astype(np.int64) << PREFERRED
        first = max(0, keys.shape[1] - most)
        found = np.sort(np.partition(keys, first, axis=1)[:, first:], axis=1)[:, ::-1]
        people, place = np.nonzero(found > 0)
        key = found[people, place] & ((1 << PREFERRED) - 1)
        rank = -key & ((1 << RANK_BITS) - 1)
        return people, self.directory.row_of_rank[rank], ((key + rank) >> RANK_BITS) - 1
