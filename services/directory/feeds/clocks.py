"""A time of day as people write it: "1:50pm", "9", "14:00", "830am", and what a pair of them means.

Nothing is guessed: "12-6" can only be noon to six and "9-5" only nine to five, but "8-10" may be morning or evening and is left alone.
"""

import re
from dataclasses import dataclass

NOON, DAY = 12 * 60, 24 * 60

# A group meets between six in the morning and ten at night, for half a day at most: where only one reading of a time without
# am or pm lies inside, that is the one.
EARLIEST, LATEST, LATEST_START, LONGEST = 6 * 60, 22 * 60, 21 * 60, 12 * 60

# Nobody writes am and pm and means more than this; "10:00pm-4:00pm" is a slip of the pen.
LONGEST_NIGHT, LONGEST_UNSURE_NIGHT = 16 * 60, 6 * 60

CLOCK = r"(?:\d{1,2}[:.]\d{2}\s*(?:am|pm|a|p)?|\d{1,4}\s*(?:am|pm|a|p)|\d{4}|\d{1,2})(?![\w:])"

_PARTS = re.compile(r"(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?|(?P<packed>\d{3,4}))\s*(?P<half>[ap])?m?")


@dataclass(frozen=True)
class Moment:
    """A time as written: `options` are the minutes since midnight that it may stand for, `two_digits` that it looks like a 24-hour clock."""

    options: tuple[int, ...]
    two_digits: bool
    spoken: bool

    @property
    def certain(self) -> bool:
        return len(self.options) == 1


def moment(text: str) -> Moment | None:
    """Read one time ("9am", "9:30", "14:00", "830am", "24:00"), lower case; None where it is none."""
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        return None
    packed = found["packed"]
    hour = int(packed[:-2] if packed else found["hour"])
    minute = int(packed[-2:] if packed else found["minute"] or 0)
    if minute > 59 or hour * 60 + minute > DAY:
        return None
    written = packed[:-2] if packed else found["hour"]
    return _moment(hour, minute, found["half"], leading_zero=written[0] == "0", two_digits=len(written) == 2 and bool(packed or found["minute"]))


def _moment(hour: int, minute: int, half: str | None, *, leading_zero: bool, two_digits: bool) -> Moment | None:
    minutes = hour * 60 + minute
    if half and not 1 <= hour <= 12:
        return None
    if half:
        return Moment((hour % 12 * 60 + minute + (NOON if half == "p" else 0),), two_digits=False, spoken=True)
    if hour > 12 or leading_zero:
        return Moment((minutes,), two_digits, spoken=False)
    return Moment((hour % 12 * 60 + minute, hour % 12 * 60 + minute + NOON), two_digits, spoken=False)


def start_of(start: Moment) -> int | None:
    """Minutes since midnight of a start without an end, or None where it may be morning or evening."""
    if start.certain:
        return start.options[0] % DAY
    likely = [option for option in start.options if EARLIEST <= option < LATEST_START]
    return likely[0] if len(likely) == 1 else None


def span(start: Moment, end: Moment) -> tuple[int, int] | None:
    """Start and end in minutes since midnight (an end at or before the start lies on the next day), or None where it is not certain."""
    if start.two_digits and end.two_digits:
        first, last = _literal(start) % DAY, _literal(end) or DAY
        return (first, last) if first != last else None
    if start.certain and end.certain:
        return _certain_span(start, end)
    if start.certain or end.certain:
        return _half_certain_span(start, end)
    likely = [(s, e) for s in start.options for e in end.options if EARLIEST <= s < e <= LATEST and e - s <= LONGEST]
    return likely[0] if len(likely) == 1 else None


def _literal(written: Moment) -> int:
    """A two-digit time is read as on a 24-hour clock: "12:30" is after noon, not after midnight."""
    at_noon = not written.certain and written.options[0] < 60
    return written.options[1] if at_noon else written.options[0]


def _certain_span(start: Moment, end: Moment) -> tuple[int, int] | None:
    first, last = start.options[0], end.options[0] or DAY
    limit = LONGEST_NIGHT if start.spoken == end.spoken else LONGEST
    return (first, last) if last > first or last + DAY - first <= limit else None


def _half_certain_span(start: Moment, end: Moment) -> tuple[int, int] | None:
    """With one end certain, the other is the nearest that makes a sensible stretch: "6-8pm" starts at six in the evening."""
    pairs = [(s, e or DAY) for s in start.options for e in end.options]
    same_day = [pair for pair in pairs if 0 < pair[1] - pair[0] <= LONGEST]
    overnight = [pair for pair in pairs if pair[1] <= pair[0] and pair[1] + DAY - pair[0] <= LONGEST_UNSURE_NIGHT]
    return min(same_day or overnight, key=lambda pair: (pair[1] - pair[0]) % DAY, default=None)


def clock(minutes: int) -> str:
    """Minutes since midnight, 0 to 1440, as "HH:MM"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
