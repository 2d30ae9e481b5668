"""Which copy of a service does what only one of them may: the one that holds a lock of PostgreSQL, for as long as its connection lives."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from sqlalchemy import Connection, Engine

from schemas.streams import ServiceName
from services.chassis.distributed.lanes import lock_number

_TRY_TO_LEAD: Final = "SELECT pg_try_advisory_lock(%s, 0)"


@contextmanager
def leading(engine: Engine, what: Literal["relay", "clock"], service: ServiceName) -> Iterator[Connection | None]:
    """The connection that holds the lock of a service's relay or clock, or None where another copy has it."""
    with engine.connect() as connection:
        leads = connection.exec_driver_sql(_TRY_TO_LEAD, (lock_number(what, service),)).scalar_one()
        connection.commit()
        try:
            yield connection if leads else None
        finally:
            connection.invalidate()  # closed and not given back, so that the lock goes with it
