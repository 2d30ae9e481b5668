"""`together simulate`: towns with a known truth, to compare ways of proposing groups."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Format


class Way(StrEnum):
    """The ways of proposing groups, as `models.simulation.policies` has them; here again so that `--help` is instant."""

    OURS = "ours"
    POPULARITY = "popularity"
    NEAREST = "nearest"
    GREEDY = "greedy"
    RANDOM = "random"
    ORACLE = "oracle"


Exploring = Annotated[
    float, typer.Option(min=0, max=0.25, help="With this chance `ours` swaps one of the groups proposed for one of the next three", metavar="P")
]
Spreading = Annotated[
    float, typer.Option(min=0, max=1, help="How strongly `ours` spreads people over groups; 0 not at all: then it is `greedy`", metavar="S")
]


def simulate(
    people: Annotated[int, typer.Option(min=1, max=100_000, help="How many people each town's clinics refer")] = 300,
    groups: Annotated[int, typer.Option(min=1, help="How many of the written groups each town has")] = 150,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="Over how many weeks the people come")] = 13,
    seed: Annotated[int, typer.Option(min=0, help="The first town's seed; the same seed gives the same bytes")] = 1,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="How many towns, of as many seeds in a row")] = 5,
    policy: Annotated[
        list[Way] | None,
        typer.Option(help="ours, popularity, nearest, greedy, random or oracle; may be repeated, all if none is named", metavar="NAME"),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="What `ours` and `greedy` rank by, a model's folder; else the prior", metavar="DIR")] = None,
    format_: Format = None,
    report: Annotated[Path | None, typer.Option(help="Where to write everything as one JSON object", metavar="FILE")] = None,
    explore: Exploring = 0.0,
    spread: Spreading = 0.5,
    picture: Annotated[Path | None, typer.Option(help="Where to draw the comparison (SVG)", metavar="FILE")] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="Where to draw what `ours` said of coming back, and what came true (SVG)", metavar="FILE")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write what the first town lived through under the first policy: groups, referrals, attendance", metavar="DIR")
    ] = None,
) -> None:
    """Compare ways of proposing groups on made-up towns whose truth is known: tastes nobody told, no-shows, closed doors, places that fill.

    Each policy lives through the same towns with the same chance: second attendances, regret against the oracle, share of groups that got
    somebody, the worst-off group of people; each with its 95 % interval over towns and its difference to ours in the same towns. What holds
    here holds on made-up towns. `ours` is the matcher as the service has it with TOGETHER_SPREAD. The files of --out are what
    `together model train` and `model evaluate` read.

    Example: together simulate --seeds 20 --policy ours --policy nearest --policy oracle --picture towns.svg
    """
    from services.cli.simulating import Asked, Files, show_simulation

    asked = Asked(people, groups, weeks, seed, seeds, tuple(way.value for way in policy or Way), explore, spread)
    show_simulation(asked, model, format_, Files(report, picture, calibration, out))
