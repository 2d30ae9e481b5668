"""A large directory laid out for those who look at a part of it: by where groups are, and the groups that are in everyone's reach.

Groups to go to, those that meet online too included, are sorted by the cell of a grid of degrees, so that what is near is a few stretches of
rows. What is laid out is of the rows that were there then: a group that came since is looked at by everybody, one that is gone since by nobody,
and places, which change all the time, are asked of the directory as it is now. So a change costs nothing here, until the directory is laid out
anew.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import LAID_OUT, Codes, Directory
from models.inverse import Inverse, Rows, Taken
from models.masks import Flags, Masks
from models.postings import Carried, Postings

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
    """What was laid out of a directory, for it and for those that follow from it by a few changes."""

    def __init__(self, directory: Directory) -> None:
        self.directory, self.covered = directory, len(directory.gone)
        self.masks = Masks(directory)
        facts = directory.columns
        self.on_the_map: Flags = ~directory.gone & facts.in_person & facts.located
        placed = np.flatnonzero(~directory.gone & ~facts.online & facts.located)
        cells = _cell(facts.latitude[placed], facts.longitude[placed])
        order = np.argsort(cells, kind="stable")
        self._cells, self._placed = cells[order], placed[order]
        self._inverse: dict[str, Inverse] = {}
        self._tail: dict[str, Inverse] = {}

    @cached_property
    def everywhere(self) -> "Everywhere":
        """The groups that are in everyone's reach: those that meet online, in full or in part."""
        return Everywhere(self, np.flatnonzero(~self.directory.gone & ~self.directory.columns.in_person))

    @cached_property
    def anything(self) -> "Everywhere":
        """All groups, for who has no limit that can be applied."""
        return Everywhere(self, np.flatnonzero(~self.directory.gone))

    def near(self, box: Box) -> Rows:
        """The rows of the groups on the map in a box, and some around it, sorted; those that are gone by now too."""
        south, north = (_step(degrees + 90) for degrees in (box.south, box.north))
        west, east = (_step(degrees + 180) for degrees in (box.west, box.east))
        bands = np.arange(max(south, 0), north + 1) * COLUMNS
        starts, ends = np.searchsorted(self._cells, bands + west), np.searchsorted(self._cells, bands + east, side="right")
        return np.sort(np.concatenate([self._placed[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]))

    def since(self, now: Directory) -> Rows:
        """The rows that came since."""
        return np.arange(self.covered, len(now.gone))

    def strays(self, now: Directory) -> Rows:
        """The rows that are looked at wherever somebody lives: groups to go to of unknown position, and those that came since."""
        return np.concatenate([self._unplaced, self.since(now)])

    @cached_property
    def _unplaced(self) -> Rows:
        return np.flatnonzero(self.directory.columns.in_person & ~self.on_the_map)

    def part(self, now: Directory, rows: Rows, *, wording: bool = True) -> Directory:
        """These groups of the directory as it is now, as a directory of their own; `rows` are sorted, and listed."""
        return now.part(rows, Codes(*(self._codes(now, rows, name) if name != "wording" or wording else Postings({}, len(rows)) for name in CODES)))

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


class Everywhere:
    """Groups that no distance rules out, `rows` of what was laid out, as a directory of their own for a first look."""

    def __init__(self, laid_out: LaidOut, rows: Rows) -> None:
        self.rows = rows
        self._laid_out = laid_out
        self._now: tuple[NDArray[np.int8], Directory] | None = None

    @cached_property
    def _directory(self) -> Directory:
        whole = self._laid_out.directory
        return whole if len(self.rows) == len(whole.gone) else self._laid_out.part(whole, self.rows, wording=False)

    def now(self, directory: Directory) -> Directory:
        """These groups with the places that are free now; those that are gone since are among them."""
        place = directory.columns.place
        if self._now is None or self._now[0] is not place:
            self._now = place, self._directory.with_place_column(place[self.rows]).as_part_of(directory, self.rows)
        return self._now[1]


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
