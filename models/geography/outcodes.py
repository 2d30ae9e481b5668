"""UK outward codes: the bundled table, and which outward code a postcode as people type it begins with."""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

Position = tuple[float, float]

# What a hurried hand or a scanner puts for the right character.
_MISTAKEN_FOR: Final = {"O": "0", "0": "O", "I": "1", "L": "1"}
_INWARD = re.compile(r"[0-9OIL][A-Z01][A-Z01]")
_LETTERED = re.compile(r"(?:E|EC|N|NW|SE|SW|W|WC)[0-9][A-Z]")


@cache
def outcodes() -> dict[str, Position]:
    """Latitude and longitude of every outward code in the bundled table (see uk-outcodes.LICENCE.md)."""
    with (files(__package__) / "uk-outcodes.csv").open(encoding="utf-8") as table:
        return {row["outcode"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(table)}


def outcode_of(postcode: str) -> str | None:
    """The outward code of a whole or partial UK postcode, or None where none or more than one could be meant.

    Outward code alone, with the inward code's digit, and the whole postcode are understood, with or without a space.
    """
    candidates = _outward_parts(postcode.upper())
    exact = next((part for part in candidates if part in outcodes()), None)
    if exact is not None or not any(character.isdigit() for character in postcode):
        return exact
    return next(filter(None, map(_respelt, candidates)), None) or next(filter(None, map(_district, candidates)), None)


def _outward_parts(postcode: str) -> list[str]:
    """What may be the outward code, most likely first."""
    words = re.findall(r"[A-Z0-9]+", postcode)
    whole = "".join(words)
    parts = [words[0]] if len(words) == 2 else []
    if len(whole) >= 5 and _INWARD.fullmatch(whole[-3:]):
        parts.append(whole[:-3])
    parts.append(whole)
    if len(whole) in (3, 4, 5) and whole[-1].isdigit():
        parts.append(whole[:-1])  # "SW1A 1": the inward code's digit, without its letters
    return [part for part in parts if 2 <= len(part) <= 4]


def _respelt(part: str) -> str | None:
    """The one outward code that differs from `part` by a single mistaken character; None for none or several."""
    spellings = {part[:at] + _MISTAKEN_FOR[wrong] + part[at + 1 :] for at, wrong in enumerate(part) if wrong in _MISTAKEN_FOR}
    found = spellings & outcodes().keys()
    return found.pop() if len(found) == 1 else None


def _district(part: str) -> str | None:
    """The district that a lettered London outward code missing from the table is a piece of: W1 for W1A."""
    return part[:-1] if _LETTERED.fullmatch(part) and part[:-1] in outcodes() else None
