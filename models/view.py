"""What one person sees of one ground: the groups looked at, the rules that keep them out, how far away they are, what the prior makes of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.closeness import cosines
from models.distance import arcs_km, positions
from models.eligibility import FAR, FINAL
from models.features import FEATURES, INPUTS, Features, Values
from models.inverse import Rows
from models.masks import Bits, Flags, counted, read
from models.neighbourhood import Box, Ground
from models.pairs import tastes_of
from models.prior import Prior
from models.reach import Homes, settle
from models.seeker import Seeker
from models.summing import Asked, Brought
from models.tables import AS_SEEN, Reading
from schemas.proposal import RULES, Rule

AT_ONCE: Final = 8_192
"""Groups looked at in one go, so that what is in hand stays in the processor's cache."""

BROKEN: Final = 1
MORE_THAN_ONE: Final = 2
FOR_GOOD: Final = 4
"""What is read of a group: whether a rule is broken, whether more than one, and whether one about which nobody can do anything."""


class View:
    """`spots` and `rows` (m,) are the groups looked at: those in everyone's reach, then strays, then what is near.

    `km` (m,) is the distance, NaN where it is unknown or none; `placed` are the places in these arrays of the groups to go to whose position is
    known. The reach is no matter of `open` (m,), where no other rule is broken, nor of `one_broken` (m,), where one other is.
    """

    def __init__(self, ground: Ground, block: Block, person: int, box: Box | None, today: date) -> None:
        self.ground, self._block, self._person, self._today = ground, block, person, today
        around = ground.laid_out
        self._near = around.everywhere + around.strays
        self.spots = np.concatenate([np.arange(self._near), around.near(box)])
        self.rows = around.order[self.spots]
        self._broken = around.masks.broken(block.people[person], ground.now, today)
        self._listed = around.listed(ground.now)
        self._state = read(_summed_up(self._broken, self._listed), self.rows)
        self._kept: dict[Reading, Asked] = {}
        self.placed = np.concatenate([around.hybrids, np.arange(self._near, len(self.rows))])

    @property
    def seeker(self) -> Seeker:
        """Who looks."""
        return self._block.people[self._person]

    @cached_property
    def open(self) -> Flags:
        """Where no rule is broken but for the reach."""
        return np.asarray(self._state == 0)

    @property
    def one_broken(self) -> Flags:
        """Where one rule is broken, the reach left aside."""
        return np.asarray(self._state & (BROKEN | MORE_THAN_ONE) == BROKEN)

    @property
    def final(self) -> Flags:
        """Where a rule is broken about which nobody can do anything."""
        return np.asarray(self._state & FOR_GOOD > 0)

    @cached_property
    def km(self) -> NDArray[np.float64]:
        """Distances, those settled that are as far as the person goes."""
        homes, facts, rows = self._homes, self.ground.now.columns, self.rows[self.placed]
        found = arcs_km(positions(homes.degrees[:, 0], homes.degrees[:, 1]), self.ground.laid_out.position[self.spots[self.placed]])
        settle(found, homes, facts.latitude[rows], facts.longitude[rows])
        return self._everywhere(found[0])

    def settled(self, limit: float) -> NDArray[np.float64]:
        """The same distances, (m,), those settled that are as far as somebody goes who goes so many km."""
        if limit == self._homes.limit[0]:
            return self.km
        facts, rows = self.ground.now.columns, self.rows[self.placed]
        found = self.km[None, self.placed]
        settle(found, Homes(self._homes.degrees, np.array([limit])), facts.latitude[rows], facts.longitude[rows])
        return self._everywhere(found[0])

    def _everywhere(self, of_placed: NDArray[np.float64]) -> NDArray[np.float64]:
        km = np.full(len(self.rows), np.nan)
        km[self.placed] = of_placed
        return km

    @property
    def far(self) -> Flags:
        """Which groups to go to are no near miss, because they are too far beyond the person's own reach, (m,)."""
        far = np.zeros(len(self.rows), np.bool_)
        if self._homes.limited[0]:
            far[self._near :] = self.km[self._near :] > FAR * self._homes.limit[0]
        return far

    @cached_property
    def feeds_of_strays(self) -> list[int]:
        """The feeds of the groups whose position is not known."""
        return [int(feed) for feed in self.ground.laid_out.feeds_of_strays[0]]

    def within(self, feed: int, limit: float) -> int:
        """How many groups to go to of a feed lie within so many km."""
        rows = self.rows[self.placed[self.settled(limit)[self.placed] <= limit]]
        return int(((self.ground.now.columns.feed[rows] == feed) & ~self.ground.now.gone[rows]).sum())

    def beyond(self, limit: float, around: Sequence[int]) -> Flags:
        """Which groups are out of a reach of so many km, (m,); strays are unless their feed is one of those around the home."""
        beyond = np.zeros(len(self.rows), np.bool_)
        beyond[self._near :] = ~(self.settled(limit)[self._near :] <= limit)
        feeds, places = self.ground.laid_out.feeds_of_strays
        beyond[self._strays] = ~np.isin(feeds, np.array(around, np.uint64))[places]
        return beyond

    def sums(self, among: Rows, prior: Prior) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What the prior makes of some of the groups, in log-odds, and how far off that is at most."""
        parts = [among[low : low + AT_ONCE] for low in range(0, max(1, len(among)), AT_ONCE)]
        asked, sums = self._asked(prior), self.ground.laid_out.sums
        both = [sums.of(asked, self.spots[some], *self._now(some), self._today) for some in parts]
        return np.concatenate([one for one, _ in both]), np.concatenate([off for _, off in both])

    def seen(self, among: Rows, told: Values) -> Features:
        """The features of some of the groups, exact but for texts, and then the signals; what is `told` of either stands for itself."""
        columns = np.full((len(INPUTS), len(among)), np.nan)
        self.ground.laid_out.sums.see(self._asked(AS_SEEN), self.spots[among], *self._now(among), self._today, columns[: len(FEATURES)])
        for name, value in told.items():
            columns[INPUTS.index(name)] = value
        return Features.of_rows(columns.T)

    def compared(self, among: Rows) -> Values:
        """What texts have between them to the last digit, of few of the groups: the two features, and the mean taste."""
        now, rows, brought = self.ground.now, self.rows[among], self._brings
        texts, has_text = now.some_vectors(rows).T, now.has_vector[rows]
        unknown = np.full(len(rows), np.nan)
        text = np.where(has_text, cosines(brought.text @ texts)[0], np.nan) if len(brought.text) else unknown
        taste, mean = tastes_of(brought.taste @ texts, has_text) if len(brought.taste) else (unknown, unknown)
        return {"text": text, "taste": taste, "taste_mean": mean}

    def _asked(self, reading: Reading) -> Asked:
        """What the person brings along, put together once for each reading."""
        known = self._kept.get(reading)
        if known is None:
            known = self._kept[reading] = self.ground.laid_out.sums.asked(self._brings, self._block, self._person, reading)
        return known

    @cached_property
    def _brings(self) -> Brought:
        return self.ground.laid_out.sums.brought(self._block, self._person, self.ground.now.whole)

    def _now(self, among: Rows) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Distance and the state of places."""
        return self.km[among], self.ground.now.columns.place[self.rows[among]]

    def counts(self, beyond: Flags) -> dict[Rule, int]:
        """How many of all the groups of this ground each rule keeps out, every group under its first."""
        left, told = self._listed.copy(), dict[Rule, int]()
        broken = {**self._broken, "reach": self._beyond_in_all(beyond)}
        for rule in RULES:
            if rule in broken:
                told[rule] = counted(left & broken[rule])
                left &= ~broken[rule]
        return told

    def _beyond_in_all(self, beyond: Flags) -> Bits:
        """All groups out of reach, those that are not looked at among them."""
        around = self.ground.laid_out
        if not self._homes.limited[0]:
            return np.zeros_like(around.on_the_map)
        bits = around.on_the_map.copy()
        moved = np.concatenate([self.rows[self._near :][~beyond[self._near :]], self.rows[self._strays][beyond[self._strays]]])
        np.bitwise_xor.at(bits, moved >> 6, np.uint64(1) << (moved & 63).astype(np.uint64))
        return bits

    @cached_property
    def _homes(self) -> Homes:
        person = np.array([self._person])
        return self._block.homes.of_people(person, self._block.homes.limit[person])

    @property
    def _strays(self) -> slice:
        return slice(self.ground.laid_out.everywhere, self._near)


def _summed_up(broken: Mapping[Rule, Bits], listed: Bits) -> tuple[Bits, Bits, Bits]:
    """In the order of `BROKEN`, `MORE_THAN_ONE` and `FOR_GOOD`; a group that is not listed any more breaks more than one."""
    once, twice, final = ~listed, ~listed, np.zeros_like(listed)
    for rule, bits in broken.items():
        twice |= once & bits
        once |= bits
        if rule in FINAL:
            final |= bits
    return once, twice, final
