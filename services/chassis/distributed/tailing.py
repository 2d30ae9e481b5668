"""Reads one topic for whoever watches it: from its first record or from the next, as far as it reaches now or without end."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, Message, TopicPartition

from schemas.streams import PARTITIONS
from services.chassis.codec import Record
from services.chassis.distributed.reading import ends_of, reader, stored_of
from services.chassis.errors import Rejected, Transient

_AT_ONCE: Final = 1_000
_WAIT: Final = 0.5  # seconds

LeftOut = Callable[[str], None]
"""Told where something stands that is no event, and why it is none."""


def records_of(bootstrap: str, stream: str, left_out: LeftOut, *, from_start: bool, follow: bool) -> Iterator[Record]:
    """The records of a topic, those of each subject in their order.

    Raises:
        Transient: Kafka does not answer any more.
    """
    with closing(reader(bootstrap)) as consumer:
        left = {number: end for (_, number), end in ends_of(consumer, [stream]).items()} if from_start and not follow else {}
        numbers = range(PARTITIONS) if follow else left
        consumer.assign([TopicPartition(stream, number, OFFSET_BEGINNING if from_start else OFFSET_END) for number in numbers])
        while follow or left:
            for message in consumer.consume(_AT_ONCE, _WAIT):
                yield from _record(message, left_out)
            left = {number: end for number, end in left.items() if _position(consumer, stream, number) < end}


def _record(message: Message, left_out: LeftOut) -> Iterator[Record]:
    fault = message.error()
    if fault is not None:
        if fault.fatal() or not fault.retriable():
            raise Transient(f"Kafka: {fault.str()}")
        return
    try:
        yield stored_of(message).record
    except Rejected as refusal:
        left_out(f"{message.topic()}, partition {message.partition()}, offset {message.offset()}: {refusal}")


def _position(consumer: Consumer, stream: str, number: int) -> int:
    return int(consumer.position([TopicPartition(stream, number)])[0].offset)
