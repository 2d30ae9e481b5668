"""Who goes where else: what attendance says of every two groups, and what a group's text says of who would go there.

Groups are compared by the people they have in common, with shrinkage towards what chance alone would give, so that a handful of people
proves little. A group without history has no row; what its people would like is told from its text, and for a group with history it is
told as if it had none, so that both mean the same. All numbers are whole steps of a grid, so that sums over a person's groups are exact
whatever order they are added in, and an answer cannot depend on who else is asked about (as in `models.closeness`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.closeness import DIMENSIONS, STEPS

FINE: Final = 1 << 26
"""Steps a unit of what is said of two groups; a thousand of the greatest add up below 2**53."""

COARSE: Final = 1 << 12
"""Steps a unit of tastes; products of two add up below 2**53."""

SHRINK: Final = 20.0
"""So many people who behave as everybody does are added to each group's own."""

AT_MOST: Final = 30.0
"""No entry is greater, so that it fits 32 bits in steps."""

Whole = NDArray[np.float64]
"""Whole numbers of steps."""


def in_steps(numbers: NDArray[np.float64], steps: int) -> Whole:
    """The numbers, at most `AT_MOST` from 0, as whole numbers of steps."""
    return np.rint(np.clip(numbers, -AT_MOST, AT_MOST) * steps)


@dataclass(frozen=True)
class Habits:
    """What attendance says of m groups, `ids` (m,); rows are the group one went to, columns the one asked about.

    `joined` (m,) counts people and `kept` (m,) is the share who came back. `followed` to `lifted`, (m, m) in steps of 1/`FINE`, are
    told at `SignalName`. `tastes` (m, k), `told_tastes` (m, k + 1) and `taste_of_text` (384, k + 1) are in steps of 1/`COARSE`: hidden
    tastes, the same told from the text as if the group had no history, and how a text tells them (with `taste_at_rest` (k + 1,), the mean);
    the last column is the logarithm of how many would go.
    """

    ids: NDArray[np.str_]
    joined: NDArray[np.float64]
    kept: NDArray[np.float64]
    followed: Whole
    linked: Whole
    shared: Whole
    sought: Whole
    lifted: Whole
    tastes: Whole
    told_tastes: Whole
    taste_of_text: Whole
    taste_at_rest: Whole

    @cached_property
    def index(self) -> dict[str, int]:
        """Each group's row here."""
        return {str(group_id): row for row, group_id in enumerate(self.ids)}

    def tastes_of(self, vectors: NDArray[np.float32]) -> Whole:
        """What texts (n, 384) on the text grid tell of who would go, (n, k + 1) in steps of 1/`COARSE`."""
        exact = vectors.astype(np.float64) @ self.taste_of_text
        return np.rint(exact / STEPS) + self.taste_at_rest

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Its arrays by name, for a file that holds others too; whole steps as 32 bits."""
        whole = ("ids", "joined", "kept")
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return {f"{name}.{key}": array if key in whole else array.astype(np.int32) for key, array in held.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Self:
        """From such arrays; raises KeyError or ValueError where they do not belong together."""
        held = {field.name: arrays[f"{name}.{field.name}"] for field in fields(cls)}
        ids = held.pop("ids").astype(np.str_)
        habits = cls(ids, **{key: array.astype(np.float64) for key, array in held.items()})
        groups, tastes = len(ids), habits.tastes.shape[-1]
        square = ("followed", "linked", "shared", "sought", "lifted")
        shapes = {"joined": (groups,), "kept": (groups,), **dict.fromkeys(square, (groups, groups)), "tastes": (groups, tastes)}
        shapes |= {"told_tastes": (groups, tastes + 1), "taste_of_text": (DIMENSIONS, tastes + 1), "taste_at_rest": (tastes + 1,)}
        for key, shape in shapes.items():
            if getattr(habits, key).shape != shape:
                raise ValueError(f"{key} has the shape {getattr(habits, key).shape}, not {shape}")
        return habits
