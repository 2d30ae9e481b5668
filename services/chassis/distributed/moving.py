"""Moves an embedded folder's streams, state and keys into Kafka and PostgreSQL, so that every service goes on where it stood.

The streams come first, then the keys, then in one transaction the tables, the ids that were taken in and the positions. What a move that was
cut short left on Kafka is found to be the beginning of the same streams, and gone on from.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlalchemy import Boolean, Connection, Engine, MetaData, Table, func, inspect, select

from schemas.streams import ServiceName, partition_of
from services.chassis.codec import Record
from services.chassis.distributed import inbox
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import every_record
from services.chassis.distributed.relay import producer_for, send
from services.chassis.errors import UserError
from services.chassis.log import Stored
from services.chassis.rows import insert

_AT_ONCE: Final = 2_000
_OURS: Final = frozenset({"inbox", "outbox", "positions"})
_POSITION: Final = "INSERT INTO positions (stream, partition, position) VALUES (%s, %s, %s)"

Progress = Callable[[int], None]


@dataclass
class Places:
    """Where each record of the embedded log stands on Kafka, as far as the services have read it."""

    ends: dict[Partition, int] = field(default_factory=lambda: defaultdict(int))
    read: dict[ServiceName, dict[Partition, int]] = field(default_factory=lambda: defaultdict(dict))
    taken_in: dict[ServiceName, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, stored: Stored, cursors: Mapping[ServiceName, Mapping[str, int]]) -> Partition:
        """Count one record, in the order of the log; returns its partition."""
        record = stored.record
        place = record.stream, partition_of(record.subject)
        self.ends[place] += 1
        for service, read_to in cursors.items():
            if stored.position <= read_to.get(record.stream, 0):
                self.read[service][place] = self.ends[place]
                self.taken_in[service].append(record.id)
        return place


def move_streams(
    bootstrap: str, stored: Iterator[Stored], cursors: Mapping[ServiceName, Mapping[str, int]], streams: Sequence[str], progress: Progress
) -> Places:
    """Send every record that is not there yet, in the order of the log.

    Raises:
        UserError: other records than these stand on the streams.
        NotSent: Kafka did not take them; doing it again goes on.
    """
    there, places, producer = _ids_on(bootstrap, streams), Places(), producer_for(bootstrap)
    while batch := list(islice(stored, _AT_ONCE)):
        send(producer, [one.record for one in batch if not _stands(one.record, places.add(one, cursors), places, there)])
        progress(len(batch))
    if any(len(ids) > places.ends[place] for place, ids in there.items()):
        raise UserError("more stands on Kafka's streams than in the data folder: a move needs empty streams")
    return places


def _ids_on(bootstrap: str, streams: Sequence[str]) -> dict[Partition, list[str]]:
    ids: dict[Partition, list[str]] = defaultdict(list)
    for one in every_record(bootstrap, streams):
        ids[one.record.stream, one.partition].append(one.record.id)
    return ids


def _stands(record: Record, place: Partition, places: Places, there: Mapping[Partition, Sequence[str]]) -> bool:
    """Whether the record is on Kafka already, where it is to be."""
    ids, number = there.get(place, ()), places.ends[place]
    if number > len(ids):
        return False
    if ids[number - 1] != record.id:
        raise UserError(f"another record stands on Kafka's stream {place[0]}: a move needs empty streams")
    return True


def move_tables(source: Connection, target: Connection, service: ServiceName) -> dict[str, int]:
    """Copy the rows of a service's own tables into its schema, which is the connection's; returns how many, by table.

    Raises:
        UserError: rows stand there already.
    """
    found = [name for name in inspect(target).get_table_names(schema=service) if name not in _OURS and not name.endswith("_migrations")]
    return {name: _copy(source, target, Table(name, MetaData(), autoload_with=target, schema=service), service) for name in sorted(found)}


def _copy(source: Connection, target: Connection, table: Table, service: str) -> int:
    if target.execute(select(func.count()).select_from(table)).scalar_one():
        raise UserError(f"rows stand in {service}.{table.name} already: a move needs empty tables")
    booleans = [column.name for column in table.columns if isinstance(column.type, Boolean)]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = source.exec_driver_sql(f'SELECT {names} FROM "{table.name}"').mappings()
    copied = 0
    while some := [dict(row) for row in islice(rows, _AT_ONCE)]:
        target.execute(insert(table), [_typed(row, booleans) for row in some])
        copied += len(some)
    return copied


def _typed(row: dict[str, Any], booleans: Sequence[str]) -> dict[str, Any]:
    return row | {name: bool(row[name]) for name in booleans if row[name] is not None}


def move_positions(target: Connection, service: ServiceName, places: Places) -> None:
    """Write down how far the service has read, and what it took in; in the transaction that holds its tables."""
    ids = places.taken_in[service]
    for start in range(0, len(ids), _AT_ONCE):
        inbox.take_in(target, ids[start : start + _AT_ONCE])
    for (stream, number), position in sorted(places.read[service].items()):
        target.exec_driver_sql(_POSITION, (stream, number, position))


def move_keys(source: Engine, target: Engine, tables: Sequence[str]) -> dict[str, int]:
    """Copy the wrapped keys; the key-encryption key stays what it is.

    Raises:
        UserError: keys stand there already that are not these.
    """
    counts = {}
    with source.connect() as old, target.begin() as new:
        for name in tables:
            table = Table(name, MetaData(), autoload_with=new)
            rows = [dict(row) for row in old.exec_driver_sql(f'SELECT owner, wrapped FROM "{name}"').mappings()]
            there = {row.owner: row.wrapped for row in new.execute(select(table))}
            if any(there.get(row["owner"], row["wrapped"]) != row["wrapped"] for row in rows) or not there.keys() <= {row["owner"] for row in rows}:
                raise UserError(f"other keys stand in {name} already: a move needs an empty key store")
            if missing := [row for row in rows if row["owner"] not in there]:
                new.execute(insert(table), missing)
            counts[name] = len(rows)
    return counts
