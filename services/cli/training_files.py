"""Groups, attendance and people from files, as a ranker is trained and judged on them; a line that cannot be read is told and the others kept."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.directory import Directory
from models.seeker import Seeker, refuses_in_file
from models.training.questions import by_person
from schemas.attendance import Attendance
from services.chassis.errors import UserError
from services.cli.matching import BATCH, read_directory, seekers_of
from services.cli.output import progress
from services.cli.report import LinesNotRead
from services.intake.reading import BadField, Problem, pointers, read_objects, read_referrals
from services.intake.reading.lines import read_lines


@dataclass(frozen=True)
class Outcomes:
    """What a ranker is trained or judged on; `well` where every line could be read."""

    directory: Directory
    people: dict[str, list[Attendance]]
    known: dict[str, Seeker]
    well: bool


def read_outcomes(groups: str, attendance: Path, people: Path | None, after: date | None = None) -> Outcomes:
    """The files read; whoever does not agree to learning from what became of them is left out, and so is what is not from `after` a day.

    Raises:
        UserError: one cannot be read at all, or holds nothing that can be used.
    """
    rows, bad_rows = _read_attendance(attendance)
    known, refusing, bad_people = _read_people(people)
    for problems in (bad_rows, bad_people):
        _tell(problems)
    if not rows:
        raise UserError(f"{attendance}: no line of attendance could be read")
    if after:
        rows = _later(rows, attendance, after)
    directory = read_directory(groups)
    listed = sum(row.group_id in directory.rows for row in rows)
    if listed < len(rows):
        print(f"{attendance}: {len(rows) - listed} of {len(rows)} lines are about groups that {groups} does not list", file=sys.stderr)
    kept = (row for row in rows if row.person_id not in refusing)
    return Outcomes(directory, by_person(kept), known, not (bad_rows or bad_people))


def _later(rows: list[Attendance], attendance: Path, day: date) -> list[Attendance]:
    """The rows of after this day, and those that have no date; how many are of neither is told.

    Raises:
        UserError: there are none.
    """
    dates = [min((at.astimezone(UTC).date() for at in (row.offered_at, row.first_at) if at), default=None) for row in rows]
    later = [row for row, on in zip(rows, dates, strict=True) if on is None or on > day]
    if not later:
        raise UserError(f"{attendance}: nothing in it is from after {day}, when the models had learned, so there is nothing to judge them by")
    if len(later) < len(rows):
        print(f"{attendance}: {len(rows) - len(later)} of {len(rows)} lines are left out: they are not from after {day}", file=sys.stderr)
    if undated := dates.count(None):
        print(f"{attendance}: {undated} of {len(rows)} lines have no date, so whether they are from after {day} is not checked", file=sys.stderr)
    return later


def _tell(problems: Sequence[Problem]) -> None:
    told = LinesNotRead()
    told.tell(problems)
    told.end()


def _read_attendance(path: Path) -> tuple[list[Attendance], list[Problem]]:
    rows: list[Attendance] = []
    problems: list[Problem] = []
    for number, read in _lines(path):
        if isinstance(read, Attendance):
            rows.append(read)
        else:
            problems += [Problem(str(path), number, bad.pointer, bad.detail, "rejected") for bad in read]
    return rows, problems


def _lines(path: Path) -> Iterator[tuple[int, Attendance | Iterable[BadField]]]:
    try:
        with path.open("rb") as stream:
            for line, sent in read_objects(read_lines(stream)):
                yield line.number, _attendance(sent) if isinstance(sent, dict) else sent
    except OSError as error:
        raise UserError(f"{error.filename or path}: {error.strerror}") from error


def _attendance(sent: dict[str, Any]) -> Attendance | Iterable[BadField]:
    try:
        return Attendance.model_validate(sent)
    except ValidationError as error:
        return tuple(pointers(error))


def _read_people(path: Path | None) -> tuple[dict[str, Seeker], set[str], list[Problem]]:
    """What is known of people, by id, who of them does not agree to be learned from, and what could not be read."""
    known: dict[str, Seeker] = {}
    refusing: set[str] = set()
    problems: list[Problem] = []
    if path is None:
        return known, refusing, problems
    try:
        with progress("Reading what is known of people") as bar:
            rows = read_referrals(path)
            while batch := list(islice(rows, BATCH)):
                problems += [problem for row in batch for problem in row.problems if problem.action == "rejected"]
                named = [(row.referral.person_id, row.referral) for row in batch if row.referral is not None and row.referral.person_id is not None]
                known |= zip((person for person, _ in named), seekers_of([referral for _, referral in named]), strict=True)
                refusing |= {person for person, referral in named if refuses_in_file(referral, "learning")}
                bar.advance(len(batch))
    except OSError as error:
        raise UserError(f"{error.filename or path}: {error.strerror}") from error
    return known, refusing, problems
