"""`together queue`: what a coordinator does, from the command line."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Annotated, Literal

import typer

from services.cli.options import Data, Format

app = typer.Typer(
    help="The coordinator's queue: list, choose, decline, close, reopen, attended, companion, nights.\n\nExample: together queue list",
    no_args_is_help=True,
)
Case = Annotated[str, typer.Argument(help="A case_id, or a referral_id where only one case has it", metavar="ID")]
Reason = Annotated[str | None, typer.Option(help="Why, as a code", metavar="CODE")]
Note = Annotated[str | None, typer.Option(help="What is worth remembering, in words", metavar="TEXT")]
TogetherAnswer = Literal["ask", "yes", "no", "apart"]
Version = Annotated[int | None, typer.Option(help="The case's version that you saw; needed to change what was decided", min=0)]


@app.command("list")
def list_(
    state: Annotated[
        str | None,
        typer.Option(help="A status, or one of new, urgent, red_flag, waiting, to_do, overdue, silent", metavar="STATE"),
    ] = None,
    data: Data = None,
    format_: Format = None,
) -> None:
    """List the cases that need somebody, in the order in which they do.

    Example: together queue list --state overdue
    """
    from services.cli.cases import COLUMNS, list_cases
    from services.cli.output import print_list

    print_list(list_cases(data, state), COLUMNS, format_)


@app.command()
def choose(
    id_: Case,
    group: Annotated[str, typer.Argument(help="The group that was agreed", metavar="GROUP")],
    note: Note = None,
    version: Version = None,
    data: Data = None,
) -> None:
    """Choose a group for a case, and ask for a place in it.

    Example: together queue choose REF-000012 larkhill-singers --note "She sang as a girl"
    """
    from services.cli.deciding import decide
    from services.coordinator.commands import ChooseGroup

    decide(data, id_, ChooseGroup, group_id=group, note=note, version=version)


@app.command()
def decline(
    id_: Case,
    group: Annotated[str | None, typer.Argument(help="One group; else all that are proposed", metavar="[GROUP]")] = None,
    reason: Reason = None,
    note: Note = None,
    version: Version = None,
    data: Data = None,
) -> None:
    """Decline one group for a case, or all that are proposed; the place in a group that was chosen is given up.

    Example: together queue decline REF-000012 larkhill-singers --reason too_far
    """
    from services.cli.deciding import decide
    from services.coordinator.commands import DeclineGroups

    decide(data, id_, DeclineGroups, group_id=group, reason=reason, note=note, version=version)


@app.command()
def close(id_: Case, reason: Reason = None, note: Note = None, version: Version = None, data: Data = None) -> None:
    """Close a case; its place is given up.

    Example: together queue close REF-000012 --reason moved_away
    """
    from services.cli.deciding import decide
    from services.coordinator.commands import CloseCase

    decide(data, id_, CloseCase, reason=reason, note=note, version=version)


@app.command()
def reopen(id_: Case, reason: Reason = None, note: Note = None, version: Version = None, data: Data = None) -> None:
    """Open a closed case again.

    Example: together queue reopen REF-000012 --note "He called, and would like to try again"
    """
    from services.cli.deciding import decide
    from services.coordinator.commands import ReopenCase

    decide(data, id_, ReopenCase, reason=reason, note=note, version=version)


@app.command()
def attended(
    id_: Case,
    group: Annotated[str, typer.Argument(help="The group", metavar="GROUP")],
    on: Annotated[datetime, typer.Argument(help="The date of the session", formats=["%Y-%m-%d"], metavar="DATE")],
    missed: Annotated[bool, typer.Option("--missed", help="They did not come")] = False,
    data: Data = None,
) -> None:
    """Record that the person came to a group on a date, or with --missed that they did not.

    Example: together queue attended REF-000012 larkhill-singers 2026-07-07
    """
    from services.cli.deciding import decide
    from services.coordinator.commands import RecordAttendance

    decide(data, id_, RecordAttendance, group_id=group, on=on.date(), attended=not missed)


@app.command()
def companion(
    id_: Case,
    answer: Annotated[TogetherAnswer, typer.Argument(help="ask: both are to be asked; apart: they are not; yes, no: what the person said")],
    data: Data = None,
) -> None:
    """Decide whether two people go together the first time, and record what the person of this case said.

    Example: together queue companion REF-000012 yes
    """
    from services.cli.deciding import decide
    from services.coordinator.commands import DecideTogether

    decide(data, id_, DecideTogether, answer=answer)


@app.command()
def nights(data: Data = None, format_: Format = None) -> None:
    """List what each night's sharing of free places among all who wait came to, the newest last.

    jointly and one_by_one are the second attendances expected of all who waited, as places were shared and as they would have gone to people
    as they came; worst and worst_one_by_one are the same for each person of the group of people, worst_off, that has the fewest. Of
    the "first" night nothing was asked, because it was over when the installation began; one that is "begun" for hours was cut short.

    Example: together queue nights --format table
    """
    from services.cli.installation import installation
    from services.cli.output import print_list
    from services.matcher.domain import Rematch

    with installation(data) as running, running.services.reading("matcher") as store:
        nights = [asdict(night) for night in store.rematches()]
    print_list([{**night, "night": night["night"].isoformat()} for night in nights], [column.name for column in fields(Rematch)], format_)
