"""`together streams`: the events as they are written."""

from typing import Annotated

import typer

from services.cli.options import Data

app = typer.Typer(help="The streams of events.\n\nExample: together streams tail matches --from-start", no_args_is_help=True)


@app.callback()
def streams() -> None:
    """The streams of events."""


@app.command()
def tail(
    stream: Annotated[str, typer.Argument(help="The stream's name, such as referrals or matches", metavar="STREAM")],
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest event, not with the next one")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until interrupted")] = False,
    data: Data = None,
) -> None:
    """Print a stream's events as CloudEvents, one JSON object a line, sealed parts sealed.

    Example: together streams tail matches --from-start
    """
    from services.cli.output import print_json
    from services.cli.tailing import records_of

    for record in records_of(stream, data, from_start=from_start, follow=follow):
        print_json(record.structured())
