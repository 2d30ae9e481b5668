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

_NOWHERE: Final = np.zeros(0, np.int32)


def in_steps(numbers: NDArray[np.float64], steps: int) -> Whole:
    """The numbers, at most `AT_MOST` from 0, as whole numbers of steps."""
    return np.rint(np.clip(numbers, -AT_MOST, AT_MOST) * steps)


@dataclass(frozen=True)
class Habits:
    """What attendance says of m groups, `ids` (m,); rows are the group one went to, columns the one asked about.

    `joined` (m,) counts people and `kept` (m,) is the share who came back. `followed` to `lifted`, (m, m) in steps of 1/`FINE`, are
    told at `SignalName`. `tastes` (m, k), `told_tastes` (m, k + 1), `taste_of_text` (384, k + 1) and `taste_of_word` (w, k + 1) are in steps of
    1/`COARSE`: hidden tastes, the same told from the text as if the group had no history, and how a text's vector and each of its `words` (w,)
    tell them (with `taste_at_rest` (k + 1,), the mean); the last column is the logarithm of how many would go. How much a word `says` (w,), the
    logarithm of its rarity, is in such steps too.
    """

    ids: NDArray[np.str_]
    words: NDArray[np.str_]
    joined: NDArray[np.float64]
    kept: NDArray[np.float64]
    followed: Whole
    linked: Whole
    shared: Whole
    sought: Whole
    lifted: Whole
    tastes: Whole
    says: Whole
    told_tastes: Whole
    taste_of_text: Whole
    taste_at_rest: Whole
    taste_of_word: Whole

    @cached_property
    def index(self) -> dict[str, int]:
        """Each group's row here."""
        return {str(group_id): row for row, group_id in enumerate(self.ids)}

    def tastes_of(self, vectors: NDArray[np.float32], carried: Mapping[str, NDArray[np.int32]], first: int) -> Whole:
        """What texts tell of who would go, (n, k + 1) in steps of 1/`COARSE`: of the groups from the row `first` on.

        `vectors` (n, 384) are on the text grid; `carried` are the rows that carry each word, rising.
        """
        exact = vectors.astype(np.float64) @ self.taste_of_text
        return np.rint(exact / STEPS) + self.taste_at_rest + self._told_by_words(carried, first, len(vectors))

    def _told_by_words(self, carried: Mapping[str, NDArray[np.int32]], first: int, groups: int) -> Whole:
        """Each word counts by how much it says, beside all words of its text that are known here."""
        added, length = np.zeros((groups, self.taste_of_word.shape[1])), np.zeros(groups)
        for number, word in enumerate(self.words.tolist()):
            rows = carried.get(word, _NOWHERE)
            if not len(rows) or rows[-1] < first:
                continue
            start, end = np.searchsorted(rows, (first, first + groups))
            here = rows[start:end] - first
            added[here] += self.says[number] * self.taste_of_word[number]
            length[here] += self.says[number] ** 2
        return np.rint(added / np.sqrt(np.maximum(length, 1))[:, None])

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Its arrays by name, for a file that holds others too; whole steps as 32 bits."""
        whole = ("ids", "joined", "kept", "words")
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return {f"{name}.{key}": array if key in whole else array.astype(np.int32) for key, array in held.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Self:
        """From such arrays; raises KeyError or ValueError where they do not belong together."""
        held = {field.name: arrays[f"{name}.{field.name}"] for field in fields(cls)}
        ids, words = (held.pop(key).astype(np.str_) for key in ("ids", "words"))
        habits = cls(ids, words, **{key: array.astype(np.float64) for key, array in held.items()})
        groups, tastes = len(ids), habits.tastes.shape[-1]
        square = ("followed", "linked", "shared", "sought", "lifted")
        shapes = {"joined": (groups,), "kept": (groups,), **dict.fromkeys(square, (groups, groups)), "tastes": (groups, tastes)}
        shapes |= {"told_tastes": (groups, tastes + 1), "taste_of_text": (DIMENSIONS, tastes + 1), "taste_at_rest": (tastes + 1,)}
        shapes |= {"says": (len(words),), "taste_of_word": (len(words), tastes + 1)}
        for key, shape in shapes.items():
            if getattr(habits, key).shape != shape:
                raise ValueError(f"{key} has the shape {getattr(habits, key).shape}, not {shape}")
        return habits
