"""What came of a policy in one town, as counts, and the measures that such counts of several towns come to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.evaluation.judging import belongs_to
from models.simulation.living import Story
from models.simulation.town import Town
from schemas.referral import Referral

Measure = Literal[
    "second",  # people of a hundred who came a second time
    "first",  # people of a hundred who came at all
    "regret",  # people of a hundred fewer who came a second time than under the oracle
    "coverage",  # share of the groups still meeting that somebody was given a place in
    "gini",  # how unevenly places given are spread over those groups: 0 all alike, 1 all in one
    "worst_off",  # people of a hundred who came a second time, in the group of people where they are fewest
    "unplaced",  # people of a hundred who were never given a place
]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)

FEWEST: Final = 50
"""A group of people smaller than this in all towns together is not judged: its share would be chance."""


@dataclass(frozen=True)
class Outcome:
    """One policy in one town. `groups` gives of each group of people its number and how many came a second time; `placed` (m,) counts the
    places given in each group that met during all the town's weeks, `ends` the stories by their end.
    """

    people: int
    first: int
    second: int
    unplaced: int
    placed: NDArray[np.int64]
    groups: Mapping[str, tuple[int, int]]
    ends: Mapping[str, int]


def groups_of_people(referral: Referral) -> list[str]:
    """The groups of people that somebody belongs to: how they travel, their age band, their language."""
    english = any(tag.lower().startswith("en") for tag in referral.languages)
    silent = ["says nothing of travel"] if referral.travel is None else []
    mode = None if referral.travel is None else referral.travel.mode
    return [*silent, *belongs_to(mode, referral.age), "speaks English" if english else "speaks no English"]


def outcome_of(town: Town, stories: Sequence[Story]) -> Outcome:
    """The counts of these stories, those of every person of the town."""
    given = np.zeros(len(town.groups), np.int64)
    groups: dict[str, tuple[int, int]] = {}
    for story in stories:
        if story.placed_in is not None and story.agreed is not None:
            given[story.agreed] += 1
        for name in groups_of_people(town.newcomers[story.person].referral):
            number, second = groups.get(name, (0, 0))
            groups[name] = number + 1, second + (story.sessions > 1)
    return Outcome(
        people=len(stories),
        first=sum(story.sessions > 0 for story in stories),
        second=sum(story.sessions > 1 for story in stories),
        unplaced=sum(story.placed_in is None for story in stories),
        placed=given[town.truth.ends > town.size.weeks],
        groups=groups,
        ends=Counter(story.end for story in stories),
    )


def by_group_of_people(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, float]]:
    """Of each group of people in all towns together: how many, and how many of a hundred came a second time; none of fewer than `FEWEST`."""
    totals: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        for name, (number, second) in outcome.groups.items():
            before = totals.get(name, (0, 0))
            totals[name] = before[0] + number, before[1] + second
    return {name: (number, 100 * second / number) for name, (number, second) in sorted(totals.items()) if number >= FEWEST}


def gini(counts: NDArray[np.int64]) -> float:
    """The Gini coefficient of counts of at least 0; 0 where all are 0."""
    if not counts.sum():
        return 0.0
    ranked, n = np.sort(counts), len(counts)
    return float((2 * (np.arange(1, n + 1) * ranked).sum() / ranked.sum() - n - 1) / n)


def _of_a_hundred(count: Callable[[Outcome], int]) -> Callable[[Sequence[Outcome]], float]:
    return lambda outcomes: 100 * sum(map(count, outcomes)) / max(1, sum(outcome.people for outcome in outcomes))


def _worst_off(outcomes: Sequence[Outcome]) -> float:
    return min((share for _, share in by_group_of_people(outcomes).values()), default=float("nan"))


VALUES: Final[Mapping[Measure, Callable[[Sequence[Outcome]], float]]] = {
    "second": _of_a_hundred(lambda outcome: outcome.second),
    "first": _of_a_hundred(lambda outcome: outcome.first),
    "unplaced": _of_a_hundred(lambda outcome: outcome.unplaced),
    "coverage": lambda outcomes: float(np.mean([(outcome.placed > 0).mean() for outcome in outcomes])),
    "gini": lambda outcomes: float(np.mean([gini(outcome.placed) for outcome in outcomes])),
    "worst_off": _worst_off,
}
"""Each measure of the outcomes of one policy in one town or several; `regret` is a difference between two."""
