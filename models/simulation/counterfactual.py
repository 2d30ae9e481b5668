"""What a log of a made-up town says of ways that were not used, beside what they truly would have brought.

A decision is all that one person is shown. Places do not run out here: what comes of one person's decision hangs on nobody else's, which
is what estimates from a log stand on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.evaluation.off_policy import Logged
from models.exploration import Exploration, Option
from models.simulation.policies import Slate
from models.simulation.town import Town

Numbers = NDArray[np.float64]

Other = Literal[
    "as_logged",  # the very way that was used
    "best_only",  # the same ranking, with nothing left to chance
    "last_swapped",  # always the first of the next instead of the last shown: another ranking
]

_NONE: Final = 1.0
"""The weight of staying at home beside the groups' in the choice: that of log-odds of 0."""


@dataclass(frozen=True)
class Decisions:
    """n people who might be shown any of m options each: its probability under the log and under the other way, the true mean of what comes
    of it, and what the ranker says of it; all (n, m), with probability 0 where somebody has fewer options.
    """

    logged: Numbers
    target: Numbers
    truth: Numbers
    predicted: Numbers

    @property
    def value(self) -> float:
        """What the other way truly brings: second attendances a person."""
        return float((self.target * self.truth).sum(axis=1).mean())

    def lived(self, chance: np.random.Generator) -> Logged:
        """One log of these decisions: what was shown, and whether they came a second time."""
        people = np.arange(len(self.logged))
        drawn = chance.random(len(people))[:, None]
        shown = np.minimum((drawn >= np.cumsum(self.logged, axis=1)).sum(axis=1), (self.logged > 0).sum(axis=1) - 1)
        reward = chance.random(len(people)) < self.truth[people, shown]
        expected = (self.target * self.predicted).sum(axis=1)
        each = (self.logged[people, shown], self.target[people, shown], self.predicted[people, shown])
        return Logged(reward.astype(np.float64), *each, expected)


def decisions(town: Town, ranked: Sequence[Slate], said: Sequence[Sequence[float]], exploration: Exploration, other: Other) -> Decisions:
    """The decisions about everybody, whose rankings are `ranked` with the scores `said`; who has nothing to swap counts like all others."""
    most = max(len(exploration.options(len(slate))) for slate in ranked)
    logged, target, truth, predicted = (np.zeros((len(ranked), most)) for _ in range(4))
    for person, (slate, scores) in enumerate(zip(ranked, said, strict=True)):
        options = exploration.options(len(slate))
        for place, option in enumerate(options):
            logged[person, place] = option.probability
            target[person, place] = _as_the_other(other, option, len(slate), exploration)
            truth[person, place] = second_of(town, person, tuple(slate[each] for each in option.places))
            predicted[person, place] = np.mean([scores[each] for each in option.places]) if option.places else 0.0
    return Decisions(logged, target, truth, predicted)


def _as_the_other(other: Other, option: Option, number: int, exploration: Exploration) -> float:
    if other == "as_logged":
        return option.probability
    best = tuple(range(min(number, exploration.shown)))
    swapped = (*best[:-1], len(best)) if len(exploration.options(number)) > 1 else best
    return float(option.places == (swapped if other == "last_swapped" else best))


def second_of(town: Town, person: int, shown: Slate) -> float:
    """The true chance that somebody who is shown these groups comes to one a second time: they choose by a multinomial logit."""
    week = town.newcomers[person].week
    weights = np.exp([town.appeal(person, row, place) for place, row in enumerate(shown)])
    second = town.truth.second(week)[person, list(shown)] if shown else np.zeros(0)
    return float((weights * second).sum() / (_NONE + weights.sum()))
