"""Moves one service's outbox to Kafka: in batches, in the order of its numbers, by an idempotent producer, and one relay at a time.

Whoever relays holds a lock of PostgreSQL for as long as its connection lives. Where a relay ends between Kafka's word and the removal of the
rows, the next one sends them again: their ids are the same, and whoever reads them takes each in once.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import structlog
from confluent_kafka import KafkaException, Message, Producer
from sqlalchemy import Connection, Engine

from schemas.streams import ServiceName, partition_of
from services.chassis.codec import Record
from services.chassis.distributed import outbox
from services.chassis.distributed.faults import PASSING, Patience
from services.chassis.distributed.leading import leading
from services.chassis.distributed.topics import LARGEST_DEAD_LETTER
from services.chassis.distributed.wire import headers_of
from services.chassis.telemetry import Tally

AT_ONCE: Final = 2_000
"""The most records sent before Kafka's word on all of them is waited for."""
BYTES_AT_ONCE: Final = 16 << 20
"""Of these records' data; the one that makes it up is sent with them."""
LOOK_AGAIN: Final = 0.02  # seconds after which an outbox that was empty is looked into again
LOOK_SELDOM: Final = 0.2  # seconds; the longest between two looks, where nothing has come for a while
SENT_WITHIN: Final = 25.0  # seconds after which all records that Kafka has not acknowledged are given up together
_LEAD_AGAIN: Final = 1.0  # seconds between tries to become the one that relays
logger = structlog.get_logger()


class NotSent(Exception):
    """Kafka did not take a record; it is sent again."""


@dataclass(frozen=True)
class Relay:
    """The relay of one service's outbox; every copy of the service has one, and one of them works."""

    service: ServiceName
    engine: Engine
    bootstrap: str
    tally: Tally
    stopping: threading.Event
    on_failure: Callable[[BaseException], None]

    def run(self) -> None:
        """Relay until it is to stop; what may pass is waited out."""
        patience = Patience(f"{self.service}-relay", self.stopping)
        while not self.stopping.is_set():
            try:
                with leading(self.engine, "relay", self.service) as connection:
                    if connection is None:
                        self.stopping.wait(_LEAD_AGAIN)
                    else:
                        self._relay(connection, patience)
            except (*PASSING, NotSent, KafkaException, BufferError) as fault:
                patience.wait(fault)
            except BaseException as failure:
                self.on_failure(failure)
                return

    def _relay(self, connection: Connection, patience: Patience) -> None:
        producer = producer_for(self.bootstrap)
        try:
            idle = LOOK_AGAIN
            while not self.stopping.is_set():
                sent = self.send_next(connection, producer)
                idle = LOOK_AGAIN if sent else min(idle * 1.5, LOOK_SELDOM)
                if not sent:
                    self.stopping.wait(idle)
                patience.over()
        finally:
            producer.purge()  # what was given up here is sent again by whoever relays next, and must not come after that

    def send_next(self, connection: Connection, producer: Producer) -> int:
        """Send what waits, up to two thousand records or some 16 MiB; returns how many.

        Raises:
            NotSent: Kafka did not take one of them.
        """
        rows = outbox.next_of(connection, AT_ONCE, BYTES_AT_ONCE)
        if rows:
            send(producer, [record for _, record in rows])
            outbox.remove(connection, [number for number, _ in rows])
        connection.commit()
        for stream, number in Counter(record.stream for _, record in rows).items():
            self.tally.add("relayed", self.service, stream, number)
        return len(rows)


def producer_for(bootstrap: str) -> Producer:
    """A producer whose records stand once and in order, acknowledged by every replica in step, unless it says that one was not sent."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 5,
            "compression.type": "lz4",
            "message.timeout.ms": 0,  # none: one record given up by itself would let a later one of its subject stand before it
            "message.max.bytes": LARGEST_DEAD_LETTER,
            "queue.buffering.max.messages": 100_000,
            "log_level": 2,
        }
    )


def send(producer: Producer, records: Sequence[Record]) -> None:
    """Send records and wait until Kafka has them all.

    Raises:
        NotSent: Kafka did not take one of them in time; those after it may stand.
    """
    faults: list[str] = []

    def told(error: Any, _: Message) -> None:
        if error is not None:
            faults.append(error.name())

    for record in records:
        headers: list[tuple[str, str | bytes | None]] = [*headers_of(record)]
        producer.produce(record.stream, record.data, record.subject.encode(), partition_of(record.subject), on_delivery=told, headers=headers)
        producer.poll(0)
    until = monotonic() + SENT_WITHIN
    while producer.flush(1.0) and monotonic() < until and not faults:
        pass
    if faults or len(producer):
        producer.purge()
        producer.flush(1.0)
        raise NotSent(faults[0] if faults else "no answer in time")
