"""Takes batches from Kafka in, for one copy of a service: state, inbox, outbox and positions in one PostgreSQL transaction.

Whatever was delivered twice is taken in once. What a refused record did to its batch is undone first; then the batch is taken record by
record, so that the good ones go on.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from confluent_kafka import Message
from sqlalchemy import Engine

from schemas.streams import ServiceName
from services.chassis.clock import Clock
from services.chassis.database import transaction
from services.chassis.distributed import inbox, lanes, outbox
from services.chassis.distributed.inbox import Overtaken, Partition
from services.chassis.distributed.reading import bytes_of, stored_of
from services.chassis.distributed.wire import remains_of
from services.chassis.errors import Rejected, Transient
from services.chassis.handling import Batch, Handling, Refusals
from services.chassis.log import Stored
from services.chassis.opening import Refusal
from services.chassis.telemetry import Tally, Timings

AT_ONCE: Final = 500
ATTEMPTS: Final = 5
logger = structlog.get_logger()


class Taking:
    """What one copy takes in, and how far it has come."""

    def __init__(self, handling: Handling, engine: Engine, owner: str, wall: Clock, timings: Timings, tally: Tally) -> None:
        self._handling, self._engine, self._owner, self._wall, self._timings, self._tally = handling, engine, owner, wall, timings, tally
        self._positions: dict[Partition, int] = {}
        self._replayed: dict[Partition, int] = {}
        self._refusals = Refusals(handling.service.name)
        self._attempts = 0
        self.service: ServiceName = handling.service.name
        self.streams: Sequence[str] = handling.service.consumes

    def hold(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Take these partitions over, and no others; returns where each is to be read on from."""
        with transaction(self._engine, self._timings) as connection:
            self._positions = inbox.hold(connection, self._owner, partitions) if partitions else {}
            self._replayed = inbox.replayed(connection, self._owner)
        return self._positions

    def take(self, messages: Sequence[Message]) -> None:
        """Take a batch in, whole or record by record; when this returns, it is committed.

        Raises:
            Transient: it may succeed when tried again; nothing is committed of what is left.
            FloodOfRefusals: too many records in a row were refused.
        """
        again = [message for message in messages if self._is_replayed(message)]
        for some in (again, [message for message in messages if not self._is_replayed(message)]):
            if left := self._new(some):
                self._take_or_refuse(left)
        self._attempts = 0

    def _take_or_refuse(self, messages: Sequence[Message]) -> None:
        try:
            self._take(messages, 1)
        except Rejected:
            self._one_by_one(messages)
        except Transient:
            self._attempts += 1
            if self._attempts < ATTEMPTS:
                raise
            self._one_by_one(messages)

    def _is_replayed(self, message: Message) -> bool:
        """Whether it was read before, and is read again for what the store makes of it alone: nothing follows from it once more."""
        return _offset(message) < self._replayed.get(_partition(message), 0)

    def _one_by_one(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if not self._new([message]):
                continue  # taken in by a commit whose answer was lost, or another copy's by now
            try:
                self._take([message], 1)
            except Rejected as refusal:
                self._refuse(message, str(refusal), 1)
            except Transient as fault:
                if self._attempts < ATTEMPTS:
                    raise
                self._refuse(message, f"tried {self._attempts} times: {fault}", self._attempts)

    def _new(self, messages: Sequence[Message]) -> list[Message]:
        """What lies at or behind the positions of the partitions that this copy holds."""
        return [message for message in messages if (key := _partition(message)) in self._positions and _offset(message) >= self._positions[key]]

    def _take(self, messages: Sequence[Message], attempts: int) -> None:
        stored, unreadable = _read(messages)
        batch = self._handling.batch(stored)
        batch.refused += unreadable
        self._commit(messages, batch, attempts)

    def _refuse(self, message: Message, reason: str, attempts: int) -> None:
        stored, unreadable = _read([message])
        batch = self._handling.refusing(stored[0], reason) if stored else self._handling.refusing(*unreadable[0])
        self._commit([message], batch, attempts)

    def _commit(self, messages: Sequence[Message], batch: Batch, attempts: int) -> None:
        after = {_partition(message): _offset(message) + 1 for message in messages}
        try:
            with batch.traced(), transaction(self._engine, self._timings) as connection:
                lanes.take(connection, self.service, self._lanes(batch))
                inbox.move(connection, self._owner, self._positions, after)
                new = inbox.take_in(connection, [event.id for event in batch.events])
                records = batch.only(new).follow(connection, attempts)
                with self._timings.stage("append"):
                    outbox.put(connection, () if self._is_replayed(messages[0]) else records, self._wall.now().isoformat())
        except Overtaken:
            self._catch_up(messages)
            return
        self._positions |= after
        self._count(messages, batch)

    def _lanes(self, batch: Batch) -> Collection[int]:
        """The lanes that a batch touches; whom an unreadable record is about is not known."""
        service = self._handling.service
        return lanes.ALL if batch.refused and service.unreadable else lanes.lanes_of(batch.events, service.keyed_by)

    def _catch_up(self, messages: Sequence[Message]) -> None:
        """Believe the books: another copy holds some of these partitions, or a commit went through whose answer was lost. Take what is left."""
        with self._engine.connect() as connection:
            held = inbox.held(connection, self._owner)
        lost = sorted(f"{stream}-{number}" for stream, number in self._positions.keys() - held.keys())
        logger.warning("overtaken", service=self.service, lost=lost)
        self._positions = {key: held[key] for key in self._positions if key in held}
        if left := self._new(messages):
            self._take(left, 1)

    def _count(self, messages: Sequence[Message], batch: Batch) -> None:
        self._tally.batch(self.service, len(messages))
        for stream, number in Counter(str(message.topic()) for message in messages).items():
            self._tally.add("taken", self.service, stream, number)
        self._tally.add("dead", self.service, number=len(batch.refused))
        self._refusals.count(batch)


def _partition(message: Message) -> Partition:
    return str(message.topic()), int(message.partition() or 0)


def _offset(message: Message) -> int:
    return int(message.offset() or 0)


def _read(messages: Sequence[Message]) -> tuple[list[Stored], list[Refusal]]:
    """The records of these messages, and what is no record, with the reason."""
    stored: list[Stored] = []
    refused: list[Refusal] = []
    for message in messages:
        try:
            stored.append(stored_of(message))
        except Rejected as refusal:
            refused.append((_foreign(message), str(refusal)))
    return stored, refused


def _foreign(message: Message) -> Stored:
    """What stands for a message that is no event."""
    (stream, number), offset = _partition(message), _offset(message)
    _, taken = message.timestamp()
    record = remains_of(stream, f"{number}/{offset}", datetime.fromtimestamp(taken / 1000, UTC), bytes_of(message.key()), bytes_of(message.value()))
    return Stored(offset, record, number)
