"""What one person sees of very many groups: every feature looked up or worked out in one loop, and the same in NumPy.

What is made of a feature's values, nothing or what the prior adds for them, stands in the person's tables. So the prior's sum and the features that
trees ask for come out of the same loop, bit for bit what `models.features` says of the same pairs, but for texts.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.closeness import STEPS
from models.features import DECIMALS, ENOUGH_SHARED, FEATURES, FeatureName

Numbers = NDArray[np.float64]

BY_COUNT: Final[tuple[FeatureName, ...]] = ("words", "tags", "not_refused", "meant_for_them")
"""The features that count codes."""

BY_GROUP: Final[tuple[FeatureName, ...]] = ("rhythm", "affordability", "newcomers", "smallness", "freshness")
"""The features that are the same for everybody, but for the place."""

BY_FLAG: Final[tuple[FeatureName, ...]] = ("schedule", "access", "language")
"""The features that say whether something is known of a group, and are a question for whom states something."""

MEASURED: Final[tuple[FeatureName, ...]] = ("text", "taste", "nearness", "lonely_smallness")
"""The features that take any value."""

COUNT_AT, GROUP_AT, FLAG_AT, MEASURED_AT = (tuple(map(FEATURES.index, names)) for names in (BY_COUNT, BY_GROUP, BY_FLAG, MEASURED))
PLACE_AT: Final = FEATURES.index("place")

UNTOLD: Final = ENOUGH_SHARED + 1
"""In place of how many codes are shared with a group that states none."""

SCALE: Final = 10.0**DECIMALS
"""Rounding to `DECIMALS` in a loop goes by it, as NumPy's own does."""

A_COSINE: Final = float(STEPS * STEPS)
"""What the product of two vectors on the text grid is divided by."""


class Groups(NamedTuple):
    """Of every group, by its spot, what does not hang on the person; the groups at the spots below `everywhere` are in everyone's reach.

    `which[first[i] : first[i + 1]]` are the numbers of the codes of the group at spot i, and `kind` (codes,) is the place in `BY_COUNT` of each code;
    `by_group` (n, 5) is what is made of `BY_GROUP`, `known` (n, 3) whether `BY_FLAG` is known, `scale` (n,) of each short text, 0 where none is.
    """

    first: NDArray[np.int64]
    which: NDArray[np.int32]
    kind: NDArray[np.uint8]
    by_group: Numbers
    known: NDArray[np.uint8]
    smallness: Numbers
    scale: Numbers
    everywhere: int


class Tables(NamedTuple):
    """What is made of a feature's values for one person: by kind of code and how many are shared, (4, 5), by what is known, (3, 2), and by the state
    of places, (4,); and of each of `MEASURED` weight, centre and what is made of one that is not known, (4, 3).

    `wanted` (codes,) is 1 for each code that the person wants.
    """

    wanted: NDArray[np.uint8]
    shared: Numbers
    known: Numbers
    place: Numbers
    measured: Numbers
    loneliness: float
    usual_km: float


class Between(NamedTuple):
    """Of the groups looked at, (m,) each: products with the short text, (0,) where the person has none, distance in km, and the state of places."""

    text: NDArray[np.float32]
    taste: NDArray[np.float32]
    km: Numbers
    place: NDArray[np.int8]


def see(spots: NDArray[np.intp], groups: Groups, tables: Tables, pairs: Between, columns: Numbers) -> None:
    """Sets `columns` (features, m), in the order of `FEATURES`, to what is made of each feature of the groups at `spots` (m,)."""
    shared, measured = np.zeros(len(COUNT_AT), np.int64), np.zeros(len(MEASURED_AT))
    for index in range(spots.shape[0]):
        spot = spots[index]
        shared[:] = UNTOLD
        for each in range(groups.first[spot], groups.first[spot + 1]):
            code = groups.which[each]
            kind = groups.kind[code]
            shared[kind] = min(shared[kind] % UNTOLD + tables.wanted[code], ENOUGH_SHARED)
        for kind in range(len(COUNT_AT)):
            columns[COUNT_AT[kind], index] = tables.shared[kind, shared[kind]]
        for which in range(len(GROUP_AT)):
            columns[GROUP_AT[which], index] = groups.by_group[spot, which]
        for which in range(len(FLAG_AT)):
            columns[FLAG_AT[which], index] = tables.known[which, groups.known[spot, which]]
        columns[PLACE_AT, index] = tables.place[pairs.place[index]]
        measured[:2] = np.nan
        if groups.scale[spot] > 0:
            if pairs.text.shape[0]:
                measured[0] = pairs.text[index] * groups.scale[spot] / A_COSINE
            if pairs.taste.shape[0]:
                measured[1] = pairs.taste[index] * groups.scale[spot] / A_COSINE
        km = pairs.km[index]
        if spot < groups.everywhere and km > tables.usual_km:
            km = tables.usual_km
        measured[2] = 1 / (1 + km / tables.usual_km)
        measured[3] = tables.loneliness * groups.smallness[spot]
        for which in range(len(MEASURED_AT)):
            value = np.rint(measured[which] * SCALE) / SCALE
            known = tables.measured[which, 0] * (value - tables.measured[which, 1])
            columns[MEASURED_AT[which], index] = tables.measured[which, 2] if np.isnan(value) else known


def seen(spots: NDArray[np.intp], groups: Groups, tables: Tables, pairs: Between, columns: Numbers) -> None:
    """`see` in NumPy."""
    for kind, counts in enumerate(_counted(spots, groups, tables.wanted)):
        columns[COUNT_AT[kind]] = tables.shared[kind, counts]
    columns[list(GROUP_AT)] = groups.by_group[spots].T
    for which, at in enumerate(FLAG_AT):
        columns[at] = tables.known[which, groups.known[spots, which]]
    columns[PLACE_AT] = tables.place[pairs.place]
    km = np.where(spots < groups.everywhere, np.minimum(pairs.km, tables.usual_km), pairs.km)
    scale = np.where(groups.scale[spots] > 0, groups.scale[spots], np.nan)
    cosines = ((products * scale / A_COSINE if len(products) else np.full(len(spots), np.nan)) for products in (pairs.text, pairs.taste))
    measured = np.round([*cosines, 1 / (1 + km / tables.usual_km), tables.loneliness * groups.smallness[spots]], DECIMALS)
    weight, centre, unknown = tables.measured.T[:, :, None]
    columns[list(MEASURED_AT)] = np.where(np.isnan(measured), unknown, weight * (measured - centre))


def _counted(spots: NDArray[np.intp], groups: Groups, wanted: NDArray[np.uint8]) -> NDArray[np.int64]:
    """By kind how many wanted codes each group carries, at most `ENOUGH_SHARED`, or `UNTOLD` where it carries none of the kind, (kinds, m)."""
    number = groups.first[spots + 1] - groups.first[spots]
    ends, kinds = np.cumsum(number), len(COUNT_AT)
    carried = groups.which[np.arange(number.sum()) + np.repeat(groups.first[spots] - (ends - number), number)]
    place = np.repeat(np.arange(len(spots)), number) * kinds + groups.kind[carried]
    shared, told = (np.bincount(place, weight, len(spots) * kinds) for weight in (wanted[carried], None))
    return np.where(told > 0, np.minimum(shared, ENOUGH_SHARED), UNTOLD).astype(np.int64).reshape(-1, kinds).T
