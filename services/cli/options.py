"""The options that many commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option("--data", help="The data folder; else TOGETHER_DATA, else .together", metavar="DIR")]


def not_empty(path: str) -> str:
    """The same path; an empty one, most often a shell's unset variable, would be the folder one happens to stand in."""
    if not path.strip():
        raise typer.BadParameter("is empty")
    return path


class Listing(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSONL = "jsonl"


Format = Annotated[Listing | None, typer.Option("--format", help="table, or jsonl: the default where stdout is not a terminal")]
