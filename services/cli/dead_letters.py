"""`together dead-letters`: what the services could not take in, kept with the reason."""

from typing import Annotated, Any

import typer

from services.cli.options import Data, Format

app = typer.Typer(help="What could not be taken in.\n\nExample: together dead-letters list", no_args_is_help=True)


@app.command("list")
def list_(data: Data = None, format_: Format = None) -> None:
    """List every record that a service refused, and why.

    Example: together dead-letters list --format table
    """
    from services.cli.output import print_list

    columns = ("position", "consumer", "stream", "type", "reason", "attempts")
    print_list([_told(letter) for letter in _letters(data)], columns, format_)


@app.command()
def show(position: Annotated[int, typer.Argument(help="The position that `list` tells", metavar="POSITION")], data: Data = None) -> None:
    """Show one refused record whole, its sealed parts sealed.

    Example: together dead-letters show 1207
    """
    from dataclasses import asdict

    from services.chassis.errors import NotFound
    from services.cli.output import print_json

    for letter in _letters(data):
        if letter.position == position:
            print_json(_told(letter) | {"original": asdict(letter.original) | {"data": letter.original.data.decode()}})
            return
    raise NotFound(f"no dead letter stands at position {position}")


def _letters(data: Data) -> list[Any]:
    from services.cli.installation import embedded_installation, settings_for

    with embedded_installation(settings_for(data)) as running:
        return running.services.dead_letters()


def _told(letter: Any) -> dict[str, Any]:
    return {
        "position": letter.position,
        "consumer": letter.consumer,
        "stream": letter.original.stream,
        "type": letter.original.type,
        "reason": letter.reason,
        "attempts": letter.attempts,
    }
