"""The numbers of the truth, read from `truth.toml`, where each stands with its source."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Numbers:
    """Log-odds, but where said otherwise: shares of a variance (`told_of_…`, `warmth_of_kind`), chances (`told_ended`, `still_wants`), rates.

    `taste_…` is for a unit of taste, `km_…` for the usual distance of the person's way of travelling, `steadiness` and `warmth` are standard
    deviations between people and between groups.
    """

    told_of_people: float
    told_of_groups: float
    taste_chosen: float
    taste_comes: float
    taste_back: float
    km_chosen: float
    km_comes: float
    km_back: float
    steadiness: float
    warmth: float
    warmth_of_kind: float
    first_said: float
    second_said: float
    chosen: float
    comes: float
    back: float
    ended_a_year: float
    moved_a_year: float
    years_unchecked: float
    told_ended: float
    still_wants: float


@cache
def _written() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("models.simulation").joinpath("truth.toml").read_text("utf-8"))


@cache
def numbers() -> Numbers:
    """The numbers as they are written; a number missing or too many is a TypeError."""
    return Numbers(**{name: float(entry["value"]) for name, entry in _written().items()})


def sources() -> dict[str, str]:
    """Where each number comes from."""
    return {field.name: str(_written()[field.name]["source"]) for field in fields(Numbers)}
