"""`together match`: proposals from files, with no server and no state."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Format, not_empty


def match(
    path: Annotated[
        str, typer.Argument(help="A file of referrals (JSON Lines or CSV), or - for standard input", metavar="PATH|-", callback=not_empty)
    ],
    groups: Annotated[
        str,
        typer.Option(help="The groups: a file, a folder or an address, in any format that `groups import` reads", metavar="PATH", callback=not_empty),
    ],
    model: Annotated[Path | None, typer.Option(help="The folder of a trained model, instead of the prior", metavar="DIR")] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many groups to propose at the most")] = 10,
    jointly: Annotated[bool, typer.Option("--jointly", help="Share the groups' free places among all of them at once")] = False,
    format_: Format = None,
) -> None:
    """Rank groups for each referral of a file: one proposal a line, in the order given, with reasons.

    Nothing is stored. A line that cannot be read is told on stderr with its number, and the others come out.

    With --jointly the whole file is read before the first answer, and places are shared for the most second attendances over all: the group that
    sharing gives a person comes first, which may not be the one of the highest score, and the reasons say so. stderr has what that comes to.

    Example: together match referrals.jsonl --groups groups.jsonl --format table
    """
    from services.cli.matching import propose_from_files
    from services.cli.sharing import share_from_files

    if not (share_from_files if jointly else propose_from_files)(path, groups, model, top, format_):
        raise typer.Exit(1)
