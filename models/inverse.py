"""Postings the other way round: for each group its codes, so that a few groups' postings are had without going through all codes."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.postings import Carried

Rows = NDArray[np.intp]

NONE: Final = np.zeros(0, np.int32)


class Inverse:
    """Of the groups from row `first` on; worked out when it is first asked for."""

    def __init__(self, postings: Carried, first: int = 0) -> None:
        self.postings = postings
        self._first = first

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each code."""
        return {code: number for number, code in enumerate(self.postings.rows)}

    @cached_property
    def _by_group(self) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The numbers of the codes group after group, (c,), and where each group's begin, (n + 1,)."""
        first, found = self._first, self.postings.rows.values()
        rows = [some[np.searchsorted(some, first) :] if first else some for some in found]
        which = np.repeat(np.arange(len(rows), dtype=np.int32), [len(some) for some in rows])
        flat = np.concatenate([*rows, NONE]) - np.int32(first)
        start = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=self.postings.length - first))])
        return which[np.argsort(flat, kind="stable")], start

    @cached_property
    def names(self) -> list[str]:
        """The codes by their numbers."""
        return list(self.number)

    @property
    def numbers(self) -> NDArray[np.intp]:
        """How many codes each group carries."""
        return np.diff(self._by_group[1])

    def codes(self, rows: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The codes of the groups at `rows` by their numbers, (c,), and at which of the rows each is, (c,)."""
        which, starts = self._by_group
        start = starts[rows - self._first]
        count = starts[rows + 1 - self._first] - start
        ends = np.cumsum(count)
        return which[np.arange(count.sum()) + np.repeat(start - (ends - count), count)], np.repeat(np.arange(len(rows), dtype=np.int32), count)


class Taken(Carried):
    """What a few groups out of many carry, gathered and sorted by code only where somebody asks for that.

    The groups are those at `old` rows of one inverse and then those at `new` rows of another, which numbers the same codes alike.
    """

    def __init__(self, main: Inverse, old: Rows, tail: Inverse, new: Rows) -> None:
        self.length = len(old) + len(new)
        self._gathered_from = main, old, tail, new

    @property
    def _number(self) -> dict[str, int]:
        return self._gathered_from[2].number

    @cached_property
    def _gathered(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Codes by their numbers, (c,), and which of the groups carries each, (c,)."""
        main, old, tail, new = self._gathered_from
        which, place = main.codes(old)
        if not len(new):
            return which, place
        others, places = tail.codes(new)
        return np.concatenate([which, others]), np.concatenate([place, places + np.int32(len(old))])

    @cached_property
    def rows(self) -> Mapping[str, NDArray[np.int32]]:
        """See `Carried`."""
        which, place = self._gathered
        order = np.argsort(which, kind="stable")
        found, begins = np.unique(which[order], return_index=True)
        codes = list(self._number)
        return {codes[number]: part for number, part in zip(found.tolist(), np.split(place[order], begins[1:]), strict=False)}

    @cached_property
    def told(self) -> NDArray[np.bool_]:
        """See `Carried`."""
        told = np.zeros(self.length, np.bool_)
        told[self._gathered[1]] = True
        return told

    def has(self, code: str) -> bool:
        """See `Carried`."""
        return code in self._number

    def carried(self, codes: Sequence[str]) -> NDArray[np.bool_]:
        """See `Carried`."""
        which, place = self._gathered
        asked = np.full(len(self._number), -1, np.int32)
        asked[[self._number[code] for code in codes]] = np.arange(len(codes))
        index = asked[which]
        carried = np.zeros((len(codes), self.length), np.bool_)
        carried[index[index >= 0], place[index >= 0]] = True
        return carried
