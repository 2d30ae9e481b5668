"""Keeps a service's view of the compacted streams in step with Kafka: every copy reads them whole, outside any group, from the first record on."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from confluent_kafka import OFFSET_BEGINNING, KafkaException, Message, TopicPartition
from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import PARTITIONS
from services.chassis.distributed.faults import PASSING, Patience
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import ends_of, reader, stored_of
from services.chassis.errors import Rejected, Transient
from services.chassis.opening import open_records
from services.chassis.service import Service
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault

AT_ONCE: Final = 2_000
_WAIT: Final = 0.2  # seconds for which records are waited for
logger = structlog.get_logger()


class KafkaFeed:
    """Reads in a thread of its own; the view itself takes things in only when its service asks."""

    def __init__(
        self, service: Service[Any], bootstrap: str, vault: Vault, stopping: threading.Event, on_failure: Callable[[BaseException], None]
    ) -> None:
        self._service, self._bootstrap, self._vault, self._stopping, self._on_failure = service, bootstrap, vault, stopping, on_failure
        self._taking = threading.Lock()
        self._arrived: deque[list[Event[Data]]] = deque()
        self._read_to: dict[Partition, int] = {}
        self._ends: dict[Partition, int] | None = None

    @property
    def ready(self) -> bool:
        """Whether everything has arrived that stood in the streams when the reading began."""
        return self._service.view is None or (self._ends is not None and self.has_read(self._ends))

    def has_read(self, ends: Mapping[Partition, int]) -> bool:
        """Whether everything before these ends has arrived."""
        return all(self._read_to.get(key, 0) >= end for key, end in ends.items())

    def catch_up(self, _connection: Connection | None = None) -> None:
        """Have the view take in what has arrived."""
        if self._service.view is None:
            return
        with self._taking:
            while self._arrived:
                self._service.view.apply(self._arrived.popleft())

    def run(self) -> None:
        """Read until it is to stop."""
        patience = Patience(f"{self._service.name}-view", self._stopping)
        while not self._stopping.is_set():
            try:
                self._read(patience)
            except (*PASSING, Transient, KafkaException) as fault:  # Kafka is away, or the database with the keys
                patience.wait(fault)
            except BaseException as failure:
                self._on_failure(failure)
                return

    def _read(self, patience: Patience) -> None:
        assert self._service.view is not None
        consumer = reader(self._bootstrap)
        try:
            if self._ends is None:
                self._ends = ends_of(consumer, self._service.view.streams)
            consumer.assign([self._from(stream, number) for stream in self._service.view.streams for number in range(PARTITIONS)])
            while not self._stopping.is_set():
                self._take(consumer.consume(AT_ONCE, _WAIT))
                patience.over()
        finally:
            consumer.close()

    def _from(self, stream: str, number: int) -> TopicPartition:
        return TopicPartition(stream, number, self._read_to.get((stream, number), OFFSET_BEGINNING))

    def _take(self, messages: Sequence[Message]) -> None:
        stored = []
        for message in messages:
            if fault := message.error():
                raise KafkaException(fault)
            try:
                stored.append(stored_of(message))
            except Rejected as refusal:
                self._leave_out(message.offset(), str(refusal))
        events, refused = open_records(stored, self._vault.fresh(), self._service.opens, Timings())
        for one, reason in refused:
            self._leave_out(one.position, reason)
        if events:
            self._arrived.append(events)
        for message in messages:
            self._read_to[str(message.topic()), int(message.partition() or 0)] = int(message.offset() or 0) + 1

    def _leave_out(self, position: int | None, reason: str) -> None:
        logger.error("record_left_out_of_view", service=self._service.name, position=position, reason=reason)
