"""Events to records and back: CloudEvents attributes beside a JSON body in which the personal parts are sealed.

A record is what a log or a broker carries. Decoding is per record, so that one bad record never takes its batch along.
"""

from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import CoreConfig, SchemaValidator, core_schema, from_json, to_json

from schemas.envelope import CONTENT_TYPE, SPEC_VERSION, Event, event_name, schema_of
from schemas.events import ALL
from schemas.events.base import Data, Purpose, Sealed
from services.chassis.errors import Rejected
from services.chassis.tracing import traceparent_of
from services.chassis.vault import Vault

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Record:
    """One event as it is stored and sent: attributes in clear, the body as JSON bytes; `time` is RFC 3339."""

    stream: str
    subject: str
    id: str
    type: str
    source: str
    time: str
    correlationid: str
    causationid: str | None
    traceparent: str | None
    data: bytes

    def structured(self) -> dict[str, Any]:
        """The CloudEvents structured form, sealed parts sealed."""
        event = ALL.get(event_name(self.type))
        attributes = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": CONTENT_TYPE,
            "dataschema": schema_of(event) if event else None,
            "correlationid": self.correlationid,
            "causationid": self.causationid,
            "traceparent": self.traceparent,
        }
        return {name: value for name, value in attributes.items() if value is not None} | self._body()

    def _body(self) -> dict[str, Any]:
        try:
            return {"data": from_json(self.data, allow_inf_nan=False)}
        except ValueError:  # CloudEvents 1.0, JSON Event Format, section 3.1: what is no JSON stands in base64
            return {"data_base64": b64encode(self.data).decode()}


def plain_parts(data: Data) -> dict[str, bytes]:
    """The personal parts of an event that are there, each as JSON."""
    parts: dict[str, BaseModel | None] = {name: getattr(data, name) for name in data.sealed_parts}
    return {name: part.__pydantic_serializer__.to_json(part, exclude_none=True) for name, part in parts.items() if part is not None}


def sealed_parts(event: Event[Data], plain: Mapping[str, bytes], vault: Vault) -> dict[str, bytes] | None:
    """Each part as ciphertext; None where its person was erased, because nothing is sealed for them again."""
    data, sealed = event.data, {}
    for name, part in plain.items():
        ciphertext = vault.seal(data.sealed_parts[name][0], data.subject, event.id, event.type, part)
        if ciphertext is None:
            return None
        sealed[name] = ciphertext
    return sealed


def encode(event: Event[Data], sealed: Mapping[str, bytes]) -> Record:
    """The record of an event whose personal parts are these ciphertexts."""
    data = event.data
    clear: dict[str, Any] = data.__pydantic_serializer__.to_python(data, mode="json", exclude=set(data.sealed_parts), exclude_none=True)
    body = clear | {name: b64encode(ciphertext).decode() for name, ciphertext in sealed.items()}
    return Record(
        data.stream, data.subject, event.id, event.type, event.source, event.time.isoformat(), event.correlationid, event.causationid,
        event.traceparent, to_json(body),
    )  # fmt: skip


def decode(record: Record) -> Event[Data]:
    """The event of a record, its parts still sealed.

    Raises:
        Rejected: the type is unknown, or the body is not what its schema says; the message repeats no value.
    """
    data_class = ALL.get(event_name(record.type))
    if data_class is None:
        raise Rejected(f"unknown event type {record.type!r}")
    try:
        data = _read(data_class, record.data)
    except ValidationError as error:
        raise Rejected(f"{record.type}: {_told_without_values(error)}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise Rejected(f"{record.type}: the body is not a JSON object of the expected form ({type(error).__name__})") from None
    sealed = {
        name: Sealed(purpose, record.subject, record.id, record.type, ciphertext)
        for name, (purpose, _) in data_class.sealed_parts.items()
        if (ciphertext := vars(data)[name])
    }
    vars(data).update(sealed)
    if data.subject != record.subject:
        raise Rejected(f"{record.type}: the subject is not the {data.key} in its data")
    traceparent = traceparent_of(record.traceparent)
    return Event(record.id, record.source, _time_of(record), data, record.correlationid, record.causationid, traceparent, sealed)


def _time_of(record: Record) -> datetime:
    try:
        return datetime.fromisoformat(record.time)
    except ValueError:
        raise Rejected(f"{record.type}: the time is none of RFC 3339") from None


@cache
def _reader(data_class: type[Data]) -> SchemaValidator:
    """Reads the fields of an event's data out of JSON in one pass; a sealed part, where there is one, is bytes out of base64, never empty."""
    part = core_schema.nullable_schema(core_schema.bytes_schema(min_length=1))
    sealed = core_schema.model_field(core_schema.with_default_schema(part, default=None))
    written: Any = data_class.__pydantic_core_schema__
    definitions = written.get("definitions", [])
    model = next(one for one in (written, written["schema"], *definitions) if one.get("cls") is data_class)
    fields = model["schema"] | {"fields": model["schema"]["fields"] | dict.fromkeys(data_class.sealed_parts, sealed)}
    others = [one for one in definitions if one is not model]
    config = model["config"] | CoreConfig(val_json_bytes="base64")
    return SchemaValidator(core_schema.definitions_schema(fields, others) if others else fields, config)


def _read(data_class: type[Data], body: bytes) -> Data:
    """The data of an event, as pydantic itself would make it, with each sealed part as bytes."""
    values, extra, names = _reader(data_class).validate_json(body)
    data = data_class.__new__(data_class)
    told = {"__dict__": values, "__pydantic_fields_set__": names, "__pydantic_extra__": extra, "__pydantic_private__": None}
    for name, value in told.items():
        object.__setattr__(data, name, value)
    return data


def opened(event: Event[Data], vault: Vault, purposes: Collection[Purpose]) -> Event[Data]:
    """The event with the parts of these purposes opened; a part whose key was destroyed is None.

    Raises:
        Rejected: a part does not open, or what is inside is not what its schema says.
    """
    parts = event.data.sealed_parts
    found = {name: open_part(sealed, parts[name][1], vault) for name, sealed in event.sealed.items() if sealed.purpose in purposes}
    return replace(event, data=event.data.model_copy(update=found)) if found else event


def open_part(sealed: Sealed, part: type[P], vault: Vault) -> P | None:
    """What is inside one sealed part, or None where its key was destroyed."""
    plain = vault.open(sealed)
    if plain is None:
        return None
    try:
        return part.model_validate_json(plain)
    except ValidationError as error:
        raise Rejected(f"{sealed.event_type}: {sealed.purpose}: {_told_without_values(error)}") from None


def _told_without_values(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors(include_input=False, include_url=False))
