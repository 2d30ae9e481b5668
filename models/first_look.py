"""The first look over a large directory: for one person, every group in reach, and the few of them that are worth the ranker's own look.

Hard rules are bitmaps here, and the prior's score comes out of tables with a bound of how far off it may be. So every group is counted under its
first rule, and no group is left out that the prior might rank among its best: to the prior the answer is exact, counts and near misses included.
A ranker that learned takes this look itself, by the same tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.features import Values
from models.inverse import Rows
from models.masks import Flags
from models.neighbourhood import Box, Ground
from models.order import PREFERRED, RANK_BITS, micros
from models.prior import probability
from models.ranker import Ranker
from models.reach import ReachDefaults, lies_around
from models.spreading import EVENLY, Spread, weighed
from models.view import View
from schemas.proposal import RULES, Rule

FOREMOST: Final = 200
"""So many eligible groups are left for the second look of a ranker that learned (ADR 13); to the prior no more than are shown, and some."""

MISSES: Final = 20
"""And so many that one rule alone keeps out."""

AT_ONCE: Final = 8_192
"""Groups that a ranker which learned looks at in one go, so that what is in hand stays in the processor's cache."""

Scores = NDArray[np.int64]
Worth = tuple[Rows, Flags, Scores, Scores]
"""Groups by their rows in the directory, which are out of reach, and the least and the greatest that each one's score may be, in millionths."""


@dataclass(frozen=True)
class Looking:
    """What is looked at, on which day, for which ranker, how many eligible groups are left for its second look, and how people are spread."""

    grounds: Sequence[Ground]
    now: Directory
    ranker: Ranker
    today: date
    reach: ReachDefaults
    most: int
    spread: Spread = EVENLY


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
    both = list(zip(views, beyond, strict=True))
    best = [_foremost(looking, _together([_eligible(looking, *one) for one in both]))]
    best.append(_best(looking, _together([_near_misses(looking, *one) for one in both]), MISSES))
    rows, away = (np.concatenate(parts) for parts in zip(*best, strict=True))
    counts = [view.counts(away) for view, away in both]
    ruled_out = {rule: count for rule in RULES if (count := sum(each.get(rule, 0) for each in counts))}
    return Found(rows, away, limit, ruled_out)


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


def _eligible(looking: Looking, view: View, beyond: Flags) -> Worth:
    """To a ranker that learned they are foremost by what it says of them itself, but for the texts, which are not read to the last digit."""
    found = np.flatnonzero(view.open & ~beyond)
    if looking.ranker.is_additive:
        return _by_the_prior(looking, view, found, beyond)
    afar = looking.ranker.told_from_afar(view.seeker, looking.now)
    score = np.concatenate([_guessed(looking, view, found[low : low + AT_ONCE], afar) for low in range(0, max(1, len(found)), AT_ONCE)])
    return view.ground.globally(view.rows[found]), beyond[found], score, score


def _guessed(looking: Looking, view: View, found: Rows, afar: Callable[[Rows], Values]) -> Scores:
    return micros(looking.ranker.score(view.seen(found).joined(afar(view.ground.globally(view.rows[found])))))


def _by_the_prior(looking: Looking, view: View, found: Rows, beyond: Flags) -> Worth:
    sums, off = view.sums(found, looking.ranker.rough)
    low, high = (micros(probability(sums + step)) for step in (-off, off))
    return view.ground.globally(view.rows[found]), beyond[found], low, high


def _near_misses(looking: Looking, view: View, beyond: Flags) -> Worth:
    """The groups that one rule alone keeps out, by the prior, first those about which something can be done."""
    found = np.flatnonzero(np.where(beyond, view.open, view.one_broken) & ~view.far)
    rows, away, low, high = _by_the_prior(looking, view, found, beyond)
    rather = (~view.final[found]).astype(np.int64) << PREFERRED - RANK_BITS
    return rows, away, low + rather, high + rather


def _together(worth: Sequence[Worth]) -> Worth:
    rows, away, low, high = (np.concatenate(parts) for parts in zip(*worth, strict=True))
    return rows, away, low, high


def _foremost(looking: Looking, eligible: Worth) -> tuple[Rows, Flags]:
    """By what counts of their scores, where people are spread over groups; and the one with the greatest score, by which the others are measured."""
    if not looking.spread.counts:
        return _best(looking, eligible, looking.most)
    rows, away, low, high = eligible
    counts = looking.spread.of(looking.now.columns.ids[rows])[:, 0]
    kept = [_best(looking, (rows, away, weighed(low, counts), weighed(high, counts)), looking.most), _best(looking, eligible, 1)]
    both = np.unique(np.concatenate([found for found, _ in kept]))
    return both, np.zeros(len(both), np.bool_)


def _best(looking: Looking, worth: Worth, most: int) -> tuple[Rows, Flags]:
    """Those that may be among the `most` that come first, and which of them are out of reach."""
    rows, away, low, high = worth
    if len(rows) <= most:
        return rows, away
    least, greatest = (((score + 1) << RANK_BITS) - looking.now.rank[rows] for score in (low, high))
    kept = np.flatnonzero(greatest >= np.partition(least, len(rows) - most)[len(rows) - most])
    return rows[kept], away[kept]
