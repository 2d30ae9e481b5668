"""Feeds one copy of a service from Kafka: the one place that subscribes, and that says when a batch is acknowledged.

The broker acknowledges a consumer's position and not a batch, so there is one batch at a time, and a batch is either acknowledged after its
commit or rewound (`nack`); a fault that is nobody's input ends the process with nothing acknowledged.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from confluent_kafka import Consumer as Client
from confluent_kafka import Message, TopicPartition
from faststream import AckPolicy
from faststream.confluent import KafkaBroker
from faststream.confluent.annotations import KafkaMessage as Delivered
from faststream.confluent.message import KafkaMessage

from schemas.streams import group_of
from services.chassis.distributed.faults import PASSING, Patience
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import Ends
from services.chassis.distributed.taking import AT_ONCE, Taking
from services.chassis.errors import Transient

ACKNOWLEDGE: Final = AckPolicy.MANUAL
"""The policy of every subscriber: nothing is acknowledged but by this module, after the commit."""

LINGER: Final = 0.05  # seconds for which a batch waits to be filled
_STOPS_WITHIN: Final = 30.0  # seconds


class CutShort(Exception):
    """A stream ends before what the service has read of it: read on, and its new facts would be taken for ones that were read."""


def broker_of(bootstrap: str) -> KafkaBroker:
    """FastStream's broker, which makes no topic and reads only what is committed."""
    return KafkaBroker(bootstrap, allow_auto_create_topics=False, logger=None)


class Consumer:
    """One copy's subscription, in a thread with an event loop of its own."""

    def __init__(self, taking: Taking, bootstrap: str, stopping: threading.Event, on_failure: Callable[[BaseException], None]) -> None:
        self._taking, self._stopping, self._on_failure = taking, stopping, on_failure
        self._patience = Patience(taking.service, stopping)
        self._ends = Ends(bootstrap)
        self.ready = False
        self.broker = broker_of(bootstrap)
        self._subscriber = self.broker.subscriber(
            *taking.streams,
            group_id=group_of(taking.service),
            batch=True,
            max_records=AT_ONCE,
            polling_interval=LINGER,
            ack_policy=ACKNOWLEDGE,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=["range"],  # one number of every stream goes to one copy, so that copies seldom want the same lane
            max_partition_fetch_bytes=4_194_304,
            fetch_max_wait_ms=100,
            session_timeout_ms=10_000,
            on_assign=self._assigned,
            parser=self._unread,
            decoder=lambda _: None,
        )
        self._subscriber(self._on_batch)

    def run(self) -> None:
        """Consume until it is to stop; the batch at hand is committed first."""
        try:
            asyncio.run(self._run())
        except BaseException as failure:
            self._on_failure(failure)

    async def _run(self) -> None:
        await self.broker.start()
        while not self._stopping.is_set():
            await asyncio.sleep(LINGER)
        await asyncio.wait_for(self.broker.stop(), _STOPS_WITHIN)

    async def _unread(self, messages: tuple[Message, ...]) -> KafkaMessage:
        """A batch as it came: what a foreign producer wrote into a header must not keep the others from being read."""
        assert self._subscriber.consumer is not None
        return KafkaMessage(body=b"", raw_message=messages, consumer=self._subscriber.consumer, is_manual=True)

    async def _on_batch(self, message: Delivered) -> None:
        """Have a batch taken in, and acknowledge it when that is committed; otherwise it comes again."""
        assert isinstance(message.raw_message, tuple)
        try:
            if not self._stopping.is_set():
                await asyncio.to_thread(self._taking.take, message.raw_message)
                self._patience.over()
                await message.ack()
                return
        except (*PASSING, Transient) as fault:
            await self._rewind(message)
            await asyncio.sleep(self._patience.seconds(fault))
            return
        except BaseException as failure:
            self._on_failure(failure)
        await self._rewind(message)

    async def _rewind(self, message: Delivered) -> None:
        """Have a batch delivered again. Where it cannot be, reading on would leave it out, so the process ends and its next start reads it."""
        try:
            await message.nack()
        except BaseException as failure:
            self._on_failure(failure)
            raise

    def _assigned(self, client: Client, partitions: Sequence[TopicPartition]) -> None:
        """Hold the partitions that this copy was given, and read each on from where the service's own books say."""
        held = self._held_from_now_on([(str(one.topic), one.partition) for one in partitions])
        client.assign([TopicPartition(*key, position) for key, position in held.items()])
        self.ready = True

    def _held_from_now_on(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """The positions of these partitions; a database that is away is waited for, because without them nothing can be read."""
        patience = Patience(f"{self._taking.service}-assignment", self._stopping)
        while not self._stopping.is_set():
            try:
                held = self._taking.hold(partitions)
                self._check(held)
                return held
            except (*PASSING, Transient) as fault:
                patience.wait(fault)
            except BaseException as failure:
                self._on_failure(failure)
                break
        return {}

    def _check(self, held: Mapping[Partition, int]) -> None:
        """Whether these streams go as far as the service has read them.

        Raises:
            CutShort: one was restored from an older copy, or made anew.
            Transient: Kafka does not answer.
        """
        ends = self._ends.of({stream for stream, _ in held}) if held else {}
        for key, position in held.items():
            if position > ends[key]:
                raise CutShort("{}-{} ends at {}, and {} has read it to {}".format(*key, ends[key], self._taking.service, position))


def topics_of(broker: KafkaBroker) -> list[Any]:
    """The broker's subscribers, for whoever checks how they acknowledge."""
    return list(broker.subscribers)
