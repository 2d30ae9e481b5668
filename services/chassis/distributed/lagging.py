"""How far each service is behind on each partition of what it consumes, as Kafka knows it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from confluent_kafka import TopicPartition as Place
from kafka import TopicPartition
from kafka.admin import OffsetSpec

from schemas.streams import PARTITIONS, ServiceName, group_of
from services.chassis.distributed.cluster import Cluster
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import reader
from services.chassis.lag import Lag

_LOOKS_FOR: Final = 5.0  # seconds


def lags(cluster: Cluster, bootstrap: str, consumed: Mapping[ServiceName, Sequence[str]], now: datetime) -> Iterator[Lag]:
    """How far each service is behind, on every partition of the topics that it consumes.

    Raises:
        UserError: one of these topics is not there.
    """
    streams = sorted({stream for streams in consumed.values() for stream in streams})
    cluster.refuse_missing(streams)
    firsts, ends = (_offsets(cluster, streams, spec) for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST))
    for service, its_streams in consumed.items():
        committed = _committed(cluster, group_of(service))
        at = {key: max(committed.get(key, 0), firsts[key]) for key in ends if key[0] in its_streams}
        taken = _taken_at(bootstrap, {key: position for key, position in at.items() if position < ends[key]})
        for key, position in sorted(at.items()):
            age = now - taken[key] if key in taken else None
            yield Lag(service, *key, ends[key], position, max(0, ends[key] - position), age and max(age, timedelta()))


def _offsets(cluster: Cluster, streams: Collection[str], spec: OffsetSpec) -> dict[Partition, int]:
    asked = {TopicPartition(stream, number): spec for stream in streams for number in range(PARTITIONS)}
    answers = cluster.admin.list_partition_offsets(asked, isolation_level="read_committed")
    return {(place.topic, place.partition): found.offset for place, found in answers.items()}


def _committed(cluster: Cluster, group: str) -> dict[Partition, int]:
    answers = cluster.admin.list_group_offsets(group)[group]
    return {(place.topic, place.partition): found.offset for place, found in answers.items()}


def _taken_at(bootstrap: str, positions: Mapping[Partition, int]) -> dict[Partition, datetime]:
    """When Kafka took the record at each of these positions; what it does not tell within five seconds is left out."""
    found: dict[Partition, datetime] = {}
    until = monotonic() + _LOOKS_FOR
    with closing(reader(bootstrap)) as consumer:
        consumer.assign([Place(*key, position) for key, position in positions.items()])
        while len(found) < len(positions) and monotonic() < until:
            for message in consumer.consume(1, 0.5):
                key = (str(message.topic()), int(message.partition() or 0))
                if message.error() is None and key not in found:
                    found[key] = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
                    consumer.incremental_unassign([Place(*key)])
    return found
