"""`together model`: learn a ranker from attendance, judge it, and decide which one serves."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Data, Format, not_empty

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
Models = Annotated[
    Path | None,
    typer.Option("--models", help="A folder of models, each in a folder of its own, instead of the installation's", metavar="DIR"),
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


@app.command("list")
def list_(data: Data = None, models: Models = None, format_: Format = None) -> None:
    """List the models, which of them serves and why, and of an installation what each night found.

    Example: together model list --format table
    """
    from services.cli.output import print_list

    if models is None:
        from services.cli.installed_models import models_of

        rows = models_of(data)
    else:
        from services.cli.promoting import listed_models

        rows = listed_models(models)
    print_list(rows, ("name", "model", "serving", "trained_on", "joins", "promoted_at", "because"), format_)


@app.command()
def promote(
    name: Annotated[str, typer.Argument(help="The model's name: its folder's", metavar="NAME", callback=not_empty)],
    groups: Groups,
    attendance: AttendanceFile,
    people: PeopleFile = None,
    data: Data = None,
    models: Models = None,
    tolerance: Annotated[float, typer.Option(min=0, max=1, help="By how much it may lose on a slice, in nDCG@10")] = 0.01,
) -> None:
    """Have a model serve, if it wins on later outcomes overall and loses on no slice of people by more than the tolerance.

    The attendance must have come after what both models learned from: a model is not judged on what it learned from. Lines that `offered_at` or
    `first_at` dates no later are left out, and stderr tells how many; so it does of lines without a date, which are not checked.

    A model of an installation is a folder in DIR/models (TOGETHER_MODELS); it serves at once, also while `together up` runs there.

    Example: together model promote 2026-05 --groups groups.jsonl --attendance june.jsonl --people people.jsonl
    """
    from services.cli.installed_models import promote_in
    from services.cli.output import print_json
    from services.cli.promoting import Later, promote_if_better

    later = Later(groups, attendance, people, tolerance)
    print_json(promote_in(data, name, later) if models is None else promote_if_better(models, name, later))


@app.command()
def rollback(data: Data = None, models: Models = None) -> None:
    """Have the model serve again that served before the one that serves now; also while `together up` runs there.

    Example: together model rollback
    """
    from services.cli.installed_models import roll_back_in
    from services.cli.output import print_json
    from services.cli.promoting import roll_back

    print_json(roll_back_in(data) if models is None else roll_back(models))
