"""`together unmet`: the ledger of what was sought and not found."""

import typer

from services.cli.options import Data, Format


def unmet(data: Data = None, format_: Format = None) -> None:
    """List what people sought and no group gave: kind, area, month, reason, and how many cases.

    Example: together unmet --format table
    """
    from services.cli.installation import installation
    from services.cli.output import print_list

    columns = ("kind", "area", "month", "reason", "cases")
    with installation(data) as running, running.services.reading("coordinator") as store:
        rows, since = store.unmet(), store.unmet_from()
    if since:
        typer.echo(f"There is more than this counts: it tells of what was sought since {since.date()}.", err=True)
    print_list([dict(zip(columns, row, strict=True)) for row in rows], columns, format_)
