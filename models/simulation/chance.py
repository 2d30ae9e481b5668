"""The chance of a town, keyed by seed, subject, person and group, so that it is the same whatever a policy does and however many people come."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.columns import fingerprint

Subject = Literal["town", "people", "taste", "group", "person", "pair", "explore"]
_SUBJECTS: Final[tuple[Subject, ...]] = ("town", "people", "taste", "group", "person", "pair", "explore")
_FIRST: Final = 1000
"""Away from the subjects of `models.town`."""

_SUMMED: Final = 12
"""So many uniform numbers have the variance 1 when added up (Irwin-Hall): nearly a normal number, out of sums alone."""


def key(seed: int, subject: Subject, *about: int | str) -> list[int]:
    """What a generator for this is seeded with."""
    return [seed, _FIRST + _SUBJECTS.index(subject), *(fingerprint(one) if isinstance(one, str) else one for one in about)]


def uniform(shape: tuple[int, ...], *of: int) -> NDArray[np.float64]:
    """Numbers from 0 up to but not including 1."""
    return np.random.default_rng(of).random(shape)


def normal(shape: tuple[int, ...], *of: int) -> NDArray[np.float64]:
    """Numbers around 0 with the variance 1."""
    return np.asarray(uniform((*shape, _SUMMED), *of).sum(axis=-1) - _SUMMED / 2)


def direction(length: int, *of: int) -> NDArray[np.float64]:
    """A vector of length 1 that points anywhere."""
    vector = normal((length,), *of)
    return np.asarray(vector / np.sqrt((vector**2).sum()))
