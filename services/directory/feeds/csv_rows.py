"""The rows of a CSV file, whatever its state: a quote that is never closed costs its own line, never the lines after it.

A record may run over several lines inside quotes. Where such a record does not come out right (its quotes do not close, or it has another number of
columns than the header) only its first line is given up, and reading goes on with the second.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.directory.feeds.lines import LONGEST_LINE, Line, lines_of
from services.directory.feeds.reading import FeedUnreadable, Findings, Problem, Spot

MOST_LINES = 500
MOST_COLUMNS = 1_000
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its cells by column name, the line it starts on, and what was mended in it."""

    values: dict[str, str]
    spot: Spot
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its columns as the header names them, its usable rows, and the lines of report about the others."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    lost: int
    """How many records could not be used; each of them is in `problems` as rejected."""
    cut_off: bool = False
    """Whether the file ends in the middle of its last record."""


def sheet_of(body: bytes, name: str) -> Sheet:
    """Read a CSV file (UTF-8 bytes, or Windows-1252); raises `FeedUnreadable` where it has no header."""
    lines = lines_of(body)
    header = next((line for line in lines if line.text is None or line.text.strip()), None)
    if header is None or header.text is None:
        raise FeedUnreadable(f"{name}: line 1: there is no header")
    delimiter = max(DELIMITERS, key=lambda sign: (header.text or "").count(sign))
    columns, problems = _columns(header, delimiter, name)
    reader = _Records(lines, delimiter, columns, name)
    rows = tuple(reader)
    cut_off = reader.cut_short and not body.endswith((b"\n", b"\r"))
    return Sheet(name, columns, rows, (*problems, *reader.findings), reader.lost, cut_off)


def _columns(header: Line, delimiter: str, name: str) -> tuple[tuple[str, ...], list[Problem]]:
    cells = _split(header.text or "", delimiter)
    if not isinstance(cells, list):
        cells = (header.text or "").replace('"', "").split(delimiter)
    names = [" ".join(cell.strip().strip('"').split()).lower().replace(" ", "_")[:100] for cell in cells]
    if len(names) > MOST_COLUMNS or not any(names):
        raise FeedUnreadable(f"{name}: line {header.number}: this is not a header of column names")
    twice = [column for position, column in enumerate(names) if column and column in names[:position]]
    return tuple(names), [Problem(name, header.number, column, "the column is there twice, the first is used", "repaired") for column in twice]


Failure = Literal["open", "broken"]


def _split(text: str, delimiter: str, *, strict: bool = True) -> list[str] | Failure:
    """The cells of one record; "open" where a quote is not closed yet, "broken" where the quotes make no sense."""
    try:
        records = list(csv.reader([text], delimiter=delimiter, strict=strict))
    except csv.Error as error:
        return "open" if "unexpected end" in str(error) else "broken"
    return records[0] if len(records) == 1 else [] if not records else "broken"


class _Records:
    """Puts lines together to records."""

    def __init__(self, lines: Iterator[Line], delimiter: str, columns: tuple[str, ...], name: str) -> None:
        self._lines, self._ahead = lines, deque[Line]()
        self._delimiter, self._columns, self._name = delimiter, columns, name
        self.findings = Findings()
        self.lost = 0
        self.cut_short = False

    def __iter__(self) -> Iterator[Row]:
        while (line := self._next()) is not None:
            if line.text is None:
                self._lose(line, line.reasons[0])
            elif line.text.strip(f" \t{self._delimiter}"):
                row = self._row(line)
                if row is not None:
                    yield row

    def _next(self) -> Line | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _lose(self, line: Line, reason: str) -> None:
        self.findings.rejected(Spot(self._name, line.number), "", reason)
        self.lost += 1

    def _row(self, line: Line) -> Row | None:
        text = line.text or ""
        cells: list[str] | Failure = text.split(self._delimiter) if '"' not in text else _split(text, self._delimiter)
        if cells == "open":
            joined, used = self._joined(line)
            if isinstance(joined, list):
                return self._fitted(line, joined, tuple(reason for part in used for reason in part.reasons))
            self._ahead.extendleft(reversed(used[1:]))
        if isinstance(cells, list):
            return self._fitted(line, cells, line.reasons)
        return self._mended(line)

    def _joined(self, line: Line) -> tuple[list[str] | None, list[Line]]:
        """The record that begins on this line and ends on a later one, if there is one with the right number of columns."""
        used, text = [line], line.text or ""
        while len(used) < MOST_LINES and (following := self._next()) is not None:
            used.append(following)
            if following.text is None or len(text) + len(following.text) > LONGEST_LINE:
                return None, used
            text = f"{text}\n{following.text}"
            if '"' in following.text and (cells := _split(text, self._delimiter)) != "open":
                fits = isinstance(cells, list) and len(cells) == len(self._columns)
                return (cells if fits and isinstance(cells, list) else None), used
        return None, used

    def _mended(self, line: Line) -> Row | None:
        """A line whose quotes make no sense, taken as it stands where its columns are as many as they should be."""
        for cells in (_split(line.text or "", self._delimiter, strict=False), (line.text or "").replace('"', "").split(self._delimiter)):
            if isinstance(cells, list) and len(cells) == len(self._columns):
                return self._fitted(line, cells, (*line.reasons, "quotes make no sense, taken as they stand"))
        self._lose(line, "a quote is never closed, or stands where none may be")
        return None

    def _fitted(self, line: Line, cells: list[str], reasons: tuple[str, ...]) -> Row | None:
        surplus = [cell for cell in cells[len(self._columns) :] if cell.strip()]
        if surplus:
            self._lose(line, f"more columns than the header: {len(cells)} instead of {len(self._columns)}")
            return None
        if len(cells) < len(self._columns):
            reasons = (*reasons, f"fewer columns than the header: {len(cells)} instead of {len(self._columns)}")
        spot = Spot(self._name, line.number)
        problems = tuple(Problem(*spot, "", reason, "repaired") for reason in dict.fromkeys(reasons))
        values: dict[str, str] = {}
        for column, cell in zip(self._columns, cells, strict=False):
            if column:
                values.setdefault(column, cell)
        self.cut_short = len(cells) < len(self._columns)
        return Row(values, spot, problems)
