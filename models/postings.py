"""Sets of codes the other way round: which groups carry a code, so that what many people share with many groups is one exact product.

Counts are whole numbers below 2**24 in float32, so the product is exact whatever order it is summed in.
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shared:
    """What a block of people and all groups have in common of one kind of code.

    `wanted` holds each person's codes, in the order stated, as indices into `codes` (codes that no group carries are left out);
    `carried` is (codes, groups), `count` the number shared, (people, groups); `stated` (people,) is how many codes each person states,
    `told` (groups,) whether a group states any.
    """

    codes: tuple[str, ...]
    wanted: tuple[tuple[int, ...], ...]
    carried: NDArray[np.bool_]
    count: NDArray[np.float32]
    stated: NDArray[np.float32]
    told: NDArray[np.bool_]

    @property
    def both_told(self) -> NDArray[np.bool_]:
        """Where person and group both state such codes, (people, groups)."""
        return (self.stated[:, None] > 0) & self.told

    def between(self, person: int, group: int) -> list[str]:
        """The codes that this person (a row) and this group (a row) share, in the order the person stated them."""
        return [self.codes[code] for code in self.wanted[person] if self.carried[code, group]]


class Carried(ABC):
    """Which of `length` groups carry which codes, however that is kept."""

    length: int

    if TYPE_CHECKING:  # a field with that name cannot stand over a property

        @property
        def rows(self) -> Mapping[str, NDArray[np.int32]]:
            """For each code the rows of the groups that carry it, rising."""

    @property
    @abstractmethod
    def told(self) -> NDArray[np.bool_]:
        """Which groups carry any code, (length,)."""

    @abstractmethod
    def has(self, code: str) -> bool:
        """Whether any group may carry this code."""

    @abstractmethod
    def carried(self, codes: Sequence[str]) -> NDArray[np.bool_]:
        """Which groups carry each of these codes, all of which there are, (codes, length)."""

    def joined(self, other: "Carried") -> "Postings":
        """These groups and then the others."""
        rows = dict(self.rows)
        for code, found in other.rows.items():
            moved = found + np.int32(self.length)
            rows[code] = np.concatenate([rows[code], moved]) if code in rows else moved
        return Postings(rows, self.length + other.length)

    def taken(self, rows: NDArray[np.intp]) -> "Postings":
        """The groups at `rows`, in that order."""
        place = np.full(self.length, -1, np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        moved = {code: place[found] for code, found in self.rows.items()}
        return Postings({code: np.sort(found[found >= 0]) for code, found in moved.items() if (found >= 0).any()}, len(rows))

    def shared(self, wants: Sequence[Iterable[str]]) -> Shared:
        """What each of the people, by their codes, shares with every group."""
        stated = [dict.fromkeys(codes) for codes in wants]
        place = {code: index for index, code in enumerate(code for code in dict.fromkeys(chain.from_iterable(stated)) if self.has(code))}
        wanted = tuple(tuple([place[code] for code in codes if code in place]) for codes in stated)
        carried = self.carried(tuple(place))
        asked = np.zeros((len(wanted), len(place)), np.float32)
        asked[np.repeat(np.arange(len(wanted)), [len(codes) for codes in wanted]), list(chain.from_iterable(wanted))] = 1
        count = asked @ carried.astype(np.float32)
        return Shared(tuple(place), wanted, carried, count, np.array([len(codes) for codes in stated], np.float32), self.told)


@dataclass(frozen=True)
class Postings(Carried):
    """For each code the rows of the groups that carry it, among `length` groups."""

    rows: Mapping[str, NDArray[np.int32]]
    length: int

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]]) -> Self:
        """From each group's codes; a code twice counts once."""
        rows: dict[str, array[int]] = {}
        length = 0
        for row, codes in enumerate(groups):
            length = row + 1
            for code in dict.fromkeys(codes):
                found = rows.get(code)
                if found is None:
                    found = rows[code] = array("i")  # a list of the words of 100,000 texts takes twenty times the room
                found.append(row)
        return cls({code: np.array(found, np.int32) for code, found in rows.items()}, length)

    @cached_property
    def told(self) -> NDArray[np.bool_]:
        """See `Carried`."""
        told = np.zeros(self.length, np.bool_)
        for found in self.rows.values():
            told[found] = True
        return told

    def has(self, code: str) -> bool:
        """See `Carried`."""
        return code in self.rows

    def carried(self, codes: Sequence[str]) -> NDArray[np.bool_]:
        """See `Carried`."""
        carried = np.zeros((len(codes), self.length), np.bool_)
        for index, code in enumerate(codes):
            carried[index, self.rows[code]] = True
        return carried
