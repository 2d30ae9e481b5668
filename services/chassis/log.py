"""The embedded log: append-only streams in the folder's one SQLite file, and the cursors of those who read them.

Positions grow over all streams in the order of commits, because SQLite has one writer. It is for one machine and is not to grow into a
broker: past one machine the answer is Kafka.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis.codec import Record

_COLUMNS = "stream, subject, id, type, source, time, correlationid, causationid, traceparent, data"
_INSERT = f"INSERT INTO log ({_COLUMNS}, appended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NEXT_OF_STREAM = "SELECT * FROM (SELECT position FROM log WHERE stream = ? AND position > ? ORDER BY position LIMIT ?)"
_END_OF_STREAM = "SELECT ?, coalesce(max(position), 0) FROM log WHERE stream = ?"
_BEHIND = "FROM log WHERE stream = ? AND position > ?"
_WAITING = f"SELECT (SELECT count(*) {_BEHIND}), (SELECT appended_at {_BEHIND} ORDER BY position LIMIT 1)"
_NEWEST_OF_EACH = "SELECT max(position) FROM log WHERE stream = ? GROUP BY subject"
_NEWEST = f"SELECT position, {_COLUMNS} FROM log WHERE position IN ({_NEWEST_OF_EACH}) ORDER BY position"
_UPSERT_CURSOR = "INSERT INTO cursors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position"


@dataclass(frozen=True, slots=True)
class Stored:
    """A record and its position in the log; on Kafka its offset, and the partition's number. `attempts` were made before it is now retried."""

    position: int
    record: Record
    partition: int = 0
    attempts: int = 0


def append(connection: Connection, records: Collection[Record], appended_at: str) -> None:
    """Write records at the end, inside the caller's transaction; `appended_at` is the wall clock's RFC 3339 time.

    Raises:
        sqlalchemy.exc.IntegrityError: an id stands already: a bug, because the same work is committed once.
    """
    if records:
        rows = [
            (r.stream, r.subject, r.id, r.type, r.source, r.time, r.correlationid, r.causationid, r.traceparent, r.data, appended_at) for r in records
        ]
        connection.exec_driver_sql(_INSERT, rows)


def read(connection: Connection, after: Mapping[str, int], limit: int) -> list[Stored]:
    """The next records of these streams in log order, each stream from behind its own position."""
    if not after:
        return []
    positions = " UNION ALL ".join([_NEXT_OF_STREAM] * len(after)) + " ORDER BY 1 LIMIT ?"
    query = f"SELECT position, {_COLUMNS} FROM log WHERE position IN ({positions}) ORDER BY position"
    values = tuple(value for stream, position in after.items() for value in (stream, position, limit))
    return [_stored(row) for row in connection.exec_driver_sql(query, (*values, limit)).all()]


def read_all(connection: Connection, after: int, limit: int) -> list[Stored]:
    """The next records of the whole log, from behind a position."""
    query = f"SELECT position, {_COLUMNS} FROM log WHERE position > ? ORDER BY position LIMIT ?"
    return [_stored(row) for row in connection.exec_driver_sql(query, (after, limit)).all()]


def newest_by_subject(connection: Connection, stream: str) -> Iterator[Stored]:
    """The newest record of every key of a compacted stream, in log order; they are read as they are asked for."""
    return (_stored(row) for row in connection.exec_driver_sql(_NEWEST, (stream,)))


def about(connection: Connection, subject: str, streams: Sequence[str]) -> list[Stored]:
    """Every record of one subject on these streams, in log order; it looks through the whole log."""
    query = f"SELECT position, {_COLUMNS} FROM log WHERE subject = ? AND stream IN ({', '.join('?' * len(streams))}) ORDER BY position"
    return [_stored(row) for row in connection.exec_driver_sql(query, (subject, *streams)).all()]


def end(connection: Connection, streams: Collection[str] = ()) -> int:
    """The position of the last record of these streams, or of the whole log; 0 where there is none."""
    if not streams:
        return int(connection.exec_driver_sql("SELECT coalesce(max(position), 0) FROM log").scalar_one())
    return max(ends(connection, streams).values())


def ends(connection: Connection, streams: Collection[str]) -> dict[str, int]:
    """The position of each stream's last record, 0 where it has none: one look into the index a stream."""
    if not streams:
        return {}
    query = " UNION ALL ".join([_END_OF_STREAM] * len(streams))
    rows = connection.exec_driver_sql(query, tuple(value for stream in streams for value in (stream, stream)))
    return dict(rows.fetchall())


def waiting(connection: Connection, after: Mapping[str, int]) -> dict[str, tuple[int, str | None]]:
    """How many records of each stream stand behind its position, and when the first of them was appended."""
    return {stream: tuple(connection.exec_driver_sql(_WAITING, (stream, position) * 2).one()) for stream, position in after.items()}


def cursors(connection: Connection, consumer: str, streams: Sequence[str]) -> dict[str, int]:
    """How far a consumer has read each of its streams; 0 is the beginning."""
    rows = connection.exec_driver_sql("SELECT stream, position FROM cursors WHERE consumer = ?", (consumer,))
    known: dict[str, int] = dict(rows.fetchall())
    return {stream: known.get(stream, 0) for stream in streams}


def save_cursors(connection: Connection, consumer: str, positions: Mapping[str, int]) -> None:
    """Remember how far a consumer has read, inside the transaction that holds what it made of it."""
    if positions:
        connection.exec_driver_sql(_UPSERT_CURSOR, [(consumer, stream, position) for stream, position in positions.items()])


def _stored(row: Sequence[object]) -> Stored:
    return Stored(row[0], Record(*row[1:]))  # type: ignore[arg-type]
