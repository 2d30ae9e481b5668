"""The matches to be shown, as flat arrays with one entry a match: what reasons and contrast are made from.

A block has tens of thousands of pairs and a few thousand matches; what costs more is done for the matches only.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.columns import Columns
from models.directory import Directory
from models.distance import EXACT_ENOUGH_KM, geodesic_km
from models.eligibility import Verdict
from models.features import Features
from models.pairs import Pairs
from models.spreading import weighed


@dataclass(frozen=True)
class Shown:
    """`people` and `rows` (p,) say whose match is which group, by person and then by rank; `score` (p,) is in millionths.

    `counts` (p, 2) is the part of each score that counts in the order, now and if a place were free, `best` (p,) the greatest score of all that the
    same person may be proposed.
    """

    block: Block
    directory: Directory
    pairs: Pairs
    verdict: Verdict
    today: date
    features: Features
    people: NDArray[np.intp]
    rows: NDArray[np.intp]
    score: NDArray[np.int64]
    counts: NDArray[np.float64]
    best: NDArray[np.int64]

    @cached_property
    def facts(self) -> Columns:
        """The facts of each match's group, (p,) each."""
        return self.directory.columns.taken(self.rows)

    @cached_property
    def worth(self) -> NDArray[np.int64]:
        """What counts of each score, (p,), in millionths: by it the matches are in order."""
        return weighed(self.score, self.counts[:, 0])

    @cached_property
    def lead(self) -> NDArray[np.intp]:
        """The index of the same person's first match, (p,)."""
        return np.searchsorted(self.people, self.people)

    @cached_property
    def km(self) -> NDArray[np.float64]:
        """Geodesic distances, (p,), NaN where unknown or online; within a metre below 200 km, geopy's own beyond."""
        km = self.at(self.pairs.km)
        for index in np.flatnonzero(km > EXACT_ENOUGH_KM):
            home = self.block.homes.degrees[self.people[index]]
            km[index] = geodesic_km((float(home[0]), float(home[1])), (float(self.facts.latitude[index]), float(self.facts.longitude[index])))
        return km

    def at(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The matches' entries of a (people, groups) matrix, (p,)."""
        return matrix[self.people, self.rows]
