"""`together unmet`: the ledger of what was sought and not found."""

from services.cli.options import Data, Format


def unmet(data: Data = None, format_: Format = None) -> None:
    """List what people sought and no group gave: kind, area, month, reason, and how many cases.

    Example: together unmet --format table
    """
    from services.cli.installation import installation
    from services.cli.output import print_list

    columns = ("kind", "area", "month", "reason", "cases")
    with installation(data) as running, running.embedded.reading("coordinator") as store:
        rows = store.unmet()
    print_list([dict(zip(columns, row, strict=True)) for row in rows], columns, format_)
