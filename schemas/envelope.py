"""The envelope of every event: CloudEvents 1.0, with the trace and the cause.

`causationid` is the id of the fact or command that led to this one; `correlationid` is that of the first in the chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from schemas.events.base import Data, Sealed

SPEC_VERSION = "1.0"
TYPE_PREFIX = "better-together."
CONTENT_TYPE = "application/json"

D = TypeVar("D", bound=Data, covariant=True)


@dataclass(frozen=True, slots=True)
class Event(Generic[D]):
    """One fact as it was written: who wrote it, when (domain clock), because of what; `sealed` has its sealed parts as they arrived."""

    id: str
    source: str
    time: datetime
    data: D
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None
    sealed: Mapping[str, Sealed] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The CloudEvents type; ends in the event's name."""
        return event_type(type(self.data))


def event_type(data: type[Data]) -> str:
    """The CloudEvents `type` of an event's data class."""
    return TYPE_PREFIX + data.__name__


def event_name(type_: str) -> str:
    """The event's name, and its `.vN` where there is one, out of a CloudEvents `type`."""
    return type_.removeprefix(TYPE_PREFIX)


def schema_of(data: type[Data]) -> str:
    """The `dataschema` of an event; its published JSON Schema carries this as its `$id`."""
    return f"urn:better-together:schema:{data.__name__}"
