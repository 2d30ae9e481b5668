"""Referrals from CSV: a header of field names, a referral a row, and a broken row that never takes a good one with it.

Comma, semicolon and tab are told apart by the header. A cell in quotation marks may span lines; where such a cell cannot be right (it closes in
the middle of a cell, never closes, gives another number of cells, or runs over what is a row of its own), its first line alone is given up and
reading resumes at the next.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from services.intake.reading.cells import COLUMNS, NESTED, cell_value, how_to_write, is_understood
from services.intake.reading.lines import MAX_LINE, Line
from services.intake.reading.objects import known_pointer
from services.intake.reading.pointers import BadField
from services.intake.reading.rows import Problem, Row, accept, reject

_DELIMITERS: Final = (",", ";", "\t", "|")
_IDS: Final = ("referral_id", "person_id")
_MOST_COLUMNS: Final = 500
_MOST_LINES_A_ROW: Final = 200
_MOST_CHARACTERS_A_ROW: Final = 64_000

_BROKEN_QUOTES: Final = "has a quotation mark that is not closed, or is closed in the middle of a cell"
_NO_HEADER: Final = "none of the columns has the name of a field: the first line must be the header"


@dataclass(frozen=True, slots=True)
class _Header:
    delimiter: str
    columns: tuple[str, ...]

    def split(self, texts: Iterable[str]) -> list[str]:
        """The cells of the first record in `texts`; csv.Error where its quotation marks do not add up."""
        return next(csv.reader(texts, delimiter=self.delimiter, strict=True, skipinitialspace=True), [])

    def is_row_of_its_own(self, text: str) -> bool:
        """Whether a line within an open quotation is rather a row: as many cells as columns, and ids or fixed values where those belong."""
        try:
            cells = self.split([text])
        except csv.Error:
            return False
        if len(cells) != len(self.columns) or len(cells) < 2:
            return False
        named = dict(zip(self.columns, cells, strict=True))
        ids = [named[name] for name in _IDS if name in named]
        if any(not cell or " " in cell for cell in ids):
            return False
        understood = any(is_understood(column, cell.strip()) for column, cell in named.items())
        return understood or any(character.isdigit() for cell in ids for character in cell)


class _Source:
    """Lines that can be given back, because only a record's end tells whether its beginning was right. Lone carriage returns end lines too."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[Line] = deque()
        self._extra = 0

    def take(self) -> Line | None:
        if not self._waiting:
            self._waiting.extend(self._split(next(self._lines, None)))
        return self._waiting.popleft() if self._waiting else None

    def give_back(self, lines: list[Line]) -> None:
        self._waiting.extendleft(reversed(lines))

    def _split(self, line: Line | None) -> list[Line]:
        if line is None:
            return []
        number = line.number + self._extra
        if line.text is None:
            return [Line(number, None)]
        texts = line.text.split("\r")
        self._extra += len(texts) - 1
        return [Line(number + at, text, line.repairs) for at, text in enumerate(texts)]


def read_table(lines: Iterable[Line], file: str) -> Iterator[Row]:
    """The rows below the header; a single rejected row where there is no header."""
    source = _Source(lines)
    first = source.take()
    header = None if first is None or first.text is None else _header(first.text)
    if header is None:
        yield reject(file, first.number if first else 1, [BadField("", _NO_HEADER)])
        return
    while (line := source.take()) is not None:
        row = _row(line, source, header, file)
        if row is not None:
            yield row


def _header(text: str) -> _Header | None:
    """The header, split by whatever delimiter makes the most known columns of it; None where none makes any."""
    found = [_Header(delimiter, _columns(text, delimiter)) for delimiter in _DELIMITERS]
    best = max(found, key=lambda header: len(COLUMNS.intersection(header.columns)))
    return best if COLUMNS.intersection(best.columns) and len(best.columns) <= _MOST_COLUMNS else None


def _columns(text: str, delimiter: str) -> tuple[str, ...]:
    cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    return tuple(_column(cell.strip(), at) for at, cell in enumerate(cells, start=1))


def _column(cell: str, at: int) -> str:
    """A known column's name however it is written, an unknown one as it is."""
    name = cell.casefold().replace(" ", "_")
    return name if name in COLUMNS or name in NESTED else cell[:100] or f"column {at}"


def _row(first: Line, source: _Source, header: _Header, file: str) -> Row | None:
    """The row that begins at `first`, taking the lines it spans from `source`; None for a blank one."""
    if first.text is None:
        return reject(file, first.number, [BadField("", f"is longer than {MAX_LINE} bytes")])
    taken: list[Line] = []
    try:
        cells = header.split(_spanned(first, source, taken, header))
    except csv.Error as error:
        source.give_back(taken)
        return reject(file, first.number, [BadField("", "has a cell that is too long" if "limit" in str(error) else _BROKEN_QUOTES)])
    if taken and len(cells) != len(header.columns):
        source.give_back(taken)
        return reject(file, first.number, [BadField("", _BROKEN_QUOTES)])
    if not any(cell.strip() for cell in cells):
        return None
    return _of_cells(cells, header, file, first.number, [repair for line in (first, *taken) for repair in line.repairs])


def _spanned(first: Line, source: _Source, taken: list[Line], header: _Header) -> Iterator[str]:
    """The lines that a record may span; the csv module asks for the next while a quotation is open, and finds the end where it may not go on."""
    yield f"{first.text}\n"
    characters = len(first.text or "")
    while (line := source.take()) is not None:
        taken.append(line)
        characters += len(line.text or "")
        if line.text is None or characters > _MOST_CHARACTERS_A_ROW or len(taken) > _MOST_LINES_A_ROW or header.is_row_of_its_own(line.text):
            return
        yield f"{line.text}\n"


def _of_cells(cells: list[str], header: _Header, file: str, number: int, repairs: list[str]) -> Row:
    wanted = len(header.columns)
    if any(cell.strip() for cell in cells[wanted:]):
        return reject(file, number, [BadField("", f"has more cells than the header's {wanted}")])
    if len(cells) < wanted:  # most often a text broken by a line end: what follows may be what a human must read
        return reject(file, number, [BadField("", f"has fewer cells than the header's {wanted}")])
    sent: dict[str, Any] = {}
    filled = [(column, cell.strip()) for column, cell in zip(header.columns, cells, strict=False) if cell.strip()]
    bad = [_said_twice(column) for column, cell in filled if not _put(sent, column, cell)]
    if bad:
        return reject(file, number, bad)
    row = accept(file, number, sent, dict.fromkeys(repairs))
    return row if row.referral else replace(row, problems=tuple(replace(one, reason=_in_a_table(one)) for one in row.problems))


def _in_a_table(problem: Problem) -> str:
    """The reason, in the words of a table's cells where those of JSON would not help."""
    return how_to_write(problem.field.removeprefix("/")) or problem.reason


def _put(sent: dict[str, Any], column: str, text: str) -> bool:
    """Set a column's value, nested where its name says so; False where another column has set something else."""
    parent, dot, name = column.partition(".")
    if not (dot and parent in NESTED):
        return bool(sent.setdefault(column, value := cell_value(column, text)) == value)
    inner = sent.setdefault(parent, {})
    return isinstance(inner, dict) and bool(inner.setdefault(name, value := cell_value(column, text)) == value)


def _said_twice(column: str) -> BadField:
    return BadField(known_pointer(tuple(column.split("."))), "is given in two columns, differently")
