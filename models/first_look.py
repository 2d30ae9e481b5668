"""The first look over a large directory: for one person, every group in reach, and the few of them that are worth the ranker's own look.

Hard rules are bitmaps here, and the prior's score comes out of tables with a bound of how far off it may be. So every group is counted under its
first rule, and no group is left out that the prior might rank among its best: to the prior the answer is exact, counts and near misses included.
A ranker that learned takes this look itself, by the same tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.features import INPUTS, Features, Values
from models.inverse import Rows
from models.masks import Flags
from models.neighbourhood import Box, Ground, laid_out
from models.order import PREFERRED, RANK_BITS, micros
from models.prior import probability
from models.ranker import Ranker
from models.reach import ReachDefaults, lies_around
from models.spreading import EVENLY, Spread, weighed
from models.view import AT_ONCE, View
from schemas.proposal import RULES, Rule

FOREMOST: Final = 200
"""So many eligible groups are left for the second look of a ranker that learned (ADR 13); to the prior no more than are shown, and some."""

MISSES: Final = 20
"""And so many that one rule alone keeps out."""

NEAREST: Final = 3
"""The most groups told that one rule alone keeps out."""

Scores = NDArray[np.int64]
Afar = Callable[[Rows], Values]


class Worth(NamedTuple):
    """Groups by their rows in the directory, (m,), and of each in which view it is seen, at which place, and whether it is out of reach.

    Its score in millionths lies between `low` and `high`; `rather` is above 0 for those that come before all others. `seen` (m, inputs) are all
    features and signals of those of which the ranker was told everything, else (m, 0).
    """

    rows: Rows
    view: Rows
    place: Rows
    away: Flags
    low: Scores
    high: Scores
    rather: Scores
    seen: NDArray[np.float64]

    def at(self, kept: Rows) -> "Worth":
        """Some of them."""
        return Worth._make(part[kept] for part in self)

    def together(self, *others: "Worth") -> "Worth":
        """These and others."""
        return Worth._make(np.concatenate(parts) for parts in zip(self, *others, strict=True))


@dataclass(frozen=True)
class Looking:
    """What is looked at, on which day, for which ranker, how many groups are to be shown at the most, and how people are spread."""

    grounds: Sequence[Ground]
    now: Directory
    ranker: Ranker
    today: date
    reach: ReachDefaults
    top: int
    spread: Spread = EVENLY


@dataclass(frozen=True)
class Found:
    """Of one person: the groups that may be shown, the reach in km, and what each rule keeps out in all."""

    groups: Worth
    limit: float
    ruled_out: dict[Rule, int]


def look(looking: Looking, block: Block, person: int, box: Box | None) -> Found:
    """Looks for a person of a block at all groups in a box around their home, or everywhere, and in either case at those in everyone's reach."""
    views = [View(ground, block, person, box, looking.today) for ground in looking.grounds]
    limit, beyond = _reached(looking, views, block, person)
    kept = (_by_the_prior if looking.ranker.is_additive else _by_what_was_learned)(looking, views, beyond)
    counts = [view.counts(away) for view, away in zip(views, beyond, strict=True)]
    ruled_out = {rule: count for rule in RULES if (count := sum(each.get(rule, 0) for each in counts))}
    return Found(kept, limit, ruled_out)


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


def _by_the_prior(looking: Looking, views: Sequence[View], beyond: Sequence[Flags]) -> Worth:
    """The eligible groups that may be foremost, and the near misses."""
    eligible = [_roughly(looking, number, view, view.open & ~away, away) for number, (view, away) in enumerate(zip(views, beyond, strict=True))]
    return _foremost(looking, eligible[0].together(*eligible[1:]), looking.top).together(_near_misses(looking, views, beyond))


def _by_what_was_learned(looking: Looking, views: Sequence[View], beyond: Sequence[Flags]) -> Worth:
    """The same to a ranker that learned: by what it says itself, first of all, with texts that are not read to the last digit, then of the best."""
    afar = looking.ranker.told_from_afar(views[0].seeker, looking.now)
    eligible = [_guessed(looking, number, view, away, afar) for number, (view, away) in enumerate(zip(views, beyond, strict=True))]
    most = max(looking.top, FOREMOST)
    best, misses = _foremost(looking, eligible[0].together(*eligible[1:]), most), _near_misses(looking, views, beyond)
    told = _told(looking, views, best.together(misses), afar)
    return _foremost(looking, told.at(np.arange(len(best.rows))), looking.top).together(
        _best(looking, told.at(np.arange(len(best.rows), len(told.rows))), NEAREST)
    )


def _worth(number: int, view: View, found: Rows, away: Flags, low: Scores, high: Scores) -> Worth:
    rows, rather, seen = view.ground.globally(view.rows[found]), np.zeros(len(found), np.int64), np.zeros((len(found), 0))
    return Worth(rows, np.full(len(found), number), found, away[found], low, high, rather, seen)


def _guessed(looking: Looking, number: int, view: View, away: Flags, afar: Afar) -> Worth:
    """Every eligible group."""
    found = np.flatnonzero(view.open & ~away)
    rows = view.ground.globally(view.rows[found])
    chunks = [slice(low, low + AT_ONCE) for low in range(0, max(1, len(found)), AT_ONCE)]
    score = np.concatenate([micros(looking.ranker.score(view.seen(found[some], afar(rows[some])))) for some in chunks])
    return _worth(number, view, found, away, score, score)


def _told(looking: Looking, views: Sequence[View], worth: Worth, afar: Afar) -> Worth:
    """What the ranker says of a few groups with all that it sees."""
    seen = np.empty((len(worth.rows), len(INPUTS)))
    for number, view in enumerate(views):
        some = worth.view == number
        rows = worth.rows[some]
        compared = looking.ranker.compared(view.seeker, looking.now, rows, partial(laid_out(looking.now).codes, looking.now, rows))
        seen[some] = view.seen(worth.place[some], afar(rows) | view.compared(worth.place[some]) | compared).rows[0]
    score = micros(looking.ranker.score(Features.of_rows(seen)))
    return worth._replace(low=score, high=score, seen=seen)


def _roughly(looking: Looking, number: int, view: View, among: Flags, away: Flags) -> Worth:
    """What the prior makes of groups, as near as texts are read."""
    found = np.flatnonzero(among)
    sums, off = view.sums(found, looking.ranker.rough)
    low, high = (micros(probability(sums + step)) for step in (-off, off))
    return _worth(number, view, found, away, low, high)


def _near_misses(looking: Looking, views: Sequence[View], beyond: Sequence[Flags]) -> Worth:
    """The groups that one rule alone keeps out, by the prior, first those about which something can be done."""
    found = []
    for number, (view, away) in enumerate(zip(views, beyond, strict=True)):
        worth = _roughly(looking, number, view, np.where(away, view.open, view.one_broken) & ~view.far, away)
        found.append(worth._replace(rather=(~view.final[worth.place]).astype(np.int64)))
    return _best(looking, found[0].together(*found[1:]), MISSES)


def _foremost(looking: Looking, eligible: Worth, most: int) -> Worth:
    """By what counts of their scores, where people are spread over groups; and the one with the greatest score, by which the others are measured."""
    if not looking.spread.counts:
        return _best(looking, eligible, most)
    counts = looking.spread.of(looking.now.columns.ids[eligible.rows])[:, 0]
    counted = eligible._replace(low=weighed(eligible.low, counts), high=weighed(eligible.high, counts))
    return eligible.at(np.union1d(_foremost_of(looking, counted, most), _foremost_of(looking, eligible, 1)))


def _best(looking: Looking, worth: Worth, most: int) -> Worth:
    return worth.at(_foremost_of(looking, worth, most)) if len(worth.rows) > most else worth


def _foremost_of(looking: Looking, worth: Worth, most: int) -> Rows:
    """The places of those that may be among the `most` that come first."""
    if len(worth.rows) <= most:
        return np.arange(len(worth.rows))
    before = (worth.rather << PREFERRED) - looking.now.rank[worth.rows]
    least, greatest = (((score + 1) << RANK_BITS) + before for score in (worth.low, worth.high))
    return np.flatnonzero(greatest >= np.partition(least, len(least) - most)[len(least) - most])
