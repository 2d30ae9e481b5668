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
    """Of the groups from row `first` on."""

    def __init__(self, postings: Carried, first: int = 0) -> None:
        self.postings = postings
        self.number = {code: number for number, code in enumerate(postings.rows)}
        self._first = first
        rows = [found[np.searchsorted(found, first) :] if first else found for found in postings.rows.values()]
        which = np.repeat(np.arange(len(rows), dtype=np.int32), [len(some) for some in rows])
        flat = np.concatenate([*rows, NONE]) - np.int32(first)
        self._which = which[np.argsort(flat, kind="stable")]
        self._start = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=postings.length - first))])

    @cached_property
    def names(self) -> list[str]:
        """The codes by their numbers."""
        return list(self.number)

    @property
    def numbers(self) -> NDArray[np.intp]:
        """How many codes each group carries."""
        return np.diff(self._start)

    def codes(self, rows: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The codes of the groups at `rows` by their numbers, (c,), and at which of the rows each is, (c,)."""
        start = self._start[rows - self._first]
        count = self._start[rows + 1 - self._first] - start
        ends = np.cumsum(count)
        which = self._which[np.arange(count.sum()) + np.repeat(start - (ends - count), count)]
        return which, np.repeat(np.arange(len(rows), dtype=np.int32), count)


class Taken(Carried):
    """What a few groups out of many carry, sorted by code only where somebody asks for that.

    The groups are those at `old` rows of one inverse and then those at `new` rows of another, which numbers the same codes alike.
    """

    def __init__(self, main: Inverse, old: Rows, tail: Inverse, new: Rows) -> None:
        self.length = len(old) + len(new)
        self._number = tail.number
        which, place = main.codes(old)
        if len(new):
            others, places = tail.codes(new)
            which, place = np.concatenate([which, others]), np.concatenate([place, places + np.int32(len(old))])
        self._which, self._place = which, place

    @cached_property
    def rows(self) -> Mapping[str, NDArray[np.int32]]:
        """See `Carried`."""
        order = np.argsort(self._which, kind="stable")
        found, begins = np.unique(self._which[order], return_index=True)
        codes = list(self._number)
        return {codes[number]: part for number, part in zip(found.tolist(), np.split(self._place[order], begins[1:]), strict=False)}

    @cached_property
    def told(self) -> NDArray[np.bool_]:
        """See `Carried`."""
        told = np.zeros(self.length, np.bool_)
        told[self._place] = True
        return told

    def has(self, code: str) -> bool:
        """See `Carried`."""
        return code in self._number

    def carried(self, codes: Sequence[str]) -> NDArray[np.bool_]:
        """See `Carried`."""
        asked = np.full(len(self._number), -1, np.int32)
        asked[[self._number[code] for code in codes]] = np.arange(len(codes))
        index = asked[self._which]
        carried = np.zeros((len(codes), self.length), np.bool_)
        carried[index[index >= 0], self._place[index >= 0]] = True
        return carried
