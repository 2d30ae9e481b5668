"""A little chance in what is proposed, so that any later way of proposing can be judged by what was logged.

The best few groups of a ranking are shown; with a small probability one of them, never one of the first `kept`, is swapped for one of the
next few. What is ranked has passed every rule of eligibility, so nothing else can be shown. All that may be shown is listed with its
probability (`options`), and the propensity of a group is what is left of 1 by all that does not show it: exact, whatever chance decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import fsum
from typing import Final

from models.matching import Ranked

MOST: Final = 0.25
"""No more than one person in four is ever shown anything but the best known."""

Places = tuple[int, ...]
"""What is shown, as places in the ranking from 0, in rising order: so shown groups stay in the order of their scores."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may be shown, and how likely it is."""

    places: Places
    probability: float


@dataclass(frozen=True, slots=True)
class Exploration:
    """`shown` groups are shown, of which with probability `epsilon` one that is not among the first `kept` is swapped for one of the `beyond` next.

    Raises ValueError where that is no small, bounded chance.
    """

    epsilon: float = 0.0
    shown: int = 3
    kept: int = 1
    beyond: int = 3

    def __post_init__(self) -> None:
        if not 0 <= self.epsilon <= MOST:
            raise ValueError(f"exploration is a chance from 0 to {MOST}, not {self.epsilon}")
        if self.shown < 1 or self.kept < 0 or self.beyond < 0:
            raise ValueError("at least one group is shown, and no fewer than none are kept or tried")

    @property
    def ranked(self) -> int:
        """How many groups must be ranked for it."""
        return self.shown + (self.beyond if self.epsilon else 0)

    def options(self, number: int) -> tuple[Option, ...]:
        """All that may be shown of so many ranked groups, the best ones first; their probabilities add up to 1."""
        return _options(self, min(number, self.ranked))

    def chosen(self, number: int, drawn: float) -> Option:
        """What is shown, by a number drawn evenly from 0 up to but not including 1."""
        options = self.options(number)
        left = drawn
        for option in options:
            left -= option.probability
            if left < 0:
                return option
        return options[-1]

    def propensities(self, number: int, places: Sequence[int]) -> tuple[float, ...]:
        """How likely each of these places of so many is to be among what is shown."""
        options = self.options(number)
        return tuple(1 - fsum(option.probability for option in options if place not in option.places) for place in places)


def explored(ranked: Ranked, exploration: Exploration, drawn: float) -> Ranked:
    """The answer with those of its matches that chance shows, each with its propensity; they stay in the order of their scores."""
    number = len(ranked.matches)
    places = exploration.chosen(number, drawn).places
    shown = zip(places, exploration.propensities(number, places), strict=True)
    matches = (ranked.matches[place]._replace(rank=rank, propensity=likely) for rank, (place, likely) in enumerate(shown, start=1))
    return replace(ranked, matches=tuple(matches))


@lru_cache(maxsize=256)
def _options(exploration: Exploration, number: int) -> tuple[Option, ...]:
    best = tuple(range(min(number, exploration.shown)))
    others = range(len(best), number)
    swapped = best[exploration.kept :]
    swaps = [(*(place for place in best if place != out), other) for out in swapped for other in others]
    if not swaps or not exploration.epsilon:
        return (Option(best, 1.0),)
    each = exploration.epsilon / len(swaps)
    return (Option(best, 1 - exploration.epsilon), *(Option(places, each) for places in swaps))
