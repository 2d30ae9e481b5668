"""JSON as it comes: any encoding, numbers without end, objects nested without end; the items that are sound survive beside the one that is not."""

import json
import re
from collections.abc import Iterator
from typing import Any

from services.directory.feeds.lines import as_utf8, decoded
from services.directory.feeds.reading import FeedUnreadable

MOST_DIGITS = 40


class TooDeep:
    """Stands in the place of an item that is nested too deep to be read."""


def loaded(text: str) -> Any:
    """The value of a JSON text; raises `ValueError` where it is none, `RecursionError` where it is nested too deep."""
    return _DECODER.decode(text)


def document(body: bytes, name: str) -> tuple[Any, tuple[str, ...]]:
    """The value of a JSON file and what was mended in it; raises `FeedUnreadable` with line and column where it is not JSON."""
    text, reasons = decoded(as_utf8(body, name))
    try:
        return loaded(text), reasons
    except json.JSONDecodeError as error:
        raise FeedUnreadable(f"{name}: line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})") from None
    except RecursionError:
        return _items_of_deep_text(text, name), reasons


def _whole_number(digits: str) -> int | str:
    """A whole number, or its text where it has more digits than anything that is counted."""
    return int(digits) if len(digits) <= MOST_DIGITS else digits


_DECODER = json.JSONDecoder(parse_int=_whole_number)
_MARKS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_LIST_OF_ITEMS = re.compile(r'\s*(?:\{.*?"(?:contents|content|services)"\s*:\s*)?\[', re.DOTALL)


def _items_of_deep_text(text: str, name: str) -> list[Any]:
    """The items of the list that the text is, or holds as its contents, each read alone."""
    begin = _LIST_OF_ITEMS.match(text)
    if begin is None:
        raise FeedUnreadable(f"{name}: this is nested too deep to be read")
    return [_item(piece) for piece in _pieces(text, begin.end())]


def _pieces(text: str, position: int) -> Iterator[str]:
    depth, start = 0, position
    for mark in _MARKS.finditer(text, position):
        sign = mark[0]
        if sign in "[{":
            start = mark.start() if depth == 0 else start
            depth += 1
        elif sign in "]}":
            depth -= 1
            if depth == 0:
                yield text[start : mark.end()]
            elif depth < 0:
                return


def _item(piece: str) -> Any:
    try:
        return loaded(piece)
    except RecursionError:
        return TooDeep()
    except ValueError:
        return None
