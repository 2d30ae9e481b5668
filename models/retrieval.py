"""Which part of the directory is looked at for whom: all of it where it is small, else what is near and the best of what distance cannot rule out.

Who lives in one cell and goes about equally far shares a part. The groups left out are no match and no near miss, and only counted, rule by
rule: they lie beyond twice the reach, or a first look found two thousand better ones.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log2
from typing import Final

import numpy as np

from models.block import Block
from models.directory import Directory
from models.eligibility import FAR
from models.first_look import Looking, counts, foremost
from models.inverse import Rows
from models.masks import Bits, Flags, packed
from models.neighbourhood import CELL, Box, laid_out
from models.prior import Prior
from models.reach import ReachDefaults
from models.seeker import Seeker
from schemas.proposal import RULES, Rule

LARGE: Final = 4_096
"""From so many rows on a part is worth it."""

FURTHEST_KM: Final = 500.0
"""Who goes further is taken for somebody who goes anywhere."""

CELLS: Final = 1 << 16
"""People x groups (or sessions) worked on at a time."""

TOGETHER: Final = 16
"""The most people who share a part of a large directory."""

Home = tuple[float, float, float]
"""South and west of the cell of somebody's home, and a bound of how far they go, in km."""


@dataclass(frozen=True)
class Part:
    """These people, by their index, as a block, and the directory that concerns them; `counted` (r,) are the groups left out of it, by rule.

    `seen`, (r, n) or one for all, is which groups of it are looked at for whom.
    """

    people: list[int]
    block: Block
    directory: Directory
    seen: Flags | np.bool_
    counted: Sequence[dict[Rule, int]] = ()

    def ruled_out(self, here: Sequence[dict[Rule, int]]) -> list[dict[Rule, int]]:
        """How many groups each rule keeps from each person of the block, those left out included."""
        if not self.counted:
            return list(here)
        both = zip(here, self.counted, strict=True)
        return [{rule: count for rule in RULES if (count := one.get(rule, 0) + other.get(rule, 0))} for one, other in both]


def parts(asked: Sequence[int], seekers: Sequence[Seeker], directory: Directory, prior: Prior, today: date, reach: ReachDefaults) -> Iterator[Part]:
    """Everybody who is asked about, once, in parts of few enough cells."""
    if len(directory.gone) < LARGE:
        size = max(1, CELLS // max(1, len(directory.gone), len(directory.sessions.start)))
        for low in range(0, len(asked), size):
            some = list(asked[low : low + size])
            yield Part(some, Block.of([seekers[index] for index in some], reach), directory, np.True_)
        return
    looking = Looking(laid_out(directory), directory, prior, today)
    homes: dict[Home | None, list[int]] = defaultdict(list)
    for index in asked:
        homes[_home(seekers[index], reach)].append(index)
    for home, people in homes.items():
        for low in range(0, len(people), TOGETHER):
            some = people[low : low + TOGETHER]
            yield _part(looking, home, some, Block.of([seekers[index] for index in some], reach), reach)


def _home(seeker: Seeker, reach: ReachDefaults) -> Home | None:
    """Where and how far; None where there is no telling."""
    needs, limit = seeker.needs, reach.limit_km(seeker.needs.travel)
    if needs.latitude is None or needs.longitude is None or limit > FURTHEST_KM:
        return None
    return float(np.floor(needs.latitude / CELL) * CELL), float(np.floor(needs.longitude / CELL) * CELL), 2.0 ** ceil(log2(max(limit, 1.0)))


def _part(looking: Looking, home: Home | None, people: list[int], block: Block, reach: ReachDefaults) -> Part:
    around, now = looking.laid_out, looking.now
    among = around.anything if home is None else around.everywhere
    best = foremost(looking, among, block)
    near = [around.since(now) if home is None else around.strays(now), _near(looking, home, reach), _been_to(looking, block)]
    flags = np.zeros(len(now.gone), np.bool_)
    flags[np.concatenate([*near, *best])] = True
    rows = np.flatnonzero(flags & ~now.gone)
    part = around.part(now, rows, wording=any(been.sessions for seeker in block.people for been in seeker.needs.attended))
    left: Bits = packed(~(flags | now.gone)[: around.covered])
    beyond = packed(around.on_the_map & (home is not None))
    return Part(people, block, part, _seen(rows, near, best), [counts(looking, left, beyond, block, person) for person in range(len(people))])


def _near(looking: Looking, home: Home | None, reach: ReachDefaults) -> Rows:
    if home is None:
        return np.zeros(0, np.intp)
    south, west, limit = home
    return looking.laid_out.near(Box(south, south + CELL, west, west + CELL).grown(limit * max(FAR, *reach.widened) * 1.001 + 0.1))


def _been_to(looking: Looking, block: Block) -> Rows:
    """The rows of the groups that these people have been to, which tell of their taste wherever they are."""
    been = {group.group_id for seeker in block.people for group in seeker.needs.attended}
    return np.array([looking.now.rows[group_id] for group_id in been if group_id in looking.now.rows], np.intp)


def _seen(rows: Rows, near: Sequence[Rows], best: Sequence[Rows]) -> Flags:
    """A group that somebody has been to is looked at for those alone for whom it is near or among the best."""
    seen = np.zeros((len(best), len(rows)), np.bool_)
    seen[:] = np.isin(rows, np.concatenate(near[:2]))
    for person, mine in enumerate(best):
        seen[person] |= np.isin(rows, mine)
    return seen
