"""What is wrong with what was sent: a JSON Pointer (RFC 6901) to each bad place and a sentence that never repeats the value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.chassis.errors import Rejected

_SAID_BY_THE_SCHEMA = frozenset(
    {"gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "actual_length", "field_type", "expected", "class_name", "max_digits"}
)
"""What pydantic's messages may quote without quoting the sender."""


class Pointed(Protocol):
    """Anything with a pointer and a detail."""

    @property
    def pointer(self) -> str:
        """A JSON Pointer; "" is the whole body."""

    @property
    def detail(self) -> str:
        """What should be there instead."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A JSON Pointer ("" is the whole body), and what should be there instead."""

    pointer: str
    detail: str


class Invalid(Rejected):
    """What was sent cannot be accepted as it is; `faults` say where and why."""

    def __init__(self, faults: Iterable[Pointed], message: str = "What was sent cannot be accepted as it is.") -> None:
        super().__init__(message)
        self.faults = tuple(Fault(fault.pointer, fault.detail) for fault in faults)


def pointer(path: Iterable[str | int]) -> str:
    """The JSON Pointer of a path of names and positions: `contact`, `phone` is "/contact/phone"."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def faults_of(errors: Sequence[Any], *, within: int = 0) -> list[Fault]:
    """The faults of pydantic's errors; the first `within` steps of each location are left out of its pointer."""
    return [Fault(pointer(error["loc"][within:]), _detail(error["type"], error["msg"], error.get("ctx") or {})) for error in errors]


def _detail(kind: str, message: str, context: Mapping[str, object]) -> str:
    if kind == "missing":
        return "is required"
    if context.keys() <= _SAID_BY_THE_SCHEMA and kind not in ("value_error", "assertion_error"):
        return message
    if kind.endswith("_parsing"):  # "Input should be a valid date, …": what follows the comma is about the value
        return message.split(",", 1)[0]
    return "is not valid"
