"""The first look over a large directory: for one person, every group in reach, and the few of them that are worth the ranker's own look.

Hard rules are bitmaps here, and the prior's score comes out of tables with a bound of how far off it may be. So every group is counted under its
first rule, and no group is left out that the prior might rank among its best: to the prior the answer is exact, counts and near misses included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.inverse import Rows
from models.masks import Flags
from models.neighbourhood import Box, Ground
from models.order import PREFERRED, RANK_BITS, micros
from models.prior import Prior, probability
from models.reach import ReachDefaults, lies_around
from models.view import View
from schemas.proposal import RULES, Rule

FOREMOST: Final = 1_000
"""So many eligible groups are left to a ranker that the prior is no more than a first guess of (ADR 13)."""

MISSES: Final = 20
"""And so many that one rule alone keeps out."""

Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Looking:
    """What is looked at, on which day, the prior by which a first look goes, and how many eligible groups are left to the ranker."""

    grounds: Sequence[Ground]
    now: Directory
    prior: Prior
    today: date
    reach: ReachDefaults
    most: int


@dataclass(frozen=True)
class Found:
    """Of one person: the rows worth another look (m,), which of them are out of reach, the reach in km, and what each rule keeps out in all."""

    rows: Rows
    beyond: Flags
    limit: float
    ruled_out: dict[Rule, int]


def look(looking: Looking, block: Block, person: int, box: Box | None) -> Found:
    """Looks for a person of a block at all groups in a box around their home, or everywhere, and in either case at those in everyone's reach."""
    views = [View(ground, block, person, box, looking.today) for ground in looking.grounds]
    limit, beyond = _reached(looking, views, block, person)
    best = [_worth_a_look(looking, view, away) for view, away in zip(views, beyond, strict=True)]
    rows, away, low, high, eligible, rather = (np.concatenate([part[which] for part in best]) for which in range(6))
    kept = np.concatenate([_foremost(low, high, eligible, looking.most), _foremost(low, high, ~eligible, MISSES, rather)])
    counts = [view.counts(away) for view, away in zip(views, beyond, strict=True)]
    return Found(rows[kept], away[kept], limit, {rule: count for rule in RULES if (count := sum(each.get(rule, 0) for each in counts))})


def _reached(looking: Looking, views: Sequence[View], block: Block, person: int) -> tuple[float, list[Flags]]:
    """How far the person goes, and which groups of each view are beyond that; widened, where it may be, while too few eligible groups are left."""
    own = float(block.homes.limit[person])
    limited, may_widen = bool(block.homes.limited[person]), bool(block.widens[person])
    limit, beyond = own, _beyond(looking, views, own, limited)
    for factor in looking.reach.widened if limited and may_widen else ():
        if sum(int((view.open & ~away).sum()) for view, away in zip(views, beyond, strict=True)) < looking.reach.enough:
            limit = own * factor
            beyond = _beyond(looking, views, limit, limited)
    return limit, beyond


def _beyond(looking: Looking, views: Sequence[View], limit: float, limited: bool) -> list[Flags]:
    if not limited:
        return [np.zeros(len(view.rows), np.bool_) for view in views]
    feeds = {feed for view in views for feed in view.feeds_of_strays}
    located = looking.now.located_by_feed
    around = [feed for feed in feeds if lies_around(np.array(sum(view.within(feed, limit) for view in views)), located.get(feed, 0))]
    return [view.beyond(limit, around) for view in views]


def _worth_a_look(looking: Looking, view: View, beyond: Flags) -> tuple[NDArray[np.generic], ...]:
    """The groups that are eligible or that one rule alone keeps out, near enough: rows of the directory, beyond reach or not, the least and the
    greatest key that each may have in the order of the prior, eligible or not, and of the latter those about which something can be done.
    """
    eligible = view.open & ~beyond
    one = np.where(beyond, view.open, view.one_broken) & ~view.far
    found = np.flatnonzero(eligible | one)
    rows = view.ground.globally(view.rows[found])
    sums, off = view.sums(found, looking.prior)
    low, high = (((micros(probability(sums + step)) + 1) << RANK_BITS) - looking.now.rank[rows] for step in (-off, off))
    return rows, beyond[found], low, high, eligible[found], ~view.final[found]


def _foremost(low: Keys, high: Keys, among: Flags, most: int, rather: Flags | None = None) -> Rows:
    """Where those are that may be among the `most` with the greatest keys, those in `rather` before all others."""
    found = np.flatnonzero(among)
    if len(found) <= most:
        return found
    first = 0 if rather is None else rather[found].astype(np.int64) << PREFERRED
    least = np.partition(low[found] + first, len(found) - most)[len(found) - most]
    return np.asarray(found[high[found] + first >= least])
