"""How far a service is behind on what it consumes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.backlog import Backlog
from services.chassis.service import Service


@dataclass(frozen=True, slots=True)
class Lag:
    """One service on one stream, or on one partition of it.

    `end` is where the stream ends and `committed` how far the service has come, as positions, or as offsets of the next record; `lag` is the
    number of records between, and `oldest` how long ago the first of them was appended.
    """

    service: ServiceName
    stream: str
    partition: int | None
    end: int
    committed: int
    lag: int
    oldest: timedelta | None


def in_log(connection: Connection, services: Collection[Service[Any]], now: datetime) -> Iterator[Lag]:
    """The lag of each service on each stream of the embedded log."""
    ends = log.ends(connection, {stream for service in services for stream in service.consumes})
    for service in services:
        cursors = log.cursors(connection, service.name, service.consumes)
        for stream, (waiting, since) in log.waiting(connection, cursors).items():
            oldest = None if since is None else max(now - datetime.fromisoformat(since), timedelta())
            yield Lag(service.name, stream, None, ends[stream], cursors[stream], waiting, oldest)


def backlogs_of(services: Iterable[ServiceName], lags: Iterable[Lag]) -> list[Backlog]:
    """The same as what waits for each of these services."""
    known = list(lags)
    return [_backlog(service, [lag for lag in known if lag.service == service]) for service in services]


def _backlog(service: ServiceName, lags: Sequence[Lag]) -> Backlog:
    oldest = max((lag.oldest for lag in lags if lag.oldest is not None), default=timedelta())
    return Backlog(service, {lag.stream: lag.lag for lag in lags}, oldest.total_seconds())


def summed(lags: Iterable[Lag]) -> Iterator[Lag]:
    """The lag over all partitions of a stream; those of one stay together."""
    for (service, stream), some in groupby(lags, key=lambda one: (one.service, one.stream)):
        parts = list(some)
        oldest = max((one.oldest for one in parts if one.oldest is not None), default=None)
        end, committed, behind = (sum(numbers) for numbers in zip(*((one.end, one.committed, one.lag) for one in parts), strict=True))
        yield Lag(service, stream, None, end, committed, behind, oldest)
