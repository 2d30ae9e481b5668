"""`together referrals`: referrals in from files, and what has become of them."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Data, Format, not_empty

app = typer.Typer(help="Referrals: import, list, show.\n\nExample: together referrals import referrals.csv", no_args_is_help=True)


class FileFormat(StrEnum):
    """The formats that referrals are read in."""

    AUTO = "auto"
    JSONL = "jsonl"
    CSV = "csv"


@app.command("import")
def import_(
    path: Annotated[str, typer.Argument(help="A file of referrals, or - for standard input", metavar="PATH|-", callback=not_empty)],
    format_: Annotated[FileFormat, typer.Option("--format", help="How the file is written")] = FileFormat.AUTO,
    report: Annotated[Path | None, typer.Option(help="Where to write every problem, one JSON object a line", metavar="FILE")] = None,
    data: Data = None,
) -> None:
    """Take referrals in from a file, each for itself, and see every one of them answered.

    A row that cannot be taken in is told with its line, its field and the reason; the others come in all the same.

    Example: together referrals import referrals.csv --report problems.jsonl
    """
    from services.chassis.errors import UserError
    from services.cli.importing import import_referrals
    from services.cli.output import print_json

    source = sys.stdin.buffer if path == "-" else Path(path)
    counts = import_referrals(source, format_.value, report, data)
    print_json(counts)
    if counts["read"] and counts["read"] == counts["rejected"]:
        raise UserError(f"{path}: there is no referral in it that can be taken in")


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="Only those of this status", metavar="STATUS")] = None, data: Data = None, format_: Format = None
) -> None:
    """List the cases, in the order of the queue.

    Example: together referrals list --state needs_human
    """
    from services.cli.cases import COLUMNS, list_cases
    from services.cli.output import print_list

    print_list(list_cases(data, state), COLUMNS, format_)


@app.command()
def show(id_: Annotated[str, typer.Argument(help="A case_id, or a referral_id where only one case has it", metavar="ID")], data: Data = None) -> None:
    """Show one case with its history and its proposal.

    Example: together referrals show REF-000012
    """
    from services.cli.cases import show_case
    from services.cli.output import print_json

    print_json(show_case(data, id_))
