"""The options that many commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option("--data", help="The data folder; else TOGETHER_DATA, else .together", metavar="DIR")]


class Listing(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSONL = "jsonl"


Format = Annotated[Listing | None, typer.Option("--format", help="table, or jsonl: the default where stdout is not a terminal")]
