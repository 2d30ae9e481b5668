"""Keeps a service's view of the compacted streams in step with Kafka: every copy reads them whole, outside any group.

It reads from the first record on, or from where the view's snapshot ends, if that is of these very topics.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import Any, Final

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import PARTITIONS
from services.chassis.distributed.faults import PASSING, Patience
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import bounds_of, reader, stored_of, topic_ids
from services.chassis.errors import Rejected, Transient
from services.chassis.opening import open_records
from services.chassis.service import Service
from services.chassis.snapshots import Snapshot
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault
from services.chassis.views import LOADED_AT_ONCE, WORTH_KEEPING, Keeper

AT_ONCE: Final = 2_000
_WAIT: Final = 0.2  # seconds for which records are waited for
_KEPT_FOR: Final = 600.0  # seconds, so that a stream that grows fast does not have the view written again and again
logger = structlog.get_logger()


class KafkaFeed:
    """Reads in a thread of its own; the view itself takes things in only when its service asks."""

    def __init__(
        self,
        service: Service[Any],
        bootstrap: str,
        vault: Vault,
        stopping: threading.Event,
        on_failure: Callable[[BaseException], None],
        folder: Path | None = None,
    ) -> None:
        self._service, self._bootstrap, self._vault, self._stopping, self._on_failure = service, bootstrap, vault, stopping, on_failure
        self._taking = threading.Lock()
        self._arrived: deque[list[Event[Data]]] = deque()
        self._read_to: dict[Partition, int] = {}
        self._ends: dict[Partition, int] | None = None
        self._keeper, self._topics = Keeper(service, folder), dict[str, str]()
        self._news, self._not_before = 0, 0.0

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
            arrived = [self._arrived.popleft() for _ in range(len(self._arrived))]
            if arrived:
                self._service.view.apply(list(chain.from_iterable(arrived)))

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
                self._ends = self._begin(consumer, self._service.view.streams)
            consumer.assign([self._from(stream, number) for stream in self._service.view.streams for number in range(PARTITIONS)])
            while not self._stopping.is_set():
                self._load(consumer.consume(AT_ONCE, _WAIT))
                self._keep()
                patience.over()
        finally:
            consumer.close()

    def _begin(self, consumer: Consumer, streams: Sequence[str]) -> dict[Partition, int]:
        """Where the streams end now; what the snapshot holds, if it is of these topics, is known from here on."""
        bounds = bounds_of(consumer, streams)
        if self._keeper.keeps:
            self._topics = topic_ids(self._bootstrap, streams)
            snapshot = self._keeper.read()
            if snapshot is not None and (read_to := _read_to(snapshot, self._topics, bounds)):
                with self._taking:
                    self._keeper.take_up(snapshot)
                self._read_to = read_to
        return {place: end for place, (first, end) in bounds.items() if first < end}

    def _load(self, messages: Sequence[Message]) -> None:
        """Take records in; until it is ready the view is told at once, because nobody asks it yet and much would have to be kept."""
        loading = not self.ready
        self._take(messages)
        if loading and (self.ready or sum(map(len, self._arrived)) >= LOADED_AT_ONCE):
            self.catch_up()

    def _keep(self) -> None:
        """Make a snapshot where it is worth it; only of what the service itself has the view know."""
        if not self._keeper.keeps or self._news < WORTH_KEEPING or not self.ready or monotonic() < self._not_before:
            return
        with self._taking:
            if self._arrived:
                return
            places = [[stream, number, offset] for (stream, number), offset in self._read_to.items()]
            snapshot = self._keeper.freeze({"topics": self._topics, "read_to": places})
        self._keeper.write(snapshot)
        self._news, self._not_before = 0, monotonic() + _KEPT_FOR

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
        self._news += len(messages)
        for message in messages:
            self._read_to[str(message.topic()), int(message.partition() or 0)] = int(message.offset() or 0) + 1

    def _leave_out(self, position: int | None, reason: str) -> None:
        logger.error("record_left_out_of_view", service=self._service.name, position=position, reason=reason)


def _read_to(snapshot: Snapshot, topics: Mapping[str, str], bounds: Mapping[Partition, tuple[int, int]]) -> dict[Partition, int]:
    """How far the snapshot goes; nothing where it is not of these topics as they stand."""
    read_to = {(stream, number): offset for stream, number, offset in snapshot.marks["read_to"]}
    stands = snapshot.marks["topics"] == topics and all(first <= read_to.get(place, 0) <= end for place, (first, end) in bounds.items())
    return read_to if stands else {}
