"""The bodies that routes read: strict JSON and plain forms, refused where they are not what they say, and never a reason to fail.

Routes declare no body parameter; they call one of these. What a parser elsewhere may read differently is refused: NaN, half a Unicode
character, NUL, a name given twice, nesting and numbers beyond any need.
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.chassis.web.faults import Fault, Invalid, faults_of

M = TypeVar("M", bound=BaseModel)
Form = ImmutableMultiDict[str, str]

FORM_FIELDS = 500
_LARGEST = 2**63 - 1  # what every database keeps as an integer
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


async def json_bytes(request: Request) -> bytes:
    """The body of a JSON request, unread.

    Raises:
        HTTPException: 415, the body is not declared as JSON in UTF-8.
    """
    declared, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    subtype = declared.strip().removeprefix("application/")
    if not (subtype == "json" or (subtype.endswith("+json") and "/" not in subtype)):
        raise HTTPException(415, "Send JSON, as application/json.")
    if "charset" in parameters and "utf-8" not in parameters:
        raise HTTPException(415, "Send JSON in UTF-8.")
    return await request.body()


async def read_json(request: Request) -> Any:
    """The JSON value in the body.

    Raises:
        HTTPException: 415, the body is not declared as JSON in UTF-8.
        Invalid: it is not JSON, or JSON that would be read differently elsewhere.
    """
    return parse_json(await json_bytes(request))


async def read_record(request: Request, record: type[M]) -> M:
    """The JSON object in the body as a record.

    Raises:
        HTTPException: 415, the body is not declared as JSON in UTF-8.
        Invalid: it is not JSON, or not such a record; with a pointer to every bad field.
    """
    value = await read_json(request)
    try:
        return record.model_validate(value)
    except ValidationError as error:
        raise Invalid(faults_of(error.errors(include_url=False))) from None


async def read_form(request: Request) -> Form:
    """The fields of a URL-encoded form; a field may stand several times.

    Raises:
        HTTPException: 415, the body is not declared as such a form.
        Invalid: it is not UTF-8, holds NUL, or has too many fields.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Send a form, as application/x-www-form-urlencoded.")
    body = await request.body()
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS)
    except ValueError:
        raise Invalid([Fault("", f"must be a form in UTF-8 with at most {FORM_FIELDS} fields")]) from None
    if any("\0" in text for pair in fields for text in pair):
        raise Invalid([Fault("", "must not contain NUL characters")])
    return Form(fields)


def parse_json(body: bytes) -> Any:
    """The JSON value in UTF-8 bytes, with or without a byte order mark.

    Raises:
        Invalid: it is not JSON, nested more than 200 levels deep, or has text or numbers that would be read differently elsewhere.
    """
    text = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        from_json(text, allow_inf_nan=False)  # the stricter parser of the two, which is silent about names given twice
        value = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        raise Invalid([Fault("", f"is not valid JSON: {error}")]) from None
    if fault := next((said for leaf in _leaves(value) if (said := _fault(leaf))), None):
        raise Invalid([Fault("", fault)])
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def _leaves(value: Any) -> Iterator[Any]:
    """Every name and scalar within a value, without recursion."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield from here
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
        else:
            yield here


def _fault(leaf: Any) -> str | None:
    if isinstance(leaf, str):
        return "must not contain NUL characters" if "\0" in leaf else None
    if isinstance(leaf, float):
        return None if isfinite(leaf) else "has a number too large to be one"
    return "has a whole number beyond 64 bits" if isinstance(leaf, int) and abs(leaf) > _LARGEST else None
