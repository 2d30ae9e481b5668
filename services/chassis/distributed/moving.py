"""Moves an embedded folder's streams, state and keys into Kafka and PostgreSQL, so that every service goes on where it stood.

What a move that was cut short left on Kafka is found to be the beginning of the same streams, and gone on from; what it left in the key store is
found to be the same keys. The tables, the ids that were taken in and the positions come in one transaction of the caller's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from sqlalchemy import Boolean, Connection, Engine, MetaData, Table, func, inspect, select, text

from schemas.streams import ServiceName, group_of, partition_of
from services.chassis.codec import Record
from services.chassis.distributed import inbox
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import Ends, every_record
from services.chassis.distributed.relay import NotSent, producer_for, send
from services.chassis.errors import Transient, UserError
from services.chassis.log import Stored
from services.chassis.rows import insert

_AT_ONCE: Final = 2_000
_TOLD_WITHIN: Final = 30.0  # seconds; the first group of a new cluster takes some
_OURS: Final = frozenset({"inbox", "outbox", "positions"})
_POSITION: Final = "INSERT INTO positions (stream, partition, position) VALUES (%s, %s, %s)"

Progress = Callable[[int], None]


@dataclass
class Places:
    """Where each record of the embedded log is to stand on Kafka, and how far each service has read."""

    ends: dict[Partition, int] = field(default_factory=lambda: defaultdict(int))
    read: dict[ServiceName, dict[Partition, int]] = field(default_factory=lambda: defaultdict(dict))
    taken_in: dict[ServiceName, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, stored: Stored, cursors: Mapping[ServiceName, Mapping[str, int]]) -> None:
        """Take in one record, in the order of the log."""
        record = stored.record
        place = record.stream, partition_of(record.subject)
        self.ends[place] += 1
        for service, read_to in cursors.items():
            if stored.position <= read_to.get(record.stream, 0):
                self.read[service][place] = self.ends[place]
                self.taken_in[service].append(record.id)


@dataclass(frozen=True)
class Standing:
    """What stands on Kafka before a move: where each partition ends, and the id at each offset."""

    ends: Mapping[Partition, int]
    ids: Mapping[Partition, Mapping[int, str]]

    def missing(self, stored: Iterable[Stored]) -> Iterator[Record | None]:
        """Each record that does not stand yet, and None for each that does, in the order of the log.

        Raises:
            UserError: something else stands where one is to be.
        """
        counted: dict[Partition, int] = defaultdict(int)
        for record in (one.record for one in stored):
            place = record.stream, partition_of(record.subject)
            offset, counted[place] = counted[place], counted[place] + 1
            stands = offset < self.ends.get(place, 0)
            if stands and self.ids[place].get(offset) != record.id:
                raise UserError(f"another record stands on Kafka's stream {place[0]} already: a move needs empty streams")
            yield None if stands else record


def standing(bootstrap: str, streams: Sequence[str]) -> Standing:
    """What these streams hold.

    Raises:
        Transient: Kafka does not answer.
    """
    ids: dict[Partition, dict[int, str]] = defaultdict(dict)
    ends = Ends(bootstrap).of(streams)
    for one in every_record(bootstrap, streams):
        ids[one.record.stream, one.partition][one.position] = one.record.id
    return Standing(ends, ids)


def places(stored: Iterable[Stored], cursors: Mapping[ServiceName, Mapping[str, int]], there: Standing) -> Places:
    """Where everything is to stand.

    Raises:
        UserError: more stands there than is to stand there.
    """
    found = Places()
    for one in stored:
        found.add(one, cursors)
    for (stream, number), end in there.ends.items():
        if end > found.ends.get((stream, number), 0):
            raise UserError(f"other records stand on Kafka's stream {stream} already: a move needs empty streams")
    return found


def move_streams(bootstrap: str, records: Iterator[Record | None], progress: Progress) -> None:
    """Send what does not stand yet, in the order of the log.

    Raises:
        Transient: Kafka did not take it all; doing it again goes on.
    """
    producer = producer_for(bootstrap)
    try:
        while some := list(islice(records, _AT_ONCE)):
            send(producer, [record for record in some if record is not None])
            progress(len(some))
    except (NotSent, KafkaException, BufferError) as fault:
        raise Transient("Kafka did not take every record: ask for the move once more, and it goes on") from fault


def refuse_filled(target: Connection, service: ServiceName) -> None:
    """See to it that a service's schema has no rows.

    Raises:
        UserError: it has.
    """
    for name in (*sorted(_OURS), *_tables(target, service)):
        if target.exec_driver_sql(f'SELECT EXISTS (SELECT FROM "{service}"."{name}")').scalar_one():
            raise UserError(f"rows stand in {service}.{name} already: a move needs empty tables")


def arrived(target: Connection, services: Sequence[ServiceName]) -> bool:
    """Whether a move was committed here."""
    return any(target.exec_driver_sql(f'SELECT EXISTS (SELECT FROM "{service}".positions)').scalar_one() for service in services)


def move_tables(source: Connection, target: Connection, service: ServiceName) -> dict[str, int]:
    """Copy the rows of a service's own tables into its schema, which is the connection's; returns how many, by table."""
    return {
        name: _copy(source, target, Table(name, MetaData(), autoload_with=target, schema=service)) for name in _tables(target, service)
    }  # fmt: skip


def _tables(target: Connection, service: str) -> list[str]:
    found = inspect(target).get_table_names(schema=service)
    return sorted(name for name in found if name not in _OURS and not name.endswith("_migrations"))


def _copy(source: Connection, target: Connection, table: Table) -> int:
    booleans = [column.name for column in table.columns if isinstance(column.type, Boolean)]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = source.exec_driver_sql(f'SELECT {names} FROM "{table.name}"').mappings()
    copied = 0
    while some := [dict(row) for row in islice(rows, _AT_ONCE)]:
        target.execute(insert(table), [_typed(row, booleans) for row in some])
        copied += len(some)
    _count_on(target, table)
    return copied


def _typed(row: dict[str, Any], booleans: Sequence[str]) -> dict[str, Any]:
    return row | {name: bool(row[name]) for name in booleans if row[name] is not None}


def _count_on(target: Connection, table: Table) -> None:
    """Have the next number that the table gives out by itself come behind those that were copied."""
    name = f'"{table.schema}"."{table.name}"'
    for column in table.columns:
        sequence = target.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": name, "column": column.name}).scalar()
        if sequence is not None:
            target.exec_driver_sql(f'SELECT setval(%s, coalesce(max("{column.name}"), 0) + 1, false) FROM {name}', (sequence,))


def move_positions(target: Connection, service: ServiceName, moved: Places) -> None:
    """Write down how far the service has read, and what it took in; in the transaction that holds its tables."""
    ids = moved.taken_in[service]
    for start in range(0, len(ids), _AT_ONCE):
        inbox.take_in(target, ids[start : start + _AT_ONCE])
    for (stream, number), position in sorted(moved.read[service].items()):
        target.exec_driver_sql(_POSITION, (stream, number, position))


def tell_groups(bootstrap: str, moved: Places) -> None:
    """Tell Kafka how far each service has read, for whoever looks at lag or scales by it; the services go by their own positions.

    Raises:
        Transient: Kafka does not answer.
    """
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
    for service, read in ((service, read) for service, read in moved.read.items() if read):
        told = ConsumerGroupTopicPartitions(group_of(service), [TopicPartition(*place, position) for place, position in read.items()])
        try:
            for answer in client.alter_consumer_group_offsets([told], request_timeout=_TOLD_WITHIN).values():
                answer.result(_TOLD_WITHIN)
        except (KafkaException, TimeoutError) as fault:
            raise Transient("Kafka was not told how far the services have read") from fault


def move_keys(source: Engine, target: Connection, tables: Sequence[str]) -> dict[str, int]:
    """Copy the wrapped keys; the key-encryption key stays what it is. Keys of an earlier try that were destroyed since are destroyed here too.

    Raises:
        UserError: keys stand there already that are not these.
    """
    counts = {}
    with source.connect() as old:
        for name in tables:
            table = Table(name, MetaData(), autoload_with=target)
            rows: dict[str, bytes | None] = dict(old.exec_driver_sql(f'SELECT owner, wrapped FROM "{name}"').all())
            there = {row.owner: row.wrapped for row in target.execute(select(table))}
            if any(owner not in rows or rows[owner] not in (None, wrapped) for owner, wrapped in there.items()):
                raise UserError(f"other keys stand in {name} already: a move needs an empty key store")
            new = [{"owner": owner, "wrapped": wrapped} for owner, wrapped in rows.items() if owner not in there or there[owner] != wrapped]
            adding = insert(table)
            for start in range(0, len(new), _AT_ONCE):
                replacing = adding.on_conflict_do_update(index_elements=["owner"], set_={"wrapped": adding.excluded.wrapped})
                target.execute(replacing, new[start : start + _AT_ONCE])
            counts[name] = target.execute(select(func.count()).select_from(table)).scalar_one()
    return counts
