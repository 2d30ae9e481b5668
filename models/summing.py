"""The features of very many groups for one person, out of tables instead of worked out one by one, and what the prior makes of them all.

Each entry of a table is what is made of one value of a feature (`models.tables`); here they are looked up, and added in the order of `FEATURES`.
All of it is exact, bit for bit, but for texts (`models.short_texts`): how much these may move a sum is told with it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adding import UNTOLD, Between, Codes, Groups, Tables, add_up, added_up, count_codes, counted
from models.block import Block
from models.closeness import DIMENSIONS, STEPS, cosines
from models.compiled import compiled
from models.directory import Directory
from models.features import DECIMALS, FEATURES, FeatureName, Values, of_the_group
from models.inverse import Inverse, Rows
from models.pairs import favourites
from models.prior import Term
from models.short_texts import AT_ONCE, ShortTexts
from models.tables import AS_SEEN, Reading, by_count, by_flag, by_place

Numbers = NDArray[np.float64]

KINDS: Final[dict[FeatureName, str]] = {"words": "words", "tags": "tags", "not_refused": "about", "meant_for_them": "particular"}
"""The features that count codes, and what `Directory.codes` calls those that a group carries."""

BY_GROUP: Final[tuple[FeatureName, ...]] = ("rhythm", "affordability", "newcomers", "smallness", "freshness")
"""The features that are the same for everybody, but for the place."""

BY_FLAG: Final[tuple[FeatureName, ...]] = ("schedule", "access", "language")
"""The features that say whether something is known of a group, and are a question for whom states something."""

READINGS: Final = 4
"""The most readings of which the tables are kept."""

ROUNDING: Final = 1.1 * 10.0**-DECIMALS
"""More than rounding both to as many decimals moves a cosine from another."""

SLACK: Final = 1e-9
"""More than rounding moves a sum in which a text has a part."""


@dataclass(frozen=True)
class Asked:
    """What one person brings along: the codes wanted by number, tables, and vectors on the text grid, of the text (0 or 1, 384) and for the taste."""

    vectors: dict[FeatureName, NDArray[np.float32]]
    wanted: NDArray[np.uint8]
    tables: Tables


class Sums:
    """The tables of a directory's groups at `rows`, in that order: a group's place in it is its spot."""

    def __init__(self, directory: Directory, rows: Rows) -> None:
        self._directory, self._rows = directory, rows
        self._by_day: dict[Reading, tuple[date, Numbers]] = {}

    def asked(self, block: Block, person: int, whole: Directory, reading: Reading) -> Asked:
        """What a person of a block brings along; the groups that they have been to are looked up in the whole directory."""
        seeker = block.people[person]
        codes = dict(zip(KINDS, (seeker.words, seeker.needs.tags, seeker.refused, seeker.words), strict=True))
        wanted = np.zeros(len(self._codes.kind), np.uint8)
        wanted[[number for name, some in codes.items() for code in some if (number := self._numbers[name].get(code)) is not None]] = 1
        favourite = np.array([whole.vector(row) for row in favourites(seeker, whole)], np.float32).reshape(-1, DIMENSIONS)
        text, lonely = block.texts[person : person + 1], reading.term("lonely_smallness")
        states = block.has_windows[person], bool(seeker.needs.access_needs), bool(seeker.needs.languages)
        return Asked(
            {"text": text if text.any() else text[:0], "taste": favourite},
            wanted,
            Tables(
                reading.base,
                np.stack([by_count(reading, name, len(set(some))) for name, some in codes.items()]),
                np.stack([by_flag(reading, name, bool(stated)) for name, stated in zip(BY_FLAG, states, strict=True)]),
                by_place(reading),
                float(block.loneliness[person]),
                np.array([lonely.weight, lonely.centre]),
            ),
        )

    def of(self, asked: Asked, spots: Rows, nearness: Numbers, place: NDArray[np.int8], reading: Reading, today: date) -> tuple[Numbers, Numbers]:
        """The log-odds of each group at `spots`, (m,), and how far off at most; of each `nearness` and `place`, (m,), are as they are now."""
        groups = Groups(self._of_day(reading, today), self._known, self._smallness)
        close = {name: self._close(vectors, spots, reading.term(name)) for name, vectors in asked.vectors.items()}
        (text, text_off), (taste, taste_off) = close["text"], close["taste"]
        pairs = Between(text, self._counted(asked.wanted, spots), taste, reading.term("nearness").adds(nearness), place)
        sums = np.empty(len(spots))
        (compiled(add_up) or added_up)(spots, groups, asked.tables, pairs, sums)
        return sums, text_off + taste_off

    def seen(self, asked: Asked, spots: Rows, nearness: Numbers, place: NDArray[np.int8], today: date) -> Values:
        """The features of each group at `spots`, (m,), asked `AS_SEEN`: exact but for texts."""
        tables, known, counts = asked.tables, self._known[spots], self._counted(asked.wanted, spots)
        values: Values = {name: self._close(vectors, spots, AS_SEEN.term(name))[0] for name, vectors in asked.vectors.items()}
        values |= {name: tables.shared[kind, counts[:, kind]] for kind, name in enumerate(KINDS)}
        values |= {name: tables.known[flag, known[:, flag]] for flag, name in enumerate(BY_FLAG)}
        values |= dict(zip(BY_GROUP, self._of_day(AS_SEEN, today)[spots].T, strict=True))
        values |= {"nearness": nearness, "place": tables.place[place]}
        values["lonely_smallness"] = np.round(tables.loneliness * values["smallness"], DECIMALS)
        return {name: values[name] for name in FEATURES}

    def _close(self, vectors: NDArray[np.float32], spots: Rows, term: Term) -> tuple[Numbers, Numbers]:
        """What the closeness of texts adds, and how far off that may be."""
        if not len(vectors):
            return term.adds(np.full(len(spots), np.nan)), np.zeros(len(spots))
        product, off = self._texts.closest(spots, vectors)
        has_text = self._texts.scale[spots] > 0
        added = term.adds(np.where(has_text, cosines(product), np.nan))
        return added, np.where(has_text, term.weight * (off / STEPS**2 + ROUNDING) + SLACK, 0.0)

    def _counted(self, wanted: NDArray[np.uint8], spots: Rows) -> NDArray[np.uint8]:
        counts = np.full((len(spots), len(KINDS)), UNTOLD, np.uint8)
        (compiled(count_codes) or counted)(self._codes, wanted, spots, counts)
        return counts

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
    def _inverses(self) -> dict[FeatureName, Inverse]:
        return {name: Inverse(getattr(self._directory.codes, kind)) for name, kind in KINDS.items()}

    @cached_property
    def _numbers(self) -> dict[FeatureName, dict[str, int]]:
        before = np.cumsum([0, *(len(inverse.number) for inverse in self._inverses.values())]).tolist()
        both = zip(self._inverses.items(), before, strict=False)
        return {name: {code: number + first for code, number in inverse.number.items()} for (name, inverse), first in both}

    @cached_property
    def _codes(self) -> Codes:
        found = [inverse.codes(self._rows) for inverse in self._inverses.values()]
        sizes = [len(numbers) for numbers in self._numbers.values()]
        which = np.concatenate([codes + np.int32(first) for (codes, _), first in zip(found, np.cumsum([0, *sizes[:-1]]), strict=True)])
        spot = np.concatenate([spots for _, spots in found])
        first = np.concatenate([[0], np.cumsum(np.bincount(spot, minlength=len(self._rows)))])
        return Codes(first, which[np.argsort(spot, kind="stable")], np.repeat(np.arange(len(KINDS), dtype=np.uint8), sizes))
