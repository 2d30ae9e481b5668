"""What would have put a match first: each changeable fact at its best, one at a time, and the model asked again.

Said only where the answer is yes: the changed match, and nothing else changed, scores above the first, or as high and comes before it
by its id. So what is said can be tried out by changing that one fact in the group's record. Where people are spread over groups, what counts
of both scores is compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.columns import FREE
from models.explain import Reason, ReasonCode
from models.features import NEWCOMERS_ENOUGH, Features, Values, nearness
from models.order import micros
from models.ranker import Ranker
from models.said import Flags, Said
from models.shown import Shown
from models.spreading import weighed

MOST: Final = 3
"""The most that is said of one match."""

RUNGS_KM: Final = (5.0, 2.0, 1.0)
"""Distances tried, the furthest first."""


@dataclass(frozen=True)
class Change:
    """One fact at its best, or better: where it could be changed, the features it would change, (p,), and the value it is told by."""

    code: ReasonCode
    where: Flags
    features: Values
    value: float | None = None


def would_improve(shown: Shown, ranker: Ranker) -> list[tuple[Reason, ...]]:
    """For each match, which single change would have put it first; nothing for the first itself."""
    said = Said(len(shown.rows))
    to_beat = shown.worth[shown.lead]
    rank = shown.directory.rank[shown.rows]
    wins_ties = rank < rank[shown.lead]
    below = shown.lead != np.arange(len(shown.rows))
    told: dict[ReasonCode, Flags] = {}
    changes = _changes(shown)
    for order, (change, score) in enumerate(zip(changes, micros(ranker.score(_asked_at_once(shown, changes))), strict=True)):
        worth = weighed(score, shown.counts[:, int(change.code == "if_place")])
        leads = below & change.where & ((worth > to_beat) | ((worth == to_beat) & wins_ties)) & ~told.get(change.code, ~below)
        told[change.code] = leads | told.get(change.code, ~below)
        if change.value is None:
            said.say(leads, -order, change.code)
        else:
            said.tell(leads, -order, change.code, np.full(len(leads), change.value))
    return said.by_match(MOST)


def _asked_at_once(shown: Shown, changes: Sequence[Change]) -> Features:
    """The features under each change, (changes, p), or (1, p) where no change touches them: the model is asked once, not once a change."""
    values: Values = {name: value[None, :] for name, value in shown.features.values.items()}
    for order, change in enumerate(changes):
        for name, changed in change.features.items():
            if len(values[name]) == 1:
                values[name] = np.repeat(values[name], len(changes), axis=0)
            values[name][order] = changed
    return Features(values)


def _changes(shown: Shown) -> list[Change]:
    facts, people, rows = shown.facts, shown.people, shown.rows
    best = np.ones(len(rows))
    pairs = shown.pairs
    no_times = shown.block.has_windows[people] & (shown.directory.sessions.count[rows] == 0)
    return [
        Change("if_place", facts.place != FREE, {"place": best}),
        Change("if_time", no_times, {"schedule": best, "rhythm": best}),
        Change("if_access", (pairs.access.stated[people] > 0) & ~facts.access_known, {"access": best}),
        Change("if_language", (pairs.languages.stated[people] > 0) & ~pairs.languages.told[rows], {"language": best}),
        Change("if_free", ~(facts.cost == 0), {"affordability": best}),
        *(_nearer(shown, km) for km in RUNGS_KM),
        Change("if_weekly", facts.every_weeks > 1, {"rhythm": best}),
        Change("if_newcomers", ~(facts.newcomers >= NEWCOMERS_ENOUGH), {"newcomers": best}, NEWCOMERS_ENOUGH),
    ]


def _nearer(shown: Shown, km: float) -> Change:
    usual = shown.block.usual_km[shown.people]
    from_home = np.where(shown.facts.in_person, km, np.minimum(km, usual))
    homeless = np.isnan(shown.block.homes.degrees[shown.people, 0])
    further = ~shown.facts.online & ~homeless & ~(shown.km <= km)
    return Change("if_nearer", further, {"nearness": nearness(from_home, usual)}, km)
