"""Gathers reasons for many matches at once, code by code, and hands them out match by match.

A reason's object is made once for each value that differs, not once a match: that is what makes reasons cheap.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.explain import Reason, ReasonCode

Weight = NDArray[np.float64] | float
Told = Callable[[Any], float | str]
Flags = NDArray[np.bool_]
Objects = NDArray[np.object_]


def objects(items: Sequence[object]) -> Objects:
    """An array whose entries are the items themselves, tuples too."""
    return np.fromiter(items, np.object_, len(items))


class Said:
    """Reasons of `matches` matches, each with its weight in the order."""

    def __init__(self, matches: int) -> None:
        self._matches = matches
        self._index: list[NDArray[np.intp]] = []
        self._weight: list[NDArray[np.float64]] = []
        self._reasons: list[Objects] = []

    def say(self, where: Flags, weight: Weight, code: ReasonCode) -> None:
        """Says `code`, which has no value, of the matches in `where` (p,)."""
        self._add(np.flatnonzero(where), weight, lambda index: objects([Reason(code)])[np.zeros(len(index), np.intp)])

    def tell(
        self,
        where: Flags,
        weight: Weight,
        code: ReasonCode,
        values: NDArray[Any],
        value_of: Told = float,
    ) -> None:
        """Says `code` with a value, which `value_of` makes from each match's entry in `values` (p,), numbers."""

        def told(index: NDArray[np.intp]) -> Objects:
            distinct, which = np.unique(values[index], return_inverse=True)
            return objects([Reason(code, value_of(value)) for value in distinct.tolist()])[which]

        self._add(np.flatnonzero(where), weight, told)

    def tell_each(self, where: Flags, weight: Weight, code: ReasonCode, value_of: Callable[[int], str]) -> None:
        """Says `code` with a value that `value_of` makes match by match; where it makes an empty one, nothing is said."""
        found = [(match, text) for match in np.flatnonzero(where).tolist() if (text := value_of(match))]
        made = {text: Reason(code, text) for text in {text for _, text in found}}
        index = np.array([match for match, _ in found], np.intp)
        self._add(index, weight, lambda _: objects([made[text] for _, text in found]))

    def _add(self, index: NDArray[np.intp], weight: Weight, reasons: Callable[[NDArray[np.intp]], Objects]) -> None:
        if len(index):
            self._index.append(index)
            self._weight.append(np.broadcast_to(np.asarray(weight, np.float64), self._matches)[index])
            self._reasons.append(reasons(index))

    def by_match(self, most: int | None = None) -> list[tuple[Reason, ...]]:
        """Each match's reasons, heaviest first, and what was said first where weights are equal; `most` of them at the most."""
        if not self._index:
            return [()] * self._matches
        index, weight = np.concatenate(self._index), np.concatenate(self._weight)
        order = np.lexsort((-weight, index))
        reasons = np.concatenate(self._reasons)[order].tolist()
        counts = np.bincount(index, minlength=self._matches)
        ends = np.cumsum(counts)
        kept = (ends - counts) + (counts if most is None else np.minimum(counts, most))
        return [tuple(reasons[start:end]) for start, end in zip((ends - counts).tolist(), kept.tolist(), strict=True)]
