"""Which part of the directory is looked at for whom: all of it where it is small, else what a first look found to be worth it.

The groups left out are no match and no near miss: they lie beyond twice the reach, or a first look found enough better ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.eligibility import FAR
from models.features import Features
from models.first_look import MISSES, NEAREST, Looking, look
from models.masks import Flags
from models.neighbourhood import Box, grounds, laid_out
from models.ranker import Ranker
from models.reach import ReachDefaults, Reached
from models.seeker import Seeker
from models.spreading import Spread
from schemas.proposal import Rule

LARGE: Final = 4_096
"""From so many rows on a part is worth it."""

FURTHEST_KM: Final = 500.0
"""Who goes further is taken for somebody who goes anywhere."""

CELLS: Final = 1 << 16
"""People x groups (or sessions) worked on at a time."""


@dataclass(frozen=True)
class Told:
    """Of single pairs the scores in millionths, (p,), and all that the ranker saw of them, (p, inputs); `which` (r, n) of them each pair is."""

    which: NDArray[np.intp]
    score: NDArray[np.int64]
    seen: NDArray[np.float64]

    def at(self, people: NDArray[np.intp], rows: NDArray[np.intp]) -> Features:
        """The features of some of the pairs, (p,) each."""
        return Features.of_rows(self.seen[self.which[people, rows]])


@dataclass(frozen=True)
class Part:
    """These people, by their index, as a block, and the directory that concerns them.

    Of a part of a directory, `seen` (r, n) is which groups of it are looked at for whom, `reached` how far each person goes, and `ruled_out` (r,)
    how many groups of the whole directory each rule keeps from them. A ranker that learned has `told` already what it makes of these groups.
    """

    people: list[int]
    block: Block
    directory: Directory
    seen: Flags | np.bool_ = np.True_
    reached: Reached | None = None
    ruled_out: Sequence[dict[Rule, int]] = ()
    told: Told | None = None


def parts(
    asked: Sequence[int],
    seekers: Sequence[Seeker],
    directory: Directory,
    ranker: Ranker,
    today: date,
    reach: ReachDefaults,
    top: int,
    spread: Spread,
) -> Iterator[Part]:
    """Everybody who is asked about, once, in parts of few enough cells; of a large directory the `top` foremost groups at the least."""
    if len(directory.gone) < LARGE:
        size = max(1, CELLS // max(1, len(directory.gone), len(directory.sessions.start)))
        looking = None
    else:
        size = max(1, isqrt(CELLS // (top + (MISSES if ranker.is_additive else NEAREST))))
        looking = Looking(grounds(directory), directory, ranker, today, reach, top, spread)
    for low in range(0, len(asked), size):
        some = list(asked[low : low + size])
        block = Block.of([seekers[index] for index in some], reach)
        yield Part(some, block, directory) if looking is None else _part(looking, some, block)


def _part(looking: Looking, people: list[int], block: Block) -> Part:
    found = [look(looking, block, person, _box(seeker, looking.reach)) for person, seeker in enumerate(block.people)]
    groups = found[0].groups.together(*(one.groups for one in found[1:]))
    rows, place = np.unique(groups.rows, return_inverse=True)
    pairs = np.repeat(np.arange(len(found)), [len(one.groups.rows) for one in found]), place
    which = np.zeros((len(found), len(rows)), np.intp)
    seen, beyond = np.zeros((2, *which.shape), np.bool_)
    seen[pairs], beyond[pairs], which[pairs] = True, groups.away, np.arange(len(place))
    part = laid_out(looking.now).part(looking.now, rows)
    reached = Reached(np.array([one.limit for one in found]), beyond)
    told = None if looking.ranker.is_additive else Told(which, groups.low, groups.seen)
    return Part(people, block, part, seen, reached, [one.ruled_out for one in found], told)


def _box(seeker: Seeker, reach: ReachDefaults) -> Box | None:
    """Where to look for the groups that are near enough to be told of; None for everywhere."""
    needs, limit = seeker.needs, reach.limit_km(seeker.needs.travel)
    if needs.latitude is None or needs.longitude is None or limit > FURTHEST_KM:
        return None
    home = Box(needs.latitude, needs.latitude, needs.longitude, needs.longitude)
    return home.grown(limit * max(FAR, *reach.widened) * 1.001 + 0.1)
