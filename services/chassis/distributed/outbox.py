"""Facts that are committed and not yet on Kafka: written in the transaction that holds what they follow from, taken away when Kafka has them.

Rows are never looked for behind a number that was seen: one that commits late has a lower number than one that is gone, and is sent all the
same. The facts about one person or group are written under its lane, so their numbers grow in the order of their commits.
"""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

from sqlalchemy import Connection

from schemas.streams import STREAMS, ServiceName
from services.chassis.codec import Record
from services.chassis.errors import Rejected

LARGEST: Final = 2_000_000
"""Bytes of a fact; a stream takes a record of 2 MiB, its headers included, and a dead letter as large as one of those can become."""

_COLUMNS: Final = "stream, subject, id, type, source, time, correlationid, causationid, traceparent, data"
_ARRAYS: Final = ", ".join([*["%b::text[]"] * 9, "%b::bytea[]"])
_VALUES: Final = attrgetter(*_COLUMNS.split(", "))
_PUT: Final = f"INSERT INTO outbox ({_COLUMNS}, appended_at) SELECT *, %s FROM unnest({_ARRAYS})"
_NEXT: Final = f"""
    SELECT number, {_COLUMNS}
    FROM (SELECT *, sum(octet_length(data)) OVER (ORDER BY number) - octet_length(data) AS before FROM outbox ORDER BY number LIMIT %s) AS next
    WHERE before < %s ORDER BY number
"""
_REMOVE: Final = "DELETE FROM outbox WHERE number = ANY(%s)"


def put(connection: Connection, records: Sequence[Record], appended_at: str) -> None:
    """Write records down inside the caller's transaction; `appended_at` is the wall clock's RFC 3339 time.

    Raises:
        Rejected: one is larger than its stream takes, so it could never be sent.
    """
    for record in records:
        if len(record.data) > LARGEST and record.stream in STREAMS:
            raise Rejected(f"a fact of {len(record.data):,} bytes is larger than a stream takes ({LARGEST:,})")
    if records:
        columns = zip(*map(_VALUES, records), strict=True)
        connection.exec_driver_sql(_PUT, (appended_at, *map(list, columns)))


def next_of(connection: Connection, limit: int, limit_bytes: int) -> list[tuple[int, Record]]:
    """The records to be sent next, in their order, each with its number: so many, and none behind the one that makes up so many bytes."""
    return [(row[0], Record(*row[1:])) for row in connection.exec_driver_sql(_NEXT, (limit, limit_bytes)).all()]


def remove(connection: Connection, numbers: Collection[int]) -> None:
    """Take away what Kafka has."""
    connection.exec_driver_sql(_REMOVE, (list(numbers),))


def last_number(connection: Connection) -> int:
    """The highest number that waits; 0 where nothing does."""
    return int(connection.exec_driver_sql("SELECT coalesce(max(number), 0) FROM outbox").scalar_one())


def waits_below(connection: Connection, number: int) -> bool:
    """Whether something up to this number still waits."""
    return bool(connection.exec_driver_sql("SELECT EXISTS (SELECT FROM outbox WHERE number <= %s)", (number,)).scalar_one())


def waits_for(connection: Connection, service: ServiceName, streams: Collection[str]) -> bool:
    """Whether a fact of these streams waits in a service's outbox: which one, nobody but that service may see."""
    query = f'SELECT EXISTS (SELECT stream FROM "{service}".outbox WHERE stream = ANY(%s))'
    return bool(connection.exec_driver_sql(query, (list(streams),)).scalar_one())


def waiting(connection: Connection) -> int:
    """How many records wait."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one())
