"""`together demo`: a sample town on simulated time, to look at."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    people: Annotated[int, typer.Option(min=1, max=100_000, help="How many people the clinics refer")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same town")] = 1,
    once: Annotated[bool, typer.Option("--once", help="End when the report is printed, instead of serving the queue")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve the queue")] = 8080,
    report: Annotated[Path | None, typer.Option(help="Where to write the report as one JSON object", metavar="FILE")] = None,
    picture: Annotated[Path | None, typer.Option(help="Where to draw the funnel (SVG)", metavar="FILE")] = Path("together-town.svg"),
) -> None:
    """A made-up town: its people are referred, agree on groups, get places, messages and answers, and come, or do not; then its queue, served.

    It lives in a folder of its own that is removed at the end.

    Example: together demo --people 500 --once --report town.json
    """
    from services.cli.sample_town import show_sample_town

    show_sample_town(people, seed, None if once else port, report, picture)
