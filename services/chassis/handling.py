"""What one service makes of a batch of records, the same wherever they come from and whatever database its store is in.

A record that cannot be read never takes its batch along: it is told to the service, and kept as a dead letter with the reason.
"""

import gc
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from schemas.envelope import Event, event_type
from schemas.events.base import Data
from services.chassis.clock import Clock
from services.chassis.codec import Record
from services.chassis.dead_letters import as_it_was, bury
from services.chassis.log import Stored
from services.chassis.opening import Refusal, open_records
from services.chassis.scribe import Scribe
from services.chassis.service import Fact, Service
from services.chassis.telemetry import Timings
from services.chassis.tracing import OFF, Tracing
from services.chassis.views import Feed

REFUSED_IN_A_ROW = 100
_OBJECTS_BETWEEN_COLLECTIONS = 100_000
logger = structlog.get_logger()


class FloodOfRefusals(Exception):
    """So many records in a row were refused that the fault is more likely here than in each of them: the service stops."""


def collect_seldom() -> None:
    """Have Python look for rings seldom: a batch makes and drops 100,000 objects, none in a ring, and looking at every 700 costs a quarter."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


class Refusals:
    """How many records in a row one consumer refused."""

    def __init__(self, consumer: str) -> None:
        self._consumer, self._in_a_row = consumer, 0

    def count(self, batch: "Batch") -> None:
        """Count a batch that was committed.

        Raises:
            FloodOfRefusals: a hundred records and more were refused in a row.
        """
        refused = sum(not one.attempts for one, _ in batch.refused)  # what an operator had retried tells nothing new
        self._in_a_row = refused if batch.events else self._in_a_row + refused
        if self._in_a_row >= REFUSED_IN_A_ROW:
            raise FloodOfRefusals(f"{self._consumer} refused {self._in_a_row} records in a row")


class Handling:
    """The batches of one service."""

    def __init__(self, service: Service[Any], scribe: Scribe, view: Feed, wall: Clock, timings: Timings, tracing: Tracing = OFF) -> None:
        self.service, self._scribe, self._view, self._wall, self._timings, self.tracing = service, scribe, view, wall, timings, tracing
        self._passes_over = frozenset(map(event_type, service.passes_over))

    def batch(self, stored: Sequence[Stored]) -> "Batch":
        """These records decoded, and opened as far as the service opens them, before any transaction; what it passes over is left out."""
        scribe = self._scribe.fresh()
        heard = [one for one in map(as_it_was, stored) if one.record.type not in self._passes_over]
        events, refused = open_records(heard, scribe.vault, self.service.opens, self._timings)
        return Batch(self, scribe, events, refused)

    def refusing(self, stored: Stored, reason: str) -> "Batch":
        """A batch of one record that is refused, whatever it says."""
        return Batch(self, self._scribe.fresh(), [], [(as_it_was(stored), reason)])

    def follow(self, connection: Connection, batch: "Batch", attempts: int) -> list[Record]:
        """Have the service take a batch in, and return the records of what follows, dead letters among them."""
        self._view.catch_up(connection)
        with self._timings.stage("handle"):
            store = self.service.store(connection, batch.scribe.vault)
            facts = self.service.handle(batch.events, store) if self.service.handle and batch.events else ()
            facts = [*facts, *self._told_unreadable(batch, store)]
        records = [written[1] for written in batch.scribe.write(facts) if written]
        return [*records, *(self._dead_letter(*refusal, attempts) for refusal in batch.refused)]

    def _told_unreadable(self, batch: "Batch", store: Any) -> Sequence[Fact]:
        unreadable = [one.record for one, _ in batch.refused]
        return self.service.unreadable(unreadable, store) if self.service.unreadable and unreadable else ()

    def _dead_letter(self, one: Stored, reason: str, attempts: int) -> Record:
        name = self.service.name
        logger.error("record_refused", consumer=name, stream=one.record.stream, position=one.position, id=one.record.id)
        return bury(name, one, reason, attempts, self._wall.now().isoformat())


@dataclass
class Batch:
    """Records that were looked at: the events among them, and what could not be read."""

    handling: Handling
    scribe: Scribe
    events: list[Event[Data]]
    refused: list[Refusal]

    def only(self, ids: Collection[str]) -> "Batch":
        """The same with the first event of each of these ids alone."""
        first = {event.id: event for event in reversed(self.events) if event.id in ids}
        return Batch(self.handling, self.scribe, [event for event in self.events if first.get(event.id) is event], self.refused)

    def traced(self) -> AbstractContextManager[None]:
        """The turn over it, as one span."""
        return self.handling.tracing.batch(self.handling.service.name, self.events, len(self.refused))

    def follow(self, connection: Connection, attempts: int = 1) -> list[Record]:
        """Have the service take it in, inside this transaction, and return the records of what follows."""
        return self.handling.follow(connection, self, attempts)
