"""A large directory laid out for those who look at a part of it: first the groups in everyone's reach, then the others by where they are.

Groups to go to are sorted by the cell of a grid of degrees, so that what is near is a few stretches. What is laid out is of the groups that were
there then: one that is gone since is looked at by nobody, and places, which change all the time, are asked of the directory as it is now. The
groups that came since are a small directory, laid out in its own right. So a change costs next to nothing here, until the directory is laid out
anew.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import LAID_OUT, Codes, Directory
from models.inverse import Inverse, Rows, Taken
from models.masks import Bits, Masks, packed
from models.postings import Carried
from models.summing import Sums

CELL: Final = 0.1
"""Degrees."""

COLUMNS: Final = round(360 / CELL) + 2
KM_A_DEGREE: Final = 110.5
"""Less than a degree of latitude has anywhere on WGS 84 (110.57 km), so that a box drawn by it is never too small."""

POLAR: Final = 85.0
"""Beyond this latitude meridians run together, and a box goes all around."""

CODES: Final = tuple(field.name for field in fields(Codes))


@dataclass(frozen=True)
class Box:
    """A stretch of the map in degrees, borders included."""

    south: float
    north: float
    west: float
    east: float

    def grown(self, km: float) -> "Box":
        """The box that holds every point at most so far from this one; all around the Earth where that comes near a pole or the date line."""
        north, south = self.north + km / KM_A_DEGREE, self.south - km / KM_A_DEGREE
        widest = max(abs(north), abs(south))
        if widest < POLAR:
            aside = km / (KM_A_DEGREE * np.cos(np.radians(widest)))
            if self.west - aside > -180 and self.east + aside < 180:
                return Box(south, north, self.west - aside, self.east + aside)
        return Box(south, north, -180.0, 180.0)


class LaidOut:
    """What was laid out of a directory, for it and for those that follow from it by a few changes.

    `order` (n,) are the rows that were listed, and a group's place in it is its spot: first `everywhere` groups that meet online, in full or in
    part, then `strays` to go to whose position is not known, then all others by cell. `hybrids` are the spots among the first that have a position.
    """

    def __init__(self, directory: Directory) -> None:
        self.directory, self.covered = directory, len(directory.gone)
        facts, listed = directory.columns, ~directory.gone
        on_the_map = listed & facts.in_person & facts.located
        everywhere, strays, placed = (
            np.flatnonzero(flags) for flags in (listed & ~facts.in_person, listed & facts.in_person & ~on_the_map, on_the_map)
        )
        cells = _cell(facts.latitude[placed], facts.longitude[placed])
        by_cell = np.argsort(cells, kind="stable")
        self.order: Rows = np.concatenate([everywhere, strays, placed[by_cell]])
        self.everywhere, self.strays = len(everywhere), len(strays)
        self.hybrids: Rows = np.flatnonzero(~facts.online[everywhere] & facts.located[everywhere])
        self.position = facts.position[self.order]
        self.masks, self.sums, self.on_the_map = Masks(directory), Sums(directory, self.order, self.everywhere), packed(on_the_map)
        self._cells = cells[by_cell]
        self._listed: tuple[object, Bits] | None = None
        self._since: tuple[Directory, Ground] | None = None
        self._inverse: dict[str, Inverse] = {}
        self._tail: dict[str, Inverse] = {}

    def near(self, box: Box | None) -> Rows:
        """The spots of the groups to go to in a box, and of some around it, or of all of them; those that are gone by now too."""
        first = self.everywhere + self.strays
        if box is None:
            return np.arange(first, len(self.order))
        south, north = (_step(degrees + 90) for degrees in (box.south, box.north))
        west, east = (_step(degrees + 180) for degrees in (box.west, box.east))
        bands = np.arange(max(south, 0), north + 1) * COLUMNS
        starts, ends = np.searchsorted(self._cells, bands + west), np.searchsorted(self._cells, bands + east, side="right")
        return np.concatenate([np.arange(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]) + first

    @cached_property
    def feeds_of_strays(self) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
        """The feeds of the groups whose position is not known, and the place in them of each such group's feed."""
        strays = self.order[self.everywhere : self.everywhere + self.strays]
        feeds, places = np.unique(self.directory.columns.feed[strays], return_inverse=True)
        return feeds, places

    def listed(self, now: Directory) -> Bits:
        """Which rows are listed still."""
        known = self._listed
        if known is None or known[0] is not now.gone:
            known = self._listed = now.gone, packed(~now.gone[: self.covered])
        return known[1]

    def since(self, now: Directory) -> "Ground":
        """The groups that came since, laid out anew when others come or go."""
        known = self._since
        if known is None or known[0].gone is not now.gone:
            rows = np.flatnonzero(~now.gone[self.covered :]) + self.covered
            tail = LaidOut(self.part(now, rows))
        elif known[0] is now:
            return known[1]
        else:
            rows, tail = known[1].rows, known[1].laid_out
        ground = Ground(tail, tail.directory.with_place_column(now.columns.place[rows]), rows)
        self._since = now, ground
        return ground

    def part(self, now: Directory, rows: Rows) -> Directory:
        """These groups of the directory as it is now, as a directory of their own; `rows` are sorted, and listed."""
        return now.part(rows, self.codes(now, rows))

    def codes(self, now: Directory, rows: Rows) -> Codes:
        """What these groups carry; those that came since are the last."""
        return Codes(*(self._codes(now, rows, name) for name in CODES))

    def _codes(self, now: Directory, rows: Rows, name: str) -> Carried:
        postings: Carried = getattr(now.codes, name)
        main = self._inverse.get(name)
        if main is None:
            main = self._inverse[name] = Inverse(getattr(self.directory.codes, name))
        new = rows[rows >= self.covered]
        tail = self._tail.get(name, main)
        if len(new) and tail.postings is not postings:
            tail = self._tail[name] = Inverse(postings, self.covered)
        return Taken(main, rows[: len(rows) - len(new)], tail, new)


@dataclass(frozen=True)
class Ground:
    """Groups laid out, as they are now; `rows` (n,) is where they are in the directory, empty where they are where they were."""

    laid_out: LaidOut
    now: Directory
    rows: Rows

    def globally(self, rows: Rows) -> Rows:
        """Rows of the directory, from rows of what was laid out."""
        return self.rows[rows] if len(self.rows) else rows


def grounds(now: Directory) -> list[Ground]:
    """What there is to look at in a directory: what was laid out, and what came since."""
    around = laid_out(now)
    main = Ground(around, now, np.zeros(0, np.intp))
    return [main] if len(now.gone) == around.covered else [main, around.since(now)]


def laid_out(directory: Directory) -> LaidOut:
    """What was laid out of this directory, or of the one that it follows from."""
    found: LaidOut | None = vars(directory).get(LAID_OUT)
    if found is None:
        found = vars(directory)[LAID_OUT] = LaidOut(directory)
    return found


def _step(degrees: float) -> int:
    return int(np.floor(degrees / CELL))


def _cell(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.floor((latitude + 90) / CELL) * COLUMNS + np.floor((longitude + 180) / CELL), np.int64)
