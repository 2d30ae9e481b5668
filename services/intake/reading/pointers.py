"""What is wrong with a record, in plain English, with a JSON Pointer (RFC 6901) to each bad field; a value is never repeated.

Pydantic's own messages quote the value or what a validator made of it, and a value is personal. So only the error's type and the schema's own
limits are put into words here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from schemas.record import Clock, Id, LanguageTag


@dataclass(frozen=True, slots=True)
class BadField:
    """A JSON Pointer ("" is the whole record), and what should be there instead."""

    pointer: str
    detail: str


def pointers(error: ValidationError) -> list[BadField]:
    """Every bad field of `error`, in the schema's order, without any value."""
    return [BadField(pointer_to(*one["loc"]), _detail(one["loc"], one["type"], one.get("ctx", {}))) for one in error.errors(include_url=False)]


def pointer_to(*path: str | int) -> str:
    """The JSON Pointer of a path of names and positions: `contact`, `phone` is "/contact/phone"."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _pattern_of(annotated: Any) -> str:
    """The regular expression a string type of the schema is held to."""
    return next(str(limit.pattern) for limit in annotated.__metadata__ if getattr(limit, "pattern", None))


_PATTERNS: Final = {
    _pattern_of(Clock): 'must be a time of day as "HH:MM"',
    _pattern_of(Id): "must not contain control characters",
    _pattern_of(LanguageTag): 'must be a BCP 47 language tag such as "en-GB"',
}

# The error types of pydantic-core that the records can raise, with the schema's limits where there are any.
_DETAILS: Final = {
    "missing": "is required",
    "string_type": "must be text",
    "string_unicode": "must be text of whole Unicode characters",
    "string_too_long": "must be at most {max_length} characters long",
    "string_too_short": "must not be empty",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_long": "must have at most {max_length} items",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "timezone_aware": "must say its time zone, such as Z or +01:00",
}
_INSTANT: Final = 'must be an instant as RFC 3339 has it, such as "2026-03-02T09:30:00Z"'
_UNKNOWN_ZONE: Final = 'must be an IANA time zone such as "Europe/London"'
_HALF_A_POSITION: Final = "latitude and longitude belong together: give both or neither"


def _detail(path: tuple[str | int, ...], kind: str, limits: Mapping[str, Any]) -> str:
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(limits.get("pattern")), "is not written as it should be")
    if kind == "value_error":  # raised by the schema's own validators; their words may quote the value
        return _HALF_A_POSITION if not path else _UNKNOWN_ZONE if path[-1] == "time_zone" else "is not valid"
    if re.match("datetime_|date_", kind):
        return _INSTANT
    plain = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in limits.items()}
    return _DETAILS.get(kind, "is not valid").format_map(plain)
