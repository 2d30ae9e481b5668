"""Records read from Kafka outside any group: whole streams for views and exports, and where streams end."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic, sleep
from typing import Any, Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    Consumer,
    IsolationLevel,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)  # fmt: skip
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from schemas.streams import PARTITIONS, partition_of
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.wire import record_of
from services.chassis.errors import Rejected, Transient
from services.chassis.log import Stored

_ANSWERED_WITHIN: Final = 10.0  # seconds
_FIRST_ANSWERED_WITHIN: Final = 0.25  # seconds
_AT_ONCE: Final = 2_000
_WAIT: Final = 0.1  # seconds for which a batch waits to be filled
_ASK_AGAIN: Final = 0.1  # seconds
COMMITTED_ONLY: Final[dict[str, Any]] = {"isolation.level": "read_committed", "allow.auto.create.topics": False, "log_level": 2}


def reader(bootstrap: str) -> Consumer:
    """A consumer that belongs to no group and remembers nothing at Kafka."""
    return Consumer(
        COMMITTED_ONLY
        | {
            "bootstrap.servers": bootstrap,
            "group.id": "together-outside-any-group",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 100,
        }
    )


def stored_of(message: Message) -> Stored:
    """A message as a record and where it stands.

    Raises:
        Rejected: it is no event of ours; the reason repeats nothing of it.
    """
    headers: Any = message.headers()
    record = record_of(str(message.topic()), bytes_of(message.key()), bytes_of(message.value()), headers)
    return Stored(int(message.offset() or 0), record, int(message.partition() or 0))


def bytes_of(value: Any) -> bytes | None:
    """A message's key or value, which the client's types allow to be text."""
    return value.encode() if isinstance(value, str) else value


def bounds_of(consumer: Consumer, streams: Collection[str]) -> dict[Partition, tuple[int, int]]:
    """The offset of the first record of each partition of these streams, and that which the next one will have.

    Raises:
        KafkaException: Kafka does not answer.
    """
    bounds = {}
    for stream in streams:
        for number in range(PARTITIONS):
            answer = consumer.get_watermark_offsets(TopicPartition(stream, number), _ANSWERED_WITHIN)
            if answer is None or min(answer) < 0:
                raise Transient("Kafka does not answer")
            bounds[stream, number] = answer
    return bounds


def ends_of(consumer: Consumer, streams: Collection[str]) -> dict[Partition, int]:
    """The offset that the next record of each partition of these streams will have; only of partitions in which records stand.

    Raises:
        KafkaException: Kafka does not answer.
    """
    return {place: end for place, (first, end) in bounds_of(consumer, streams).items() if first < end}


def topic_ids(bootstrap: str, streams: Collection[str]) -> dict[str, str]:
    """The id that Kafka gave each of these streams' topics when it was made: one that is made anew under the same name has another.

    Raises:
        Transient: Kafka does not answer.
    """
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})  # it must live until it has answered
    answers = client.describe_topics(TopicCollection(list(streams)))
    try:
        ids = {name: answer.result(_ANSWERED_WITHIN).topic_id for name, answer in answers.items()}
    except (KafkaException, TimeoutError) as fault:
        raise Transient("Kafka does not answer") from fault
    return {name: str(id_) for name, id_ in ids.items()}


class Ends:
    """Where streams end now, by one question for all their partitions."""

    def __init__(self, bootstrap: str, answered_within: float = _ANSWERED_WITHIN) -> None:
        self._bootstrap, self._answered_within = bootstrap, answered_within
        self._client: AdminClient | None = None

    def of(self, streams: Collection[str]) -> dict[Partition, int]:
        """The offset that the next record of each partition of these streams will have.

        Raises:
            Transient: Kafka does not answer.
        """
        return self._asked(streams, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def at(self, streams: Collection[str], moment: datetime) -> dict[Partition, int]:
        """The offset of the first record of each partition that was appended then or later; its end where there is none.

        Raises:
            Transient: Kafka does not answer.
        """
        found = self._asked(streams, OffsetSpec.for_timestamp(int(moment.timestamp() * 1000)))
        ends = self.of(streams)
        return {place: offset if offset >= 0 else ends[place] for place, offset in found.items()}

    def _asked(self, streams: Collection[str], which: OffsetSpec) -> dict[Partition, int]:
        """Ask, and ask again for a while: right after topics are made, or leaders change, an answer may not be one."""
        asked = {TopicPartition(stream, number): which for stream in streams for number in range(PARTITIONS)}
        until = monotonic() + self._answered_within
        while True:
            try:
                return self._asked_once(asked, max(_ASK_AGAIN, until - monotonic()))
            except Transient:
                if monotonic() >= until:
                    raise
                sleep(_ASK_AGAIN)

    def _asked_once(self, asked: dict[TopicPartition, OffsetSpec], within: float) -> dict[Partition, int]:
        """Ask by a client that was answered before, or a new one: where a leader went away, an old one fails for minutes after there is another.

        What a new one asks while it gets to know the cluster is lost now and then, and it asks again after seconds only, so that it is not waited
        for at first.
        """
        client, self._client, found = self._client, None, None
        if client is None:
            client = AdminClient({"bootstrap.servers": self._bootstrap, "log_level": 2})
            with suppress(KafkaException, TimeoutError):
                found = _offsets(client, asked, min(_FIRST_ANSWERED_WITHIN, within))
        try:
            found = found or _offsets(client, asked, within)
        except (KafkaException, TimeoutError) as fault:
            raise Transient("Kafka does not answer") from fault
        if OFFSET_INVALID in found.values():  # which is told, without an error, of a partition whose leader is changing
            raise Transient("Kafka does not say where every stream ends")
        self._client = client
        return found


def _offsets(client: AdminClient, asked: dict[TopicPartition, OffsetSpec], within: float) -> dict[Partition, int]:
    answers = client.list_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=within)
    return {(place.topic, place.partition): answer.result(within).offset for place, answer in answers.items()}


def every_record(bootstrap: str, streams: Sequence[str], subject: str | None = None) -> Iterator[Stored]:
    """Every record of these streams as they end now, or only those about one subject; what is no event of ours is left out.

    Raises:
        Transient: Kafka does not answer.
    """
    consumer = reader(bootstrap)
    try:
        numbers = range(PARTITIONS) if subject is None else [partition_of(subject)]
        left = {key: end for key, end in ends_of(consumer, streams).items() if key[1] in numbers}
        consumer.assign([TopicPartition(stream, number, OFFSET_BEGINNING) for stream, number in left])
        while left:
            for message in consumer.consume(_AT_ONCE, _WAIT):
                yield from _wanted(message, subject)
            left = {key: end for key, end in left.items() if _position(consumer, key) < end}
    except KafkaException as fault:
        raise Transient("Kafka does not answer") from fault
    finally:
        consumer.close()


def _wanted(message: Message, subject: str | None) -> Iterator[Stored]:
    if message.error():
        return
    try:
        stored = stored_of(message)
    except Rejected:
        return
    if subject is None or stored.record.subject == subject:
        yield stored


def _position(consumer: Consumer, key: Partition) -> int:
    [place] = consumer.position([TopicPartition(*key)])
    return int(place.offset)
