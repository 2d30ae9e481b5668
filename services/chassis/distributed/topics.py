"""The topics as the stream registry wants them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from schemas.streams import PARTITIONS, STREAMS, ServiceName
from services.chassis.dead_letters import retries_of, stream_of

LARGEST_RECORD = 2 * 1024 * 1024
"""Bytes of one record with its key and headers."""

LARGEST_DEAD_LETTER = 2 * LARGEST_RECORD
"""Bytes of one dead letter: the largest record in base64, and the reason."""

_DEAD_LETTERS_KEPT = 3650  # days
_DAY = 24 * 60 * 60 * 1000  # milliseconds


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: how many partitions and copies it has, and what it is set to."""

    name: str
    partitions: int
    replication: int
    settings: dict[str, str]


def topics_wanted(replication: int) -> dict[str, Topic]:
    """Every topic by its name, each kept in so many copies, two of which must be in step where there are three or more."""
    shared = {"message.timestamp.type": "LogAppendTime", "min.insync.replicas": "2" if replication >= 3 else "1"}
    return {name: Topic(name, PARTITIONS, replication, shared | settings) for name, settings in _settings()}


def _settings() -> Iterator[tuple[str, dict[str, str]]]:
    for stream in STREAMS.values():
        yield stream.name, _kept(stream.kept_days) | {"max.message.bytes": str(LARGEST_RECORD)}
    for service in get_args(ServiceName):
        for name in (stream_of(service), retries_of(service)):
            yield name, _kept(_DEAD_LETTERS_KEPT) | {"max.message.bytes": str(LARGEST_DEAD_LETTER)}


def _kept(days: int | None) -> dict[str, str]:
    return {"cleanup.policy": "compact"} if days is None else {"cleanup.policy": "delete", "retention.ms": str(days * _DAY)}
