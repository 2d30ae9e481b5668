"""Referrals from a file into a data folder, in batches, with a report of every problem."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from schemas.referral import Referral
from services.chassis.errors import Rejected, UserError
from services.chassis.running import Running
from services.cli.installation import Installation, installation
from services.cli.output import Bar, progress
from services.cli.preparing import preparer
from services.cli.report import Problems, report_in
from services.intake.domain import ReceiveReferral
from services.intake.reading import Problem, Row, read_referrals, required_problems

BATCH = 500

Counts = dict[str, int]


def import_referrals(source: Path | BinaryIO, format_: Literal["auto", "jsonl", "csv"], report: Path | None, data: Path | None) -> Counts:
    """Take in what can be taken in; returns {read, accepted, duplicate, rejected}.

    Raises:
        UserError: the file cannot be opened, or the report not written.
    """
    with report_in(report) as file, installation(data) as running, progress("Taking referrals in") as bar:
        problems = Problems(file)
        try:
            counts = _take_in(read_referrals(source, format=format_), running, problems, bar)
        except OSError as error:
            raise UserError(f"{error.filename or source}: {error.strerror}") from error
        running.finish()
        problems.end()
    return counts


def _take_in(rows: Iterator[Row], running: Installation[Running], problems: Problems, bar: Bar) -> Counts:
    counts = {"read": 0, "accepted": 0, "duplicate": 0, "rejected": 0}
    prepare = preparer(running)
    while batch := list(islice(rows, BATCH)):
        sent = [(row, given) for row in batch if (given := _given(row, problems)) is not None]
        commands = [(row, command) for (row, _), command in zip(sent, prepare.commands([given for _, given in sent]), strict=True)]
        counts["read"] += len(batch)
        counts["rejected"] += len(batch) - len(commands)
        _decide(commands, running, counts, problems)
        bar.advance(len(batch))
    return counts


def _given(row: Row, problems: Problems) -> tuple[Referral, bytes] | None:
    problems.tell(row.problems)
    if row.referral is None or row.sent is None:
        return None
    missing = required_problems(row.referral)
    problems.tell([Problem(row.file, row.row, one.pointer, one.detail, "rejected") for one in missing])
    return None if missing else (row.referral, row.sent)


def _decide(commands: Sequence[tuple[Row, ReceiveReferral]], running: Installation[Running], counts: Counts, problems: Problems) -> None:
    if not commands:
        return
    answers = running.decide("intake", [command for _, command in commands])
    for (row, _), answer in zip(commands, answers, strict=True):
        if isinstance(answer, Rejected):
            counts["rejected"] += 1
            problems.tell([Problem(row.file, row.row, "/referral_id", str(answer), "rejected")])
        else:
            counts["accepted" if answer else "duplicate"] += 1
