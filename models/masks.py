"""Which groups a rule keeps from whoever states one thing, as bitmaps: worked out once for each thing stated, and counted in words of 64.

Of the groups that were listed when the bitmaps were made. What changes all the time, who is listed still and which places are free, is asked
of the directory as it is now. Two threads may ask at once: each step is one of the dictionary's own, and at worst a bitmap is made twice.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.columns import FULL
from models.compiled import compiled
from models.directory import Directory, primary
from models.pairs import ahead
from models.postings import Carried
from models.schedule import NO_SESSION, Windows, span
from models.seeker import Seeker
from schemas.proposal import RULES, Rule

Bits = NDArray[np.uint64]
Flags = NDArray[np.bool_]

REMEMBERED: Final = 256
"""The most things stated of which the bitmap is kept."""


def packed(flags: Flags) -> Bits:
    """Flags (n,) as a bitmap, (n / 64 and up,)."""
    padded = np.zeros(-(-len(flags) // 64) * 64, np.bool_)
    padded[: len(flags)] = flags
    return np.packbits(padded, bitorder="little").view(np.uint64)


def counted(bits: Bits) -> int:
    """How many are set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def read(bitmaps: tuple[Bits, Bits, Bits], rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Of each of `rows` (m,) what three bitmaps hold, as the bits of one number, (m,)."""
    state = np.zeros(len(rows), np.uint8)
    loop = compiled(read_bits)
    if loop:
        loop(*bitmaps, rows, state)
        return state
    word, shift = rows >> 6, (rows & 63).astype(np.uint64)
    for place, bits in enumerate(bitmaps):
        state |= ((bits[word] >> shift & np.uint64(1)) << np.uint64(place)).astype(np.uint8)
    return state


def read_bits(first: Bits, second: Bits, third: Bits, rows: NDArray[np.intp], state: NDArray[np.uint8]) -> None:
    """The same as a loop."""
    one = np.uint64(1)
    for index in range(rows.shape[0]):
        word, shift = rows[index] >> 6, np.uint64(rows[index] & 63)
        state[index] = (first[word] >> shift & one) | (second[word] >> shift & one) << one | (third[word] >> shift & one) << np.uint64(2)


class Masks:
    """The bitmaps of one directory, and of what became of it since."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._kept: OrderedDict[Hashable, Bits] = OrderedDict()
        self._inactive = packed(~directory.columns.active)
        self._full: tuple[NDArray[np.int8], Bits] | None = None

    def broken(self, seeker: Seeker, now: Directory, today: date) -> dict[Rule, Bits]:
        """The groups that each rule keeps from this person, but for `reach`, in the order of `RULES`; a rule that keeps none may be missing."""
        needs, codes, facts = seeker.needs, self._directory.codes, self._directory.columns
        age, cost = needs.age, needs.max_cost
        spoken = frozenset(primary(tag) for tag in needs.languages)
        broken = {
            "status": self._inactive,
            "age": None if age is None else self._of(("age", age), lambda: (age < facts.minimum_age) | (age > facts.maximum_age)),
            "gender": None if needs.gender is None else self._of(("gender", needs.gender), lambda: _shares_none(codes.genders, [needs.gender or ""])),
            "language": self._of(("language", spoken), lambda: _shares_none(codes.languages, spoken)) if spoken else None,
            "access": self._access(frozenset(needs.access_needs)),
            "time": self._time([span(window.weekday, window.start, window.end) for window in needs.availability], needs.time_zone, today),
            "cost": None if cost is None else self._of(("cost", cost), lambda: facts.cost > cost),
            "place": self._without_place(now),
            "already_attended": self._at([been.group_id for been in needs.attended if been.sessions], now),
            "cooling_off": self._at(seeker.cooling_off, now),
        }
        return {rule: bits for rule in RULES if (bits := broken.get(rule)) is not None}

    def _without_place(self, now: Directory) -> Bits:
        place, known = now.columns.place, self._full
        if known is None or known[0] is not place:
            known = self._full = place, packed(place[: len(self._directory.gone)] == FULL)
        return known[1]

    def _at(self, group_ids: Iterable[str], now: Directory) -> Bits | None:
        covered = len(self._directory.gone)
        rows = [row for group_id in group_ids if (row := now.rows.get(group_id, covered)) < covered]
        if not rows:
            return None
        flags = np.zeros(covered, np.bool_)
        flags[rows] = True
        return packed(flags)

    def _access(self, needed: frozenset[str]) -> Bits | None:
        if not needed:
            return None
        postings, known = self._directory.codes.access, self._directory.columns.access_known
        return self._of(("access", needed), lambda: known & ~np.logical_and.reduce([_carries(postings, code) for code in needed]))

    def _time(self, windows: Sequence[tuple[int, int]], zone: str | None, today: date) -> Bits | None:
        if not windows:
            return None
        abroad = (zone, today) if self._directory.online_by_zone and zone else None
        fits = [self._of(("time", window, abroad), partial(self._fits, window, zone, today)) for window in set(windows)]
        meets = self._of("meets", lambda: self._directory.sessions.count > 0)
        return np.asarray(meets & ~np.bitwise_or.reduce(fits), np.uint64)

    def _fits(self, window: tuple[int, int], zone: str | None, today: date) -> Flags:
        shift = ahead(zone, self._directory, today)
        return np.asarray(self._directory.sessions.first_fit(Windows.of([[window]]), shift)[0] != NO_SESSION)

    def _of(self, stated: Hashable, flags: Callable[[], Flags]) -> Bits:
        bits = self._kept.pop(stated, None)
        if bits is None:
            bits = packed(flags())
        self._kept[stated] = bits
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return bits


def _carries(postings: Carried, code: str) -> Flags:
    flags = np.zeros(postings.length, np.bool_)
    if code in postings.rows:
        flags[postings.rows[code]] = True
    return flags


def _shares_none(postings: Carried, codes: Iterable[str]) -> Flags:
    return np.asarray(postings.told & ~np.logical_or.reduce([_carries(postings, code) for code in codes]), np.bool_)
