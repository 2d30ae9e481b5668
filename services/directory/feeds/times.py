"""When a group meets, from text: "9:00am-5:00pm, Mon-Fri", "Mon-Tue 12-6; Wed 12-7", "First Monday of the month 6pm".

A piece is either understood whole or handed back as not understood: a word that is not known ("by appointment", "Summer hours") puts the whole
piece in doubt, because half a sentence about time is worse than none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from schemas.group import Session
from schemas.record import WEEKDAYS, Weekday
from services.directory.feeds.clocks import CLOCK, DAY, clock, moment, span, start_of

LONGEST_TEXT, LONGEST_DAYS = 2_000, 100
MONTHLY = "meets by the month, kept as the nearest number of weeks"

Kind = Literal["days", "span", "ordinal", "month", "weeks", "unsure", "unknown"]


@dataclass(frozen=True)
class Times:
    """The sessions that are certain, the pieces that were not understood, and notes on what is only nearly true of the sessions."""

    sessions: tuple[Session, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _Token(NamedTuple):
    kind: Kind
    days: tuple[Weekday, ...] = ()
    start: int = 0
    end: int | None = None
    number: int = 1


@dataclass
class _Meeting:
    """Days and hours that belong together, as they are put together from tokens."""

    days: list[Weekday] = field(default_factory=list)
    spans: list[tuple[int, int | None]] = field(default_factory=list)
    every_weeks: int = 1
    ordinals: int = 0
    monthly: bool = False

    @property
    def complete(self) -> bool:
        return bool(self.days and self.spans)

    def weeks(self) -> int:
        """Once a month is nearest to every four weeks, twice a month to every two."""
        return self.every_weeks if not (self.monthly or self.ordinals) else 2 if self.ordinals == 2 else 4

    def sessions(self) -> Iterator[Session]:
        for day in self.days:
            for start, end in self.spans:
                yield Session(weekday=day, start=clock(start), end=None if end is None else clock(end), every_weeks=self.weeks())


_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)(?:days?|s|rs?|rdays?|rsdays?|sdays?|nesdays?|urdays?|ds)?\b\.?"
_JOIN = r"\s*(?:-|\bto\b|\buntil\b|\btill\b)\s*"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "last", "1st", "2nd", "3rd", "4th", "5th")
_NUMBERS = {"other": 2, "second": 2, "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8}

_TOKEN = re.compile(
    rf"""(?P<always>24\s*/\s*7|(?:24|twenty-four)[\s-]*(?:hours?|hrs?)(?:\s+(?:a|per)\s+day)?)
    |(?P<everyday>(?:7|seven)\s+days(?:\s+(?:a|per)\s+week)?|every\s?day|each\s+day|daily)
    |(?P<weekdays>weekdays?|m-f\b)|(?P<weekends>weekends?)
    |(?P<days>{_DAY}(?:\s*(?:-|\bto\b|\bthr(?:o)?u(?:gh)?\b)\s*{_DAY})?)
    |(?P<weeks>fortnightly|every\s+(?P<count>other|second|two|three|four|six|eight|[2-8])(?:\s+weeks?)?\b|alternate(?:\s+weeks?)?)
    |(?P<ordinal>(?:{"|".join(_ORDINALS)})\b)
    |(?P<month>(?:(?:of|in)\s+)?(?:(?:the|each|every|a)\s+)?month(?:ly)?\b)
    |between\s+(?P<from>{CLOCK})\s+and\s+(?P<until>{CLOCK})
    |(?P<first>{CLOCK}){_JOIN}(?P<last>{CLOCK})
    |(?P<single>{CLOCK})
    |(?P<filler>[,&/().:\s-]+|\b(?:and|at|on|from|every|each|weekly|the|open|we|meets?|meeting|hours?)\b)
    |(?P<unknown>\S+)""",
    re.VERBOSE,
)

_PLAIN_LABELS = frozenset({"hours", "open", "opening hours", "opening times", "times", "when", "sessions", "meets", "schedule"})


def parse_times(text: str) -> Times:
    """Read a description of weekly times (at most 2,000 characters); what is not certain comes back in `unread`, shortened."""
    return _parsed(text) if len(text) <= LONGEST_TEXT else Times(unread=(_shortened(text),))


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Times:
    pieces = _Pieces()
    for line in _normalised(text).split("\n"):
        pieces.take_line(line)
    return pieces.times()


def parse_days(text: str) -> tuple[Weekday, ...]:
    """The weekdays that a text names and nothing else ("Monday", "Mon-Fri", "Tue, Thur"); empty where it holds anything more."""
    return _parsed_days(text) if len(text) <= LONGEST_DAYS else ()


@lru_cache(maxsize=1024)
def _parsed_days(text: str) -> tuple[Weekday, ...]:
    tokens = list(_tokens(_normalised(text)))
    return tuple(dict.fromkeys(day for token in tokens for day in token.days)) if all(token.kind == "days" for token in tokens) else ()


class _Pieces:
    """Works through a text piece by piece; hours without days wait for the piece that names the days."""

    def __init__(self) -> None:
        self._waiting: list[_Token] = []
        self._waiting_text = ""
        self._under_label = False
        self._sessions: dict[Session, None] = {}
        self._unread: list[str] = []
        self._notes: dict[str, None] = {}

    def take_line(self, line: str) -> None:
        if not line.strip():
            self._under_label = False
            return
        label, colon, rest = line.partition(":")
        if colon and label.strip() in _PLAIN_LABELS:
            line = rest
        elif line.rstrip().endswith(":"):
            self._under_label = True
        for piece in line.split(";"):
            self._take_piece(piece.strip())

    def _take_piece(self, piece: str) -> None:
        tokens = list(_tokens(piece))
        if not tokens:
            return
        if self._under_label or any(token.kind in ("unknown", "unsure") for token in tokens):
            self._unread.append(piece)
            return
        meetings = _meetings([*self._waiting, *tokens])
        if meetings is None:
            self._unread.append(piece)
        elif not meetings[-1].complete:
            self._waiting, self._waiting_text = [*self._waiting, *tokens], f"{self._waiting_text} {piece}".strip()
        else:
            self._waiting, self._waiting_text = [], ""
            self._keep(meetings)

    def _keep(self, meetings: list[_Meeting]) -> None:
        for meeting in meetings:
            self._sessions.update(dict.fromkeys(meeting.sessions()))
            if meeting.monthly or meeting.ordinals:
                self._notes[MONTHLY] = None

    def times(self) -> Times:
        if self._waiting:
            self._unread.append(self._waiting_text)
        return Times(tuple(self._sessions), tuple(_shortened(piece) for piece in self._unread), tuple(self._notes))


def _meetings(tokens: list[_Token]) -> list[_Meeting] | None:
    """Put days and hours together, in whichever order the text has them; None where that cannot be told."""
    meetings = [_Meeting()]
    hours_first = next((token.kind == "span" for token in tokens if token.kind in ("span", "days", "ordinal")), False)
    for token in tokens:
        current = meetings[-1]
        begins_anew = token.kind == "span" if hours_first else token.kind in ("days", "ordinal")
        if begins_anew and current.complete:
            meetings.append(current := _Meeting())
        _put(current, token)
    in_doubt = len(meetings) > 1 and any(meeting.every_weeks > 1 or meeting.monthly for meeting in meetings)
    too_many = any(meeting.ordinals > 2 or (meeting.ordinals and meeting.every_weeks > 1) for meeting in meetings)
    return None if in_doubt or too_many else meetings


def _put(meeting: _Meeting, token: _Token) -> None:
    if token.kind == "days":
        meeting.days.extend(token.days)
    elif token.kind == "span":
        meeting.spans.append((token.start, token.end))
    elif token.kind == "ordinal":
        meeting.ordinals += 1
    elif token.kind == "month":
        meeting.monthly = True
    else:
        meeting.every_weeks = token.number


def _tokens(piece: str) -> Iterator[_Token]:
    found = [match for match in _TOKEN.finditer(piece) if match.lastgroup != "filler"]
    names_days = any(match["days"] or match["weekdays"] or match["weekends"] or match["everyday"] for match in found)
    for match in found:
        if match["always"]:
            yield _Token("span", start=0, end=DAY)
            if not names_days:
                yield _Token("days", WEEKDAYS)
        else:
            yield _token(match)


def _token(match: re.Match[str]) -> _Token:
    if match["days"]:
        return _days(match["days"])
    if match["everyday"] or match["weekdays"] or match["weekends"]:
        return _Token("days", WEEKDAYS if match["everyday"] else WEEKDAYS[:5] if match["weekdays"] else WEEKDAYS[5:])
    if match["weeks"]:
        count = match["count"]
        return _Token("weeks", number=2 if count is None else _NUMBERS.get(count) or int(count))
    if match["ordinal"] or match["month"]:
        return _Token("ordinal" if match["ordinal"] else "month")
    if match["single"]:
        return _single(match["single"])
    if match["first"] or match["from"]:
        return _span(match["first"] or match["from"], match["last"] or match["until"])
    return _Token("unknown")


def _days(text: str) -> _Token:
    first, *more = (name[:3] for name in re.findall(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*", text))
    begin = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(more[0]) - begin) % 7 if more else 0
    return _Token("days", tuple(WEEKDAYS[(begin + step) % 7] for step in range(length + 1)))


def _single(text: str) -> _Token:
    read = moment(text)
    if read is None or not (read.spoken or ":" in text or "." in text):
        return _Token("unknown")
    start = start_of(read)
    return _Token("unsure") if start is None else _Token("span", start=start)


def _span(first: str, last: str) -> _Token:
    start, end = moment(first), moment(last)
    if start is None or end is None:
        return _Token("unknown")
    both = span(start, end)
    return _Token("unsure") if both is None else _Token("span", start=both[0], end=both[1])


def _normalised(text: str) -> str:
    """Lower case, one kind of dash, line ends as such, noon and midnight as clock times."""
    text = text.lower().replace("\\n", "\n").replace("\r", "\n")
    text = re.sub(r"[‐‑‒–—―−]", "-", text)
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    text = re.sub(r"\b(?:12\s*)?(?:noon|midday)\b", "12:00pm", text)
    return re.sub(r"\b(?:12\s*)?midnight\b", "12:00am", text)


def _shortened(piece: str) -> str:
    return piece if len(piece) <= 80 else piece[:79] + "…"
