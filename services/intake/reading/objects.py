"""One JSON object as it was sent: read within limits, and put into one canonical spelling to tell same from other content.

The JSON read here is strict where senders' parsers differ and a difference could change what was agreed: a name given twice, NaN, half a
Unicode character, nesting and numbers beyond any need are all refused.
"""

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

from schemas.referral import Attended, Consent, Loneliness, PersonContact, Referral, Referrer, Travel, Window
from services.intake.reading.pointers import BadField, pointer_to

MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 400
"""Digits of a whole number; Python itself refuses to read more than 4300."""

KNOWN_NAMES: Final = frozenset(
    name for record in (Referral, Attended, Consent, Loneliness, PersonContact, Referrer, Travel, Window) for name in record.model_fields
)
NO_OBJECT: Final = (BadField("", "must be an object"),)

_OPENING = re.compile(r"[\[{]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Refused(Exception):
    """Raised out of the JSON parser, with the detail that a sender is told."""


def read_object(text: str | bytes) -> dict[str, Any] | tuple[BadField, ...]:
    """The JSON object in `text` (bytes: UTF-8, with or without a byte order mark), or what is wrong with it. Raises nothing."""
    try:
        whole = text if isinstance(text, str) else text.decode("utf-8-sig")
        return _checked(_DECODER.decode(whole.strip()), whole)
    except UnicodeDecodeError:
        return (BadField("", "must be UTF-8"),)
    except json.JSONDecodeError as error:
        return (BadField("", f"is not valid JSON at character {error.pos + 1}"),)
    except RecursionError:
        return (BadField("", f"is nested more than {MAX_DEPTH} levels deep"),)
    except _Refused as refused:
        return (BadField("", str(refused)),)


def canonical(sent: dict[str, Any]) -> bytes:
    """One spelling of `sent` for all that mean the same: the order of names, white space and 1, 1.0 or 1e0 do not matter.

    Wants what `read_object` gives; raises ValueError for numbers that are not finite.
    """
    return json.dumps(_plain(sent), sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def known_pointer(path: tuple[str | int, ...]) -> str:
    """The JSON Pointer of `path` as far as the schema names it: the name of an unknown field may itself be personal."""
    known = [step for step in path if isinstance(step, int) or step in KNOWN_NAMES]
    return pointer_to(*known) if len(known) == len(path) else pointer_to(*path[:1]) if path[0] in Referral.model_fields else ""


def _checked(value: Any, text: str) -> dict[str, Any] | tuple[BadField, ...]:
    """`value` where it is an object within the limits; the walks are only done where the text gives cause."""
    if not isinstance(value, dict):
        return NO_OBJECT
    if len(_OPENING.findall(text)) > MAX_DEPTH and any(len(path) > MAX_DEPTH for path, _ in leaves(value)):
        raise _Refused(f"is nested more than {MAX_DEPTH} levels deep")
    if _ESCAPED_SURROGATE.search(text) or _SURROGATE.search(text):
        halves = [path for path, leaf in leaves(value) if isinstance(leaf, str) and _SURROGATE.search(leaf)]
        if halves:
            return tuple(BadField(known_pointer(path), "must be text of whole Unicode characters") for path in halves)
    return value


def leaves(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every name, scalar and empty container within `value` with the path to it, without recursion."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, here = waiting.pop()
        if isinstance(here, dict):
            waiting += (((*path, name), inner) for name, inner in here.items())
            yield from (((*path, name), name) for name in here)
        elif isinstance(here, list) and here:
            waiting += (((*path, at), inner) for at, inner in enumerate(here))
        else:
            yield path, here


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    doubled = next(name for name in names if names.count(name) > 1)
    raise _Refused(f'gives "{doubled}" twice' if doubled in KNOWN_NAMES else "gives a name twice")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Refused(f"has a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise _Refused("has a number too large to be one")
    return number


def _not_a_number(_: str) -> float:
    raise _Refused("has NaN or Infinity, which are not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_int=_whole, parse_float=_finite, parse_constant=_not_a_number)
