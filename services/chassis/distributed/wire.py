"""A record as Kafka carries it: CloudEvents 1.0, binary content mode (Kafka Protocol Binding, section 3.2).

The key is the subject, the value the JSON body, every attribute a header. Whatever is not exactly that is refused, never guessed at: a topic
is open to foreign writers, and one bad record must not stop its consumer.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from schemas.envelope import CONTENT_TYPE, SPEC_VERSION, event_name, schema_of
from schemas.events import ALL
from services.chassis.codec import Record
from services.chassis.errors import Rejected
from services.chassis.ids import derived_id

Headers = Sequence[tuple[str, bytes | None]]

_CONTENT_TYPE = "content-type"
_NEEDED = ("specversion", "id", "source", "type", "subject", "time", "correlationid")
_OPTIONAL = ("causationid", "traceparent")
_READ = {_CONTENT_TYPE, *(f"ce_{name}" for name in (*_NEEDED, *_OPTIONAL))}
_UNREADABLE = "better-together.Unreadable"
_LONGEST = 1_000  # characters of an attribute; ours are ids and short names
_NO_STRING = re.compile(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")  # CloudEvents 1.0, section 3.1; PostgreSQL takes no NUL either


def headers_of(record: Record) -> list[tuple[str, bytes]]:
    """The headers of a record; its key is the subject, its value the data."""
    event = ALL.get(event_name(record.type))
    attributes = {
        "specversion": SPEC_VERSION,
        "id": record.id,
        "source": record.source,
        "type": record.type,
        "subject": record.subject,
        "time": record.time,
        "dataschema": schema_of(event) if event else None,
        "correlationid": record.correlationid,
        "causationid": record.causationid,
        "traceparent": record.traceparent,
    }
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items() if value is not None]
    return [*headers, (_CONTENT_TYPE, CONTENT_TYPE.encode())]


def record_of(stream: str, key: bytes | None, value: bytes | None, headers: Headers | None) -> Record:
    """The record of a Kafka message; headers that we do not know are left out.

    Raises:
        Rejected: it is no event in binary content mode; the reason repeats no value. A null value is refused too: no stream of ours deletes
            by tombstone, a group's end is the fact GroupDelisted.
    """
    if key is None or value is None:
        raise Rejected(f"the message has no {'key' if key is None else 'value'}")
    told = _told(headers or ())
    if missing := [name for name in _NEEDED if f"ce_{name}" not in told]:
        raise Rejected(f"header ce_{missing[0]} is missing")
    if told["ce_specversion"] != SPEC_VERSION:
        raise Rejected(f"header ce_specversion is not {SPEC_VERSION}")
    if told.get(_CONTENT_TYPE, "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise Rejected(f"header {_CONTENT_TYPE} is not {CONTENT_TYPE}")
    if key != told["ce_subject"].encode():
        raise Rejected("the key is not the subject")
    _check_time(told["ce_time"])
    return Record(
        stream, told["ce_subject"], told["ce_id"], told["ce_type"], told["ce_source"], told["ce_time"], told["ce_correlationid"],
        told.get("ce_causationid"), told.get("ce_traceparent"), value,
    )  # fmt: skip


def remains_of(stream: str, where: str, at: datetime, key: bytes | None, value: bytes | None) -> Record:
    """What can be kept of a message that `record_of` refused: its bytes, about the subject that its key names; no service can take it.

    `where` is its partition and offset, from which its id is derived; `at` is when the broker took it.
    """
    id_ = derived_id(f"{stream}/{where}", _UNREADABLE, "", 0)
    subject = _NO_STRING.sub("", (key or b"").decode("utf-8", "replace"))[:_LONGEST] or "unknown"
    return Record(stream, subject, id_, _UNREADABLE, f"/kafka/{stream}/{where}", at.isoformat(), id_, None, None, value or b"")


def _told(headers: Headers) -> Mapping[str, str]:
    """The headers that we read, each of which may stand once."""
    told: dict[str, str] = {}
    for name, value in headers:
        if name not in _READ:
            continue
        if name in told:
            raise Rejected(f"header {name} stands there twice")
        told[name] = _string(name, value)
    return told


def _string(name: str, value: bytes | None) -> str:
    try:
        text = (value or b"").decode()
    except UnicodeDecodeError:
        raise Rejected(f"header {name} is not UTF-8") from None
    if not text:
        raise Rejected(f"header {name} is empty")
    if len(text) > _LONGEST:
        raise Rejected(f"header {name} is longer than {_LONGEST} characters")
    if _NO_STRING.search(text):
        raise Rejected(f"header {name} has a character that no attribute may have")
    return text


def _check_time(time: str) -> None:
    try:
        known = datetime.fromisoformat(time).astimezone(UTC) if datetime.fromisoformat(time).tzinfo else None
    except (ValueError, OverflowError):
        known = None
    if known is None:
        raise Rejected("header ce_time is not an RFC 3339 time with its offset")
