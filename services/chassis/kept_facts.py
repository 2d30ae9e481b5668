"""Facts about persons as a store keeps them: ids and what is in clear as it was read, and what matching may know as it was sealed."""

from datetime import datetime
from typing import Final

from pydantic_core import from_json
from sqlalchemy import Column, LargeBinary, MetaData, String, Table

from schemas.envelope import Event, event_name
from schemas.events import ALL
from schemas.events.base import Data, Purpose, Sealed

MATCHING: Final[frozenset[Purpose]] = frozenset({"matching"})


def table_of_facts(name: str, metadata: MetaData) -> Table:
    """A table of such facts."""
    return Table(
        name,
        metadata,
        Column("event_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("type", String, nullable=False),
        Column("time", String, nullable=False),
        Column("in_clear", LargeBinary, nullable=False),
        Column("matching", LargeBinary),
    )


def row_of(fact: Event[Data], person: str) -> tuple[object, ...]:
    """A fact about this person as a row."""
    data, sealed = fact.data, fact.sealed.get("matching")
    in_clear = data.__pydantic_serializer__.to_json(data, exclude=set(data.sealed_parts), exclude_none=True)
    return fact.id, person, fact.type, fact.time.isoformat(), in_clear, sealed and sealed.ciphertext


def fact_of(event_id: str, person: str, type_: str, time: str, in_clear: bytes, matching: bytes | None) -> Event[Data]:
    """The fact as it was read; what was caused by it and what it was caused by is not kept."""
    sealed = {"matching": Sealed("matching", person, event_id, type_, matching)} if matching else {}
    data = ALL[event_name(type_)].model_validate(from_json(in_clear) | sealed)
    return Event(event_id, "", datetime.fromisoformat(time), data, "", sealed=sealed)
