"""Reads a stream from its start or its end, once or for as long as it is wanted: out of a data folder, or from Kafka where that is set."""

import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import get_args

from schemas.streams import STREAMS, ServiceName
from services.chassis.codec import Record
from services.chassis.dead_letters import retries_of, stream_of
from services.chassis.errors import UserError
from services.chassis.settings import ChassisSettings
from services.cli.installation import embedded_installation, settings_for

_AT_ONCE = 1_000
_LOOK_AGAIN = 0.1  # seconds


def records_of(stream: str, data: Path | None, *, from_start: bool, follow: bool) -> Iterator[Record]:
    """The records of a stream in their order; on Kafka those of each subject are in their order.

    Raises:
        UserError: there is no such stream, or Kafka does not answer.
    """
    names = [*STREAMS, *(name(service) for name in (stream_of, retries_of) for service in get_args(ServiceName))]
    if stream not in names:
        raise UserError(f"no stream is called {stream!r}; there are {', '.join(names)}")
    settings = settings_for(data)
    read = _on_kafka if settings.distributed else _in_folder
    yield from read(settings, stream, from_start, follow)


def _in_folder(settings: ChassisSettings, stream: str, from_start: bool, follow: bool) -> Iterator[Record]:
    with embedded_installation(settings) as running:
        position = 0 if from_start else running.services.end_of(stream)
        while True:
            stored = running.services.records(stream, position, _AT_ONCE)
            yield from (one.record for one in stored)
            position = stored[-1].position if stored else position
            if not stored and not follow:
                return
            if not stored:
                sleep(_LOOK_AGAIN)


def _on_kafka(settings: ChassisSettings, stream: str, from_start: bool, follow: bool) -> Iterator[Record]:
    from services.chassis.distributed import tailing
    from services.chassis.distributed.cluster import cluster

    bootstrap = settings.kafka_bootstrap or ""
    with cluster(bootstrap) as there:
        there.refuse_missing([stream])
    yield from tailing.records_of(bootstrap, stream, lambda told: print(told, file=sys.stderr), from_start=from_start, follow=follow)
