"""Seeded decisions out of uniform numbers and nothing else, so that a seed means the same on every machine.

Only `Generator.random` is asked, whose stream numpy keeps stable, and only sums and products follow: no logarithm or cosine whose last
digit depends on the processor.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draws:
    """The decisions of one subject, named by whole numbers from 0, such as a seed, a kind of subject and its place in the row."""

    def __init__(self, *key: int) -> None:
        self._generator = np.random.default_rng(key)

    def number(self) -> float:
        """A number from 0 up to but not including 1."""
        return self._generator.random()

    def chance(self, probability: float) -> bool:
        """True with the probability given."""
        return self.number() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self.number() * limit)

    def one_of(self, choices: Sequence[T]) -> T:
        """Any one of the choices, all alike."""
        return choices[self.below(len(choices))]

    def two_of(self, choices: Sequence[T]) -> tuple[T, T]:
        """Two different choices, in the order in which they stand."""
        first, step = self.below(len(choices)), 1 + self.below(len(choices) - 1)
        low, high = sorted((first, (first + step) % len(choices)))
        return choices[low], choices[high]

    def weighted(self, shares: Mapping[T, float]) -> T:
        """One of the keys, as often as its share of the sum says."""
        left = self.number() * sum(shares.values())
        for choice, share in shares.items():
            left -= share
            if left < 0:
                return choice
        return choice

    def filling(self, length: int) -> bytes:
        """So many bytes."""
        return bytes(self.below(256) for _ in range(length))

    def around(self, radius: float) -> float:
        """A number from -radius to radius, the likelier the nearer to 0."""
        return radius * (self.number() + self.number() - 1)
