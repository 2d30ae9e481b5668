"""The loops of a first look at many groups, and each of them in NumPy: counting shared codes, and adding up what the prior makes of each group.

Terms are added in the order of `models.features.FEATURES`, in both, so that not a bit of a sum depends on which of them was at work.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.features import DECIMALS, ENOUGH_SHARED

Numbers = NDArray[np.float64]

UNTOLD: Final = ENOUGH_SHARED + 1
"""In place of how many codes are shared with a group that states none."""

SCALE: Final = 10.0**DECIMALS
"""Rounding to `DECIMALS` in a loop goes by it, as NumPy's own does."""


class Codes(NamedTuple):
    """The codes of all groups by number, end to end: those at spot i are `which[first[i] : first[i + 1]]`; `kind` (codes,) is a place in `KINDS`."""

    first: NDArray[np.int64]
    which: NDArray[np.int32]
    kind: NDArray[np.uint8]


class Groups(NamedTuple):
    """Of every group the terms that are everybody's, (n, 5), whether times, access and languages are known, (n, 3), and smallness, (n,)."""

    by_group: Numbers
    known: NDArray[np.uint8]
    smallness: Numbers


class Tables(NamedTuple):
    """A person's tables: terms by kind of code and how many are shared, (4, 5), by what is known, (3, 2), and by the state of places, (4,).

    `lonely` (2,) are weight and centre of smallness for the lonely.
    """

    base: float
    shared: Numbers
    known: Numbers
    place: Numbers
    loneliness: float
    lonely: Numbers


class Between(NamedTuple):
    """Of the groups looked at, (m,) each but `counts` (m, 4): what text, taste and distance add, codes shared, and the state of places."""

    text: Numbers
    counts: NDArray[np.uint8]
    taste: Numbers
    nearness: Numbers
    place: NDArray[np.int8]


def add_up(spots: NDArray[np.intp], groups: Groups, tables: Tables, pairs: Between, sums: Numbers) -> None:
    """Sets `sums` (m,) to the log-odds of the groups at `spots`."""
    for index in range(spots.shape[0]):
        spot = spots[index]
        total = tables.base + pairs.text[index]
        for kind in range(4):
            total += tables.shared[kind, pairs.counts[index, kind]]
        total += pairs.taste[index]
        total += pairs.nearness[index]
        total += tables.known[0, groups.known[spot, 0]]
        total += groups.by_group[spot, 0]
        total += groups.by_group[spot, 1]
        total += tables.known[1, groups.known[spot, 1]]
        total += tables.known[2, groups.known[spot, 2]]
        total += groups.by_group[spot, 2]
        total += groups.by_group[spot, 3]
        lonely = np.rint(tables.loneliness * groups.smallness[spot] * SCALE) / SCALE
        if not np.isnan(lonely):
            total += tables.lonely[0] * (lonely - tables.lonely[1])
        total += groups.by_group[spot, 4]
        total += tables.place[pairs.place[index]]
        sums[index] = total


def added_up(spots: NDArray[np.intp], groups: Groups, tables: Tables, pairs: Between, sums: Numbers) -> None:
    """`add_up` in NumPy."""
    rhythm, affordability, newcomers, smallness, freshness = groups.by_group[spots].T
    schedule, access, language = (tables.known[which, groups.known[spots, which]] for which in range(3))
    lonely = np.round(tables.loneliness * groups.smallness[spots], DECIMALS)
    lonely = np.where(np.isnan(lonely), 0.0, tables.lonely[0] * (lonely - tables.lonely[1]))
    shared = [tables.shared[kind, pairs.counts[:, kind]] for kind in range(4)]
    sums[:] = tables.base
    for term in (pairs.text, *shared, pairs.taste, pairs.nearness, schedule, rhythm, affordability, access, language, newcomers, smallness):
        sums += term
    for term in (lonely, freshness, tables.place[pairs.place]):
        sums += term


def count_codes(codes: Codes, wanted: NDArray[np.uint8], spots: NDArray[np.intp], counts: NDArray[np.uint8]) -> None:
    """Sets `counts` (m, kinds), which hold `UNTOLD`, to how many wanted codes each group carries, at most `ENOUGH_SHARED`, where it carries any."""
    for index in range(spots.shape[0]):
        for each in range(codes.first[spots[index]], codes.first[spots[index] + 1]):
            code = codes.which[each]
            place = codes.kind[code]
            shared = counts[index, place] % UNTOLD + wanted[code]
            counts[index, place] = min(shared, ENOUGH_SHARED)


def counted(codes: Codes, wanted: NDArray[np.uint8], spots: NDArray[np.intp], counts: NDArray[np.uint8]) -> None:
    """`count_codes` in NumPy."""
    number = codes.first[spots + 1] - codes.first[spots]
    ends = np.cumsum(number)
    carried = codes.which[np.arange(number.sum()) + np.repeat(codes.first[spots] - (ends - number), number)]
    place = np.repeat(np.arange(len(spots)), number) * counts.shape[1] + codes.kind[carried]
    shared = np.bincount(place, wanted[carried], counts.size).reshape(counts.shape)
    told = np.bincount(place, minlength=counts.size).reshape(counts.shape) > 0
    counts[told] = np.minimum(shared, ENOUGH_SHARED)[told]
