"""`together model`: learn a ranker from attendance, judge it, and decide which one serves."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import not_empty

app = typer.Typer(
    help="Models: train, evaluate, list, promote, roll back.\n\n"
    "Example: together model train --groups groups.jsonl --attendance attendance.jsonl --people people.jsonl --out models/2026-05",
    no_args_is_help=True,
)

Groups = Annotated[
    str,
    typer.Option(help="The groups: a file, a folder or an address, in any format that `groups import` reads", metavar="PATH", callback=not_empty),
]
AttendanceFile = Annotated[
    Path, typer.Option("--attendance", help="Who went where how often: JSON Lines of {person_id, group_id, sessions}", metavar="PATH")
]
PeopleFile = Annotated[
    Path | None, typer.Option("--people", help="What is known of them: referrals, any fields missing (JSON Lines or CSV)", metavar="PATH")
]


@app.command()
def train(
    groups: Groups,
    attendance: AttendanceFile,
    out: Annotated[Path, typer.Option(help="The folder to write the model into", metavar="DIR")],
    people: PeopleFile = None,
    seed: Annotated[int, typer.Option(min=0, help="Settles all chance: the same seed and files give the same model")] = 0,
) -> None:
    """Learn from attendance which groups people join and come back to, and write the model into a folder.

    `together match --model DIR` then ranks by it. A line that cannot be read is told on stderr, and the others are learned from.

    Example: together model train --groups groups.jsonl --attendance attendance.jsonl --people people.jsonl --out my-model
    """
    from services.cli.modelling import train_from_files
    from services.cli.output import print_json

    told, well = train_from_files(groups, attendance, people, out, seed)
    print_json(told)
    if not well:
        print(f"together: the model was trained without the lines that could not be read: {out}", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="The folder of the model", metavar="DIR")],
    groups: Groups,
    attendance: AttendanceFile,
    people: PeopleFile = None,
    out: Annotated[Path | None, typer.Option(help="The folder for the card and the plots; else DIR/card", metavar="DIR")] = None,
) -> None:
    """Judge a model on attendance that it did not learn from, and write its card, with plots, and an equity report.

    Of each person one group they went to is hidden, and it is seen where the model ranks it: overall, in the less popular half, for groups it
    never learned of, for people without history, by way of travelling and by age. stdout has the figures as one JSON object.

    Example: together model evaluate my-model --groups groups.jsonl --attendance later.jsonl --people people.jsonl
    """
    from services.cli.judging import evaluate_from_files
    from services.cli.output import print_json

    figures, well = evaluate_from_files(model, groups, attendance, people, out or model / "card")
    print_json(figures)
    if not well:
        raise typer.Exit(1)
