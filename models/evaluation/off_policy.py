"""What another way of proposing would have brought, estimated from what was logged under the one that was used.

Each logged decision says what came of it, how likely it was to be taken, and how likely the other way is to take the same. An estimate is
right where everything that the other way may do was logged with a probability above 0, and where what comes of one person's decision does
not hang on another's: places that fill are outside it. Inverse propensity scoring (Horvitz and Thompson 1952), its self-normalised form
(Hájek 1971; Swaminathan and Joachims 2015) and the doubly robust one (Dudík, Langford and Li 2011).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluation.measures import NORMAL

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Logged:
    """n decisions, (n,) each: what came of it, the probability with which it was taken, and that with which the other way would take it.

    `predicted` is what a model says of what was done, `expected` the mean of what it says over all that the other way might do; the model
    must not have seen these outcomes. Raises ValueError where a probability or a length cannot be.
    """

    reward: Numbers
    propensity: Numbers
    target: Numbers
    predicted: Numbers
    expected: Numbers

    def __post_init__(self) -> None:
        if len({array.shape for array in (self.reward, self.propensity, self.target, self.predicted, self.expected)}) != 1 or not len(self):
            raise ValueError("every decision has every number, and there is at least one")
        if not ((self.propensity > 0) & (self.propensity <= 1)).all():
            raise ValueError("what was done had a probability above 0 and of at most 1")
        if not ((self.target >= 0) & (self.target <= 1)).all():
            raise ValueError("a probability is from 0 to 1")

    def __len__(self) -> int:
        """How many decisions there are."""
        return len(self.reward)

    @property
    def weight(self) -> Numbers:
        """How much more often the other way would have done the same, (n,)."""
        return self.target / self.propensity


@dataclass(frozen=True)
class Estimate:
    """The mean outcome of a decision under the other way, the ends of its 95 % interval, and how many decisions it amounts to."""

    value: float
    low: float
    high: float
    effective: float


def inverse_propensity(logged: Logged) -> Estimate:
    """The mean of outcomes times weights: without bias, and widest."""
    return _estimate(logged.weight * logged.reward, logged)


def self_normalised(logged: Logged) -> Estimate:
    """The weighted mean of outcomes: a little biased in few decisions, and never beyond the outcomes seen. NaN where no weight is above 0."""
    weight = logged.weight
    if not weight.any():
        return Estimate(np.nan, np.nan, np.nan, 0.0)
    value = float((weight * logged.reward).sum() / weight.sum())
    return _estimate(value + weight * (logged.reward - value) / weight.mean(), logged)


def doubly_robust(logged: Logged) -> Estimate:
    """What the model expects, put right by what came otherwise than it said: right where either the model or the propensities are."""
    return _estimate(logged.expected + logged.weight * (logged.reward - logged.predicted), logged)


def _estimate(each: Numbers, logged: Logged) -> Estimate:
    """The mean of n numbers, with the interval by their spread."""
    value, weight = float(each.mean()), logged.weight
    half = NORMAL * float(each.std(ddof=1)) / len(each) ** 0.5 if len(each) > 1 else float("nan")
    total = float((weight**2).sum())
    return Estimate(value, value - half, value + half, float(weight.sum()) ** 2 / total if total else 0.0)
