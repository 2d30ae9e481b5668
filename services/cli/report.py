"""What an import tells of its problems: a report in JSON Lines, in a file that is opened before anything is done, or the first of them on stderr."""

import json
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final, Protocol, TextIO

from services.chassis.errors import UserError

MOST_TOLD: Final = 20
"""Rejections told on stderr where no report is written."""


class Problem(Protocol):
    """What is wrong in one row of a file, as every reader of files tells it."""

    @property
    def file(self) -> str:
        """The file as given."""

    @property
    def row(self) -> int:
        """The line from 1, or the item's position."""

    @property
    def field(self) -> str:
        """The field, or nothing where it is the row."""

    @property
    def reason(self) -> str:
        """What is wrong, without the value."""

    @property
    def action(self) -> str:
        """Whether the row was rejected or repaired."""


@contextmanager
def report_in(path: Path | None) -> Iterator[TextIO | None]:
    """The report's file while the block runs, or None where none is wanted.

    Raises:
        UserError: it cannot be written, and nothing was done yet.
    """
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(f"the report {path} cannot be written: {error.strerror}") from error
    with file:
        yield file


class Problems:
    """Tells problems as they come: all of them in the report, or the first that kept a row out on stderr."""

    ROW: ClassVar = "the row"

    def __init__(self, report: TextIO | None = None) -> None:
        self._report, self._told = report, 0

    def tell(self, problems: Collection[Problem]) -> None:
        """Write them down as they come."""
        if self._report:
            self._report.writelines(json.dumps(_line(problem), ensure_ascii=False) + "\n" for problem in problems)
        else:
            self._tell_first(problems)

    def end(self) -> None:
        """Say how many were not told."""
        if self._told > MOST_TOLD:
            print(f"and {self._told - MOST_TOLD:,} more; --report FILE keeps them all", file=sys.stderr)

    def _tell_first(self, problems: Collection[Problem]) -> list[Problem]:
        """Tell the first that kept a row out; those others that did are returned."""
        rejections = [problem for problem in problems if problem.action == "rejected"]
        room = max(0, MOST_TOLD - self._told)
        for problem in rejections[:room]:
            print(f"{where(problem, self.ROW)}: {problem.reason}", file=sys.stderr)
        self._told += len(rejections)
        return rejections[room:]


class LinesNotRead(Problems):
    """The same for one file and a command that keeps no report: of what is not told each for itself, the lines are."""

    ROW: ClassVar = "the line"

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[range] = []

    def tell(self, problems: Collection[Problem]) -> None:
        """Tell the first, and note the lines of the others."""
        for row in (problem.row for problem in self._tell_first(problems)):
            last = self._lines[-1] if self._lines else range(0)
            if last and row == last.stop:
                self._lines[-1] = range(last.start, row + 1)
            elif row not in last:
                self._lines.append(range(row, row + 1))

    def end(self) -> None:
        """Say on which lines the others are."""
        if self._lines:
            lines = ", ".join(f"{one[0]}" if len(one) == 1 else f"{one[0]}-{one[-1]}" for one in self._lines)
            number = sum(map(len, self._lines))
            print(f"and {number:,} more {'line' if number == 1 else 'lines'}: {lines}", file=sys.stderr)


def where(problem: Problem, row: str = Problems.ROW) -> str:
    """The file, the line and the field of a problem; `row` stands for the field where it is the whole."""
    return f"{problem.file}:{problem.row}: {problem.field or row}"


def _line(problem: Problem) -> dict[str, str | int]:
    return {"file": problem.file, "row": problem.row, "field": problem.field, "reason": problem.reason, "action": problem.action}
