"""What is written down about the town: the reading of the package's TOML files."""

import tomllib
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict


class Written(BaseModel):
    """A row as it is written; a key that nobody reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read(name: str) -> dict[str, Any]:
    """The tables of one file, by its path under the town's `data` folder."""
    return tomllib.loads(files("models.town").joinpath("data", name).read_text("utf-8"))
