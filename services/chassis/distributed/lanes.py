"""Lanes: what may go on at once in one service, and what may not.

A lane is a partition's number. A turn takes the lanes of the persons it is about (of the groups, where the service's state is by group), and
a turn that may touch anything, a command or the clock, takes all of them. So the turns of one lane follow one another whichever copy of the
service has them, as they do in a file with one writer, and the turns of different lanes go on at once.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final, Literal
from zlib import crc32

from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import PARTITIONS, ServiceName, partition_of

ALL: Final = frozenset(range(PARTITIONS))
_TAKE: Final = "SELECT pg_advisory_xact_lock(%s, lane) FROM unnest(%s::int[]) AS lane"
_SIGNED = 1 << 31


def lanes_of(events: Iterable[Event[Data]], keyed_by: Literal["person", "group_id"]) -> frozenset[int]:
    """The lanes of these events; all of them where one is about nobody in particular."""
    lanes = set()
    for event in events:
        whose: Any = getattr(event.data, keyed_by, None)
        if whose is None:
            return ALL
        lanes.add(partition_of(whose))
    return frozenset(lanes)


def take(connection: Connection, service: ServiceName, lanes: Collection[int]) -> None:
    """Wait for these lanes of a service, and hold them until the transaction ends; always in one order, so that nobody waits in a ring."""
    connection.exec_driver_sql(_TAKE, (lock_number("lanes", service), sorted(lanes)))


def lock_number(what: str, service: ServiceName) -> int:
    """The number of one of PostgreSQL's advisory locks (a signed 32-bit integer)."""
    return crc32(f"together {what} {service}".encode()) - _SIGNED
