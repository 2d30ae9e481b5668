"""Tells JSON Lines from a JSON document over several lines, so that a document is told as one mistake and not as one for each of its lines."""

import json
from collections.abc import Sequence
from typing import Final

LOOKED_AT: Final = 20
"""So many lines of a file show what it is."""

ARRAY: Final = "this is a JSON array; one object a line is needed"
DOCUMENT: Final = "this is one JSON document over several lines; one object a line is needed"


def why_no_lines(first: Sequence[str | None]) -> str | None:
    """Why a file is no JSON Lines, by its first `LOOKED_AT` lines, or by all where it has fewer; None where it may be.

    It is a document where its first line only begins a value that the next ones go on with, to its end or as far as is looked. A line that was
    cut off is not gone on with by good ones, so they are never taken for a part of it. A line of None is too long to be looked at.
    """
    texts = [text for text in first if text is not None and text.strip()]
    if len(texts) < 2 or None in first or not _begins(texts[0]):
        return None
    together = "\n".join(texts)
    goes_on = _is_json(together) or (len(first) >= LOOKED_AT and _begins(together))
    return (ARRAY if texts[0].lstrip().startswith("[") else DOCUMENT) if goes_on else None


def _begins(text: str) -> bool:
    """Whether something is missing at the end, and nothing is wrong before."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text.rstrip())
    except (ValueError, RecursionError):
        return False
    return False


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
