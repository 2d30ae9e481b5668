"""`together dead-letters`: what the services could not take in, kept with the reason, and put before them again when it is mended."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.options import Data, Format

if TYPE_CHECKING:
    from services.chassis.dead_letters import DeadLetter

app = typer.Typer(help="What could not be taken in.\n\nExample: together dead-letters list", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The id that `list` tells", metavar="ID")]


@app.command("list")
def list_(data: Data = None, format_: Format = None) -> None:
    """List every record that a service refused, why, and whether it was retried since.

    Example: together dead-letters list --format table
    """
    from services.cli.output import print_list
    from services.cli.refused import letters_of

    columns = ("id", "consumer", "stream", "type", "reason", "attempts", "state")
    print_list([_told(letter) for letter in letters_of(data)], columns, format_)


@app.command()
def show(id_: Id, data: Data = None) -> None:
    """Show one refused record whole, its sealed parts sealed.

    Example: together dead-letters show 019c5a3e-7f00-7a10-8c33-b1f2a6d0e914
    """
    from dataclasses import asdict

    from services.cli.output import print_json
    from services.cli.refused import letter_of

    letter = letter_of(data, id_)
    readable = letter.original.data.decode("utf-8", "backslashreplace")
    print_json(_told(letter) | {"original": asdict(letter.original) | {"data": readable}})


@app.command("retry")
def retry_(
    id_: Annotated[str | None, typer.Argument(help="The id that `list` tells", metavar="ID")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every one that waits")] = False,
    consumer: Annotated[str | None, typer.Option(help="Of --all, only this service's", metavar="NAME")] = None,
    data: Data = None,
    format_: Format = None,
) -> None:
    """Put refused records, as they were, before the service that refused them, and before no other; returns when they are taken in.

    Retry when the reason is gone: a newer version is running, a key is back. What is refused again stands in `list` once more.

    Example: together dead-letters retry --all --consumer matcher
    """
    from services.cli.output import print_list
    from services.cli.refused import letter_of, letters_of, retry

    if everything == (id_ is not None):
        raise typer.BadParameter("give an ID, or --all")
    waiting = [letter for letter in letters_of(data) if letter.state == "waiting" and consumer in (None, letter.consumer)]
    fates = retry(data, [letter_of(data, id_)] if id_ else waiting)
    rows = [{"id": letter.record.id, "consumer": letter.consumer, "type": letter.original.type, "fate": fate} for letter, fate in fates]
    print_list(rows, ("id", "consumer", "type", "fate"), format_)


def _told(letter: "DeadLetter") -> dict[str, Any]:
    return {
        "id": letter.record.id,
        "position": letter.position,
        "consumer": letter.consumer,
        "stream": letter.original.stream,
        "type": letter.original.type,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "state": letter.state,
    }
