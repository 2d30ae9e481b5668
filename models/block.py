"""A block of people as arrays, one row each.

What is said of a person does not depend on who else is in the block, nor on how many they are. Ages and costs are NaN where unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.closeness import on_grid
from models.columns import or_nan
from models.reach import Homes, ReachDefaults
from models.schedule import Windows, span
from models.seeker import Seeker
from schemas.referral import Loneliness


def severity(loneliness: Loneliness | None) -> float | None:
    """Loneliness from 0 (none) to 1, the mean of UCLA-3 (sum 3 to 9) and the direct question (5 never to 1 always) as far as answered."""
    if loneliness is None:
        return None
    answers = []
    if loneliness.ucla3 is not None:
        answers.append((sum(loneliness.ucla3) - 3) / 6)
    if loneliness.direct is not None:
        answers.append((5 - loneliness.direct) / 4)
    return sum(answers) / len(answers) if answers else None


def _numbers(seeker: Seeker, reach: ReachDefaults) -> tuple[float, ...]:
    needs = seeker.needs
    located = needs.latitude is not None and needs.longitude is not None
    return (
        or_nan(needs.latitude if located else None),
        or_nan(needs.longitude if located else None),
        reach.limit_km(needs.travel),
        reach.may_widen(needs.travel),
        reach.usual_km(needs.travel),
        or_nan(needs.age),
        or_nan(needs.max_cost),
        or_nan(severity(needs.loneliness)),
    )


@dataclass(frozen=True)
class Block:
    """The people of a block, and of each, (r,) every array: home and limit, age, what a visit may cost, loneliness, free windows."""

    people: tuple[Seeker, ...]
    homes: Homes
    widens: NDArray[np.bool_]
    usual_km: NDArray[np.float64]
    age: NDArray[np.float64]
    max_cost: NDArray[np.float64]
    loneliness: NDArray[np.float64]
    windows: Windows

    @classmethod
    def of(cls, people: Sequence[Seeker], reach: ReachDefaults) -> Self:
        """The block of these people, with these limits where they state none."""
        numbers = np.array([_numbers(seeker, reach) for seeker in people], np.float64).reshape(-1, 8)
        return cls(
            tuple(people),
            Homes(numbers[:, :2], numbers[:, 2].copy()),
            numbers[:, 3] > 0,
            numbers[:, 4],
            numbers[:, 5],
            numbers[:, 6],
            numbers[:, 7],
            Windows.of([[span(window.weekday, window.start, window.end) for window in seeker.needs.availability] for seeker in people]),
        )

    @cached_property
    def texts(self) -> NDArray[np.float32]:
        """The vectors of the free texts on the text grid, (r, 384); zeros where there is none."""
        return on_grid([seeker.vector for seeker in self.people])

    @cached_property
    def has_windows(self) -> NDArray[np.bool_]:
        """Who states when they are free, (r,)."""
        return np.asarray(self.windows.had.any(axis=1))
