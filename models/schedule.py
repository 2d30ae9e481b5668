"""Time within the week: sessions and free windows as a first minute and a length, so that midnight and Sunday night need no special case.

A session lies inside a window when it begins no earlier and ends no later, both counted around the week. A session whose end is not
known is given one minute: it begins before the window ends, and no more is asked of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schemas.group import Session
from schemas.record import MINUTES_A_DAY, WEEKDAYS, Weekday, minutes

MINUTES_A_WEEK: Final = 7 * MINUTES_A_DAY
OPEN_ENDED: Final = 1
"""The length, in minutes, of a session whose end is not known."""

NO_SESSION: Final = np.iinfo(np.int32).max
"""Stands where no session of a group fits."""

CELLS: Final = 4_000_000
"""The most windows x sessions compared at a time."""


@lru_cache(maxsize=65_536)
def span(weekday: Weekday, start: str, end: str | None) -> tuple[int, int]:
    """First minute of the week and length in minutes; an end at or before the start lies on the next day."""
    first = minutes(start)
    length = OPEN_ENDED if end is None else minutes(end) - first
    return (WEEKDAYS.index(weekday) * MINUTES_A_DAY + first) % MINUTES_A_WEEK, length if length > 0 else length + MINUTES_A_DAY


@lru_cache(maxsize=4096)
def offset_minutes(zone: str, day: date) -> int:
    """Minutes that the clocks of an IANA time zone are ahead of UTC at noon of that day."""
    offset = datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)


def told(start: int, length: int) -> str:
    """A stretch of the week as "tue 10:00-12:00", without an end where none is known."""
    weekday, minute = divmod(start % MINUTES_A_WEEK, MINUTES_A_DAY)
    text = f"{WEEKDAYS[weekday]} {minute // 60:02d}:{minute % 60:02d}"
    end = (minute + length) % MINUTES_A_DAY
    return text if length == OPEN_ENDED else f"{text}-{end // 60:02d}:{end % 60:02d}"


@dataclass(frozen=True)
class Windows:
    """The distinct free windows of a block of people, (w,) each, and who has which, (r, w) of 0 or 1."""

    start: NDArray[np.int32]
    length: NDArray[np.int32]
    had: NDArray[np.float32]

    @classmethod
    def of(cls, stated: Sequence[Sequence[tuple[int, int]]]) -> Self:
        """From each person's list of (first minute, length)."""
        place = {window: index for index, window in enumerate(dict.fromkeys(window for windows in stated for window in windows))}
        had = np.zeros((len(stated), len(place)), np.float32)
        for row, windows in enumerate(stated):
            had[row, [place[window] for window in windows]] = 1
        bounds = np.array(list(place), np.int32).reshape(-1, 2)
        return cls(bounds[:, 0], bounds[:, 1], had)

    def of_people(self, rows: NDArray[np.intp]) -> "Windows":
        """The same windows for some of the people."""
        return Windows(self.start, self.length, self.had[rows])


@dataclass(frozen=True)
class Sessions:
    """Every group's sessions end to end: `count` (n,) a group, `start` and `length` (s,) in minutes, in the order of the week within a group."""

    count: NDArray[np.int32]
    start: NDArray[np.int32]
    length: NDArray[np.int32]

    @classmethod
    def of(cls, groups: Sequence[Sequence[Session]]) -> Self:
        """From each group's list of sessions."""
        spans = [sorted({span(session.weekday, session.start, session.end) for session in sessions}) for sessions in groups]
        flat = np.array([pair for pairs in spans for pair in pairs], np.int32).reshape(-1, 2)
        return cls(np.array([len(pairs) for pairs in spans], np.int32), flat[:, 0].copy(), flat[:, 1].copy())

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """Index of each group's first session, (n,)."""
        return np.concatenate([[0], np.cumsum(self.count)]).astype(np.intp)[:-1]

    def joined(self, other: "Sessions") -> "Sessions":
        """These groups and then the others."""
        count, start, length = (np.concatenate(pair) for pair in zip(self._arrays, other._arrays, strict=True))
        return Sessions(count, start, length)

    def taken(self, rows: NDArray[np.intp]) -> "Sessions":
        """The groups at `rows`, in that order."""
        count = self.count[rows]
        ends = np.cumsum(count)
        flat = np.arange(count.sum()) + np.repeat(self.first[rows] - (ends - count), count)
        return Sessions(count, self.start[flat], self.length[flat])

    def first_fit(self, windows: Windows, ahead: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
        """The first session of each group that lies inside a window of each person, (r, n), or `NO_SESSION`.

        `ahead` (n,) says by how many minutes the person's clock is ahead of the group's, where that matters.
        """
        inside = self._inside(windows, self.shifted(ahead))
        found = np.where(inside, np.arange(len(self.start), dtype=np.int32), np.int32(NO_SESSION))
        fits = np.full((len(windows.had), len(self.count)), NO_SESSION, np.int32)
        meeting = np.flatnonzero(self.count)
        if len(meeting):
            fits[:, meeting] = np.minimum.reduceat(found, self.first[meeting], axis=1)
        return fits

    def shifted(self, ahead: NDArray[np.int32] | None) -> NDArray[np.int32]:
        """First minutes on the person's clock, (s,)."""
        return self.start if ahead is None else (self.start + np.repeat(ahead, self.count)) % np.int32(MINUTES_A_WEEK)

    def _inside(self, windows: Windows, start: NDArray[np.int32]) -> NDArray[np.bool_]:
        counted = np.zeros((len(windows.had), len(start)), np.float32)
        step = max(1, CELLS // max(1, len(start)))
        for low in range(0, len(windows.start), step):
            some = slice(low, low + step)
            late = start[None, :] - windows.start[some, None]
            late[late < 0] += MINUTES_A_WEEK
            counted += windows.had[:, some] @ (late + self.length <= windows.length[some, None]).astype(np.float32)
        return counted > 0

    @property
    def _arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        return self.count, self.start, self.length
