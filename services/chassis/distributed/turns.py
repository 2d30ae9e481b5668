"""A service's turn in PostgreSQL: its lanes, its store, and the facts that its outbox holds when the turn is committed."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.clock import Clock
from services.chassis.codec import Record
from services.chassis.distributed import lanes, outbox
from services.chassis.scribe import Scribe
from services.chassis.service import Fact, Service
from services.chassis.telemetry import Timings
from services.chassis.views import Feed


@dataclass
class Turn:
    """One service's turn inside a transaction: its store, and the records it will leave in the outbox."""

    store: Any
    scribe: Scribe
    records: list[Record] = field(default_factory=list)

    def write(self, facts: Sequence[Fact], traceparents: Sequence[str] = ()) -> list[Event[Data] | None]:
        """Have facts written at the end of the turn; their events in order, None for one about an erased person."""
        written = self.scribe.write(facts, traceparents)
        self.records += [one[1] for one in written if one]
        return [one and one[0] for one in written]


@dataclass(frozen=True)
class Turns:
    """Makes the turns of one service that may touch anything: a command's, the clock's, a call's."""

    service: Service[Any]
    scribe: Scribe
    feed: Feed
    wall: Clock
    timings: Timings

    @contextmanager
    def on(self, connection: Connection, held: Collection[int] = lanes.ALL) -> Iterator[Turn]:
        """A turn on this connection: committed when the block ends, undone when it raises."""
        scribe = self.scribe.fresh()
        with connection.begin() as begun:
            lanes.take(connection, self.service.name, held)
            self.feed.catch_up(connection)
            turn = Turn(self.service.store(connection, scribe.vault), scribe)
            yield turn
            with self.timings.stage("append"):
                outbox.put(connection, turn.records, self.wall.now().isoformat())
            with self.timings.stage("commit"):
                begun.commit()
