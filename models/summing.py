"""The features of very many groups for one person, out of tables instead of worked out one by one, and what the prior makes of them all.

Each entry of a table is what is made of one value of a feature (`models.tables`); what is looked up or worked out is told at `models.seeing`.
All of it is exact, bit for bit, but for texts (`models.short_texts`): how much these may move a sum is told with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.closeness import DIMENSIONS, STEPS
from models.compiled import compiled
from models.directory import Directory
from models.features import DECIMALS, FEATURES, of_the_group
from models.inverse import Inverse, Rows
from models.pairs import favourites
from models.seeing import BY_COUNT, BY_FLAG, BY_GROUP, Between, Groups, Tables, see, seen
from models.seeker import Seeker
from models.short_texts import AT_ONCE, ShortTexts
from models.tables import Reading, by_count, by_flag, by_place, measured

Numbers = NDArray[np.float64]

CODES: Final = ("words", "tags", "about", "particular")
"""What `Directory.codes` calls the codes that `BY_COUNT` counts."""

READINGS: Final = 4
"""The most readings of which the tables are kept."""

ROUNDING: Final = 1.1 * 10.0**-DECIMALS
"""More than rounding both to as many decimals moves a cosine from another."""

SLACK: Final = 1e-9
"""More than rounding moves a sum in which a text has a part."""


@dataclass(frozen=True)
class Brought:
    """What one person brings along: which codes are wanted, and vectors on the text grid, of the text (0 or 1, 384) and for the taste (t, 384)."""

    wanted: NDArray[np.uint8]
    text: NDArray[np.float32]
    taste: NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """That, the reading by which features are read, and the tables of it."""

    brought: Brought
    reading: Reading
    tables: Tables


class Sums:
    """The tables of a directory's groups at `rows`, in that order: a group's place in it is its spot, and the first are `everywhere`."""

    def __init__(self, directory: Directory, rows: Rows, everywhere: int) -> None:
        self._directory, self._rows, self._everywhere = directory, rows, everywhere
        self._by_day: dict[Reading, tuple[date, Numbers]] = {}

    def brought(self, block: Block, person: int, whole: Directory) -> Brought:
        """What a person of a block brings along; the groups that they have been to are looked up in the whole directory."""
        seeker, text = block.people[person], block.texts[person : person + 1]
        wanted = np.zeros(len(self._kind), np.uint8)
        both = zip(self._numbers, _stated(seeker), strict=True)
        wanted[[number for numbers, some in both for code in some if (number := numbers.get(code)) is not None]] = 1
        favourite = np.array([whole.vector(row) for row in favourites(seeker, whole)], np.float32).reshape(-1, DIMENSIONS)
        return Brought(wanted, text if text.any() else text[:0], favourite)

    @staticmethod
    def asked(brought: Brought, block: Block, person: int, reading: Reading) -> Asked:
        """The same, with the tables of a reading."""
        seeker = block.people[person]
        states = block.has_windows[person], bool(seeker.needs.access_needs), bool(seeker.needs.languages)
        tables = Tables(
            brought.wanted,
            np.array([by_count(reading, name, len(set(some))) for name, some in zip(BY_COUNT, _stated(seeker), strict=True)]),
            np.array([by_flag(reading, name, bool(told)) for name, told in zip(BY_FLAG, states, strict=True)]),
            by_place(reading),
            measured(reading),
            float(block.loneliness[person]),
            float(block.usual_km[person]),
        )
        return Asked(brought, reading, tables)

    def of(self, asked: Asked, spots: Rows, km: Numbers, place: NDArray[np.int8], today: date) -> tuple[Numbers, Numbers]:
        """The log-odds of each group at `spots`, (m,), and how far off at most; distance and `place` of each, (m,), are as they are now."""
        columns = np.empty((len(FEATURES), len(spots)))
        self.see(asked, spots, km, place, today, columns)
        sums = asked.reading.base + columns[0]
        for column in columns[1:]:
            sums += column
        return sums, self._off(asked, "text", spots) + self._off(asked, "taste", spots)

    def see(self, asked: Asked, spots: Rows, km: Numbers, place: NDArray[np.int8], today: date, columns: Numbers) -> None:
        """Sets `columns` (features, m) to what is made of each feature of the groups at `spots`: exact but for texts."""
        groups = Groups(
            *self._codes, self._kind, self._of_day(asked.reading, today), self._known, self._smallness, self._texts.scale, self._everywhere
        )
        pairs = Between(self._texts.closest(spots, asked.brought.text), self._texts.closest(spots, asked.brought.taste), km, place)
        (compiled(see) or seen)(spots, groups, asked.tables, pairs, columns)

    def _off(self, asked: Asked, name: Literal["text", "taste"], spots: Rows) -> Numbers:
        """How far off at most it is what the closeness of texts adds."""
        vectors: NDArray[np.float32] = getattr(asked.brought, name)
        if not len(vectors):
            return np.zeros(len(spots))
        off = asked.reading.term(name).weight * (self._texts.off(spots, vectors) / STEPS**2 + ROUNDING) + SLACK
        return np.where(self._texts.scale[spots] > 0, off, 0.0)

    def _of_day(self, reading: Reading, today: date) -> Numbers:
        known = self._by_day.get(reading)
        if known is None or known[0] != today:
            if len(self._by_day) >= READINGS:
                self._by_day.clear()
            values = of_the_group(self._directory, today)
            by_group = np.stack([reading.term(name).adds(values[name][0]) for name in BY_GROUP], axis=1)
            known = self._by_day[reading] = today, by_group[self._rows]
        return known[1]

    @cached_property
    def _smallness(self) -> Numbers:
        smallness: Numbers = of_the_group(self._directory, date.min)["smallness"][0]
        return smallness[self._rows]

    @cached_property
    def _texts(self) -> ShortTexts:
        return ShortTexts.of(self._directory.some_vectors(self._rows[low : low + AT_ONCE]) for low in range(0, max(1, len(self._rows)), AT_ONCE))

    @cached_property
    def _known(self) -> NDArray[np.uint8]:
        facts, codes = self._directory.columns, self._directory.codes
        known = (self._directory.sessions.count > 0, facts.access_known, codes.languages.told)
        return np.stack(known, axis=1)[self._rows].astype(np.uint8)

    @cached_property
    def _inverses(self) -> list[Inverse]:
        return [Inverse(getattr(self._directory.codes, name)) for name in CODES]

    @cached_property
    def _numbers(self) -> list[dict[str, int]]:
        before = np.cumsum([0, *(len(inverse.number) for inverse in self._inverses)]).tolist()
        both = zip(self._inverses, before, strict=False)
        return [{code: number + first for code, number in inverse.number.items()} for inverse, first in both]

    @cached_property
    def _kind(self) -> NDArray[np.uint8]:
        return np.repeat(np.arange(len(CODES), dtype=np.uint8), [len(numbers) for numbers in self._numbers])

    @cached_property
    def _codes(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        found = [inverse.codes(self._rows) for inverse in self._inverses]
        before = np.cumsum([0, *(len(numbers) for numbers in self._numbers)])
        which = np.concatenate([codes + np.int32(first) for (codes, _), first in zip(found, before, strict=False)])
        spot = np.concatenate([spots for _, spots in found])
        first = np.concatenate([[0], np.cumsum(np.bincount(spot, minlength=len(self._rows)))])
        return first, which[np.argsort(spot, kind="stable")]


def _stated(seeker: Seeker) -> tuple[Collection[str], ...]:
    """The codes that somebody states, in the order of `BY_COUNT`."""
    return seeker.words, seeker.needs.tags, seeker.refused, seeker.words
