"""What a command prints: data on stdout, one JSON object a line or a table for a terminal; progress on stderr."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from services.cli.options import Listing

WIDE = 1_000
"""The width of a table that goes to no terminal, so that nothing in it is folded."""


def print_json(value: object) -> None:
    """One JSON object on one line of stdout."""
    print(json.dumps(value, ensure_ascii=False))


def print_list(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], listing: Listing | None) -> None:
    """Rows as JSON Lines, whole; or these columns of them as a table."""
    if (listing or (Listing.TABLE if sys.stdout.isatty() else Listing.JSONL)) is Listing.JSONL:
        for row in rows:
            print_json(row)
        return
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(*(Column(column, overflow="fold") for column in columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    return escape(", ".join(map(str, value)) if isinstance(value, list) else str(value))


class Bar:
    """A progress bar on stderr, moved on by `advance`."""

    def __init__(self, progress: Any, task: Any) -> None:
        self._progress, self._task = progress, task

    def advance(self, by: int = 1) -> None:
        """So much more is done."""
        self._progress.advance(self._task, by)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Bar]:
    """A progress bar while the block runs; nothing is drawn where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal, redirect_stdout=False) as drawn:
        yield Bar(drawn, drawn.add_task(what, total=total))
