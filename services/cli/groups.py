"""`together groups`: the directory in from feeds, and out again."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Data, Format, not_empty

app = typer.Typer(help="Groups: import, list, show, export.\n\nExample: together groups import groups.csv", no_args_is_help=True)


class FeedFormat(StrEnum):
    """The formats that a directory is read in."""

    AUTO = "auto"
    HSDS = "hsds"
    ORUK = "oruk"
    OPENACTIVE = "openactive"
    CSV = "csv"
    JSONL = "jsonl"


@app.command("import")
def import_(
    path: Annotated[str, typer.Argument(help="A file, a folder, or the address of a directory", metavar="PATH|URL", callback=not_empty)],
    format_: Annotated[FeedFormat, typer.Option("--format", help="How the directory is written")] = FeedFormat.AUTO,
    source: Annotated[str | None, typer.Option(help="The feed's identity; else PATH or URL as given", metavar="NAME")] = None,
    report: Annotated[Path | None, typer.Option(help="Where to write every problem, one JSON object a line", metavar="FILE")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delist what is gone, even most of the feed's groups, or where rows could not be read")] = False,
    data: Data = None,
) -> None:
    """Take a directory in from a file, a folder or an address.

    What is new is added, what changed is changed, what is gone from this feed is delisted. A row that cannot be used is reported and the others
    come in all the same. A feed's groups stay its own: another feed cannot change them.

    Example: together groups import https://directory.example/services --source county --report problems.jsonl
    """
    from services.chassis.errors import UserError
    from services.cli.feed_import import import_groups
    from services.cli.output import print_json

    done = import_groups(path, format_.value, source or path, report, anyway=yes, data=data)
    print_json(done.counts)
    for (action, reason), times in done.reasons.most_common():
        print(f"{times:>9,}  {action}  {reason}", file=sys.stderr)
    for note in done.notes:
        print(f"together: {note}", file=sys.stderr)
    if done.failure:
        raise UserError(done.failure)


@app.command("list")
def list_(data: Data = None, format_: Format = None) -> None:
    """List the groups, in the order of their ids.

    Example: together groups list --format table
    """
    from services.cli.directory_pages import listed_groups
    from services.cli.output import print_list

    print_list(listed_groups(data), ("group_id", "name", "status", "mode", "postcode", "source"), format_)


@app.command()
def show(group_id: Annotated[str, typer.Argument(help="The group's id", metavar="ID")], data: Data = None) -> None:
    """Show one group.

    Example: together groups show riverside-choir
    """
    from services.cli.directory_pages import show_group
    from services.cli.output import print_json

    print_json(show_group(data, group_id))


@app.command()
def export(
    with_contact: Annotated[
        bool, typer.Option("--with-contact", help="With the organisers' contacts: personal details, not for publication")
    ] = False,
    data: Data = None,
) -> None:
    """Write all groups as a group file: JSON Lines, one group a line.

    Example: together groups export > groups.jsonl
    """
    from services.cli.directory_pages import export_groups

    export_groups(sys.stdout, data, with_contact=with_contact)
