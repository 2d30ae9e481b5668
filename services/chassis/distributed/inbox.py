"""What one service has taken in: the ids of the events, and for each partition the offset of its next record and the copy that holds it.

The position is the truth, and what Kafka keeps for the group is told for those who look at lag. A position moves only from where this copy
left it and only while this copy holds the partition: a copy that lost a partition can commit nothing for it any more.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

Partition = tuple[str, int]
"""A stream's name and the number of one of its partitions."""

_HOLD = """
    INSERT INTO positions (stream, partition, position, owner)
    SELECT stream, partition, 0, %s FROM unnest(%s::text[], %s::int[]) AS given (stream, partition) ORDER BY stream, partition
    ON CONFLICT (stream, partition) DO UPDATE SET owner = excluded.owner RETURNING stream, partition, position
"""
_REPLAYED = "SELECT stream, partition, replayed_until FROM positions WHERE owner = %s AND replayed_until > position"
_HELD = "SELECT stream, partition, position FROM positions WHERE owner = %s"
_ALL = "SELECT stream, partition, position FROM positions WHERE stream = ANY(%s)"
_MOVE = """
    UPDATE positions SET position = moved.after
    FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[]) AS moved (stream, partition, before, after)
    WHERE positions.stream = moved.stream AND positions.partition = moved.partition AND positions.position = moved.before AND positions.owner = %s
"""
_SET_BACK = """
    UPDATE positions SET replayed_until = greatest(replayed_until, position), position = %s
    WHERE stream = %s AND partition = %s AND position > %s
"""
_LEAVE_OUT = "DELETE FROM inbox WHERE id = ANY(%s)"
_TAKE_IN = "INSERT INTO inbox (id) SELECT DISTINCT unnest(%b::text[]) ON CONFLICT DO NOTHING RETURNING id"


class Overtaken(Exception):
    """Another copy holds one of these partitions by now: nothing of this turn is committed."""


def hold(connection: Connection, owner: str, partitions: Collection[Partition]) -> dict[Partition, int]:
    """Take partitions over, from whichever copy held them; returns where each is to be read on from."""
    streams, numbers = [stream for stream, _ in partitions], [number for _, number in partitions]
    rows = connection.exec_driver_sql(_HOLD, (owner, streams, numbers)).all()
    return {(row[0], row[1]): row[2] for row in rows}


def held(connection: Connection, owner: str) -> dict[Partition, int]:
    """The partitions that this copy holds, and where each is to be read on from."""
    return {(row[0], row[1]): row[2] for row in connection.exec_driver_sql(_HELD, (owner,)).all()}


def replayed(connection: Connection, owner: str) -> dict[Partition, int]:
    """Until where the partitions that this copy holds are read once more, of those that are."""
    return {(row[0], row[1]): row[2] for row in connection.exec_driver_sql(_REPLAYED, (owner,)).all()}


def positions(connection: Connection, streams: Collection[str]) -> dict[Partition, int]:
    """How far the service has read these streams, whichever copy did."""
    return {(row[0], row[1]): row[2] for row in connection.exec_driver_sql(_ALL, (list(streams),)).all()}


def move(connection: Connection, owner: str, before: Mapping[Partition, int], after: Mapping[Partition, int]) -> None:
    """Move the positions of these partitions on.

    Raises:
        Overtaken: one is not where this copy left it, or another copy holds it.
    """
    keys = sorted(after)
    columns = ([stream for stream, _ in keys], [number for _, number in keys], [before[key] for key in keys], [after[key] for key in keys])
    if connection.exec_driver_sql(_MOVE, (*columns, owner)).rowcount != len(keys):
        raise Overtaken


def read_again(connection: Connection, since: Mapping[Partition, int], ids: Collection[str]) -> int:
    """Have these partitions read once more from there, where they were read further; the events of these ids count as not taken in.

    Nobody may be reading meanwhile. Returns how many partitions are set back.
    """
    set_back = 0
    for (stream, number), offset in sorted(since.items()):
        set_back += connection.exec_driver_sql(_SET_BACK, (offset, stream, number, offset)).rowcount
    connection.exec_driver_sql(_LEAVE_OUT, (list(ids),))
    return set_back


def take_in(connection: Connection, ids: Collection[str]) -> set[str]:
    """Remember that these events are taken in; returns those that were not before."""
    return {row[0] for row in connection.exec_driver_sql(_TAKE_IN, (list(ids),)).all()} if ids else set()
