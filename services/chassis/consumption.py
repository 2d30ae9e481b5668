"""One consumer's progress through its streams: batches of up to 500 records, back-off for what may pass, dead letters for what never will.

What a refused record did to its batch is undone first; then the batch is taken record by record, so that the good ones go on.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from schemas.events.referrals import PersonErased
from services.chassis import log
from services.chassis.clock import Clock
from services.chassis.codec import Record
from services.chassis.database import transaction
from services.chassis.errors import Rejected, Transient
from services.chassis.handling import Batch, Handling, Refusals
from services.chassis.scribe import Scribe
from services.chassis.service import Service
from services.chassis.telemetry import Tally, Timings
from services.chassis.tracing import Tracing
from services.chassis.views import Feed

BATCH = 500
ATTEMPTS = 5
FIRST_BACK_OFF = 0.1  # seconds, doubled each time
logger = structlog.get_logger()


@dataclass
class _Progress:
    """Where the consumer stands between batches; all but the cursors may be lost with the process."""

    cursors: dict[str, int]
    batch_end: int = 0
    alone_until: int = 0
    attempts: int = 0
    not_before: float = 0.0
    erasures: int = 0


class Consumption:
    """Reads, handles and commits for one service; the caller holds the data folder, so nobody else moves these cursors."""

    def __init__(
        self, service: Service[Any], engine: Engine, scribe: Scribe, view: Feed, wall: Clock, timings: Timings, tally: Tally, tracing: Tracing
    ) -> None:
        self.service, self._engine, self._wall, self._timings, self._tally = service, engine, wall, timings, tally
        self._handling = Handling(service, scribe, view, wall, timings, tracing)
        self._refusals = Refusals(service.name)
        with engine.connect() as connection:
            self._progress = _Progress(log.cursors(connection, service.name, service.consumes))

    def step(self, monotonic: Callable[[], float]) -> int:
        """Take the next batch; returns how many records were dealt with, 0 where there was nothing or it is not yet time."""
        progress = self._progress
        if monotonic() < progress.not_before:
            return 0
        try:
            return self._take_batch()
        except Rejected as refusal:
            if progress.alone_until < progress.batch_end:
                progress.alone_until = progress.batch_end
                return 1
            return self._bury_next(str(refusal))
        except Transient as fault:
            progress.attempts += 1
            if progress.attempts >= ATTEMPTS:
                return self._bury_next(f"tried {ATTEMPTS} times: {fault}")
            progress.not_before = monotonic() + FIRST_BACK_OFF * 2 ** (progress.attempts - 1)
            logger.warning("batch_put_off", consumer=self.service.name, attempt=progress.attempts, fault=type(fault).__name__)
            return 0

    def is_behind(self, ends: Mapping[str, int]) -> bool:
        """Whether one of its streams goes on beyond where it has read to; `ends` has the last position of each."""
        return any(ends[stream] > position for stream, position in self._progress.cursors.items())

    @property
    def put_off(self) -> bool:
        """Whether a batch waits to be tried again."""
        return self._progress.attempts > 0

    def erasures(self) -> int:
        """How many erasures were handled since this was last asked."""
        erasures, self._progress.erasures = self._progress.erasures, 0
        return erasures

    def _take_batch(self) -> int:
        with transaction(self._engine, self._timings) as connection:
            stored = self._read(connection)
            if not stored:
                return 0
            batch = self._handling.batch(stored)
            with batch.traced():
                self._append(connection, stored, batch.follow(connection, max(1, self._progress.attempts)))
        self._settle(stored, batch)
        return len(stored)

    def _read(self, connection: Connection) -> list[log.Stored]:
        progress = self._progress
        with self._timings.stage("read"):
            alone = min(progress.cursors.values(), default=0) < progress.alone_until
            stored = log.read(connection, progress.cursors, 1 if alone else BATCH)
        progress.batch_end = stored[-1].position if stored else 0
        return stored

    def _append(self, connection: Connection, stored: Sequence[log.Stored], records: Sequence[Record]) -> None:
        with self._timings.stage("append"):
            log.append(connection, records, self._wall.now().isoformat())
            log.save_cursors(connection, self.service.name, _ends(stored))

    def _bury_next(self, reason: str) -> int:
        with transaction(self._engine, self._timings) as connection:
            stored = log.read(connection, self._progress.cursors, 1)
            batch = self._handling.refusing(stored[0], reason)
            with batch.traced():
                self._append(connection, stored, batch.follow(connection, max(1, self._progress.attempts)))
        self._settle(stored, batch)
        return 1

    def _settle(self, stored: Sequence[log.Stored], batch: Batch) -> None:
        """What is remembered in memory after the commit."""
        progress = self._progress
        progress.cursors.update(_ends(stored))
        progress.attempts, progress.not_before = 0, 0.0
        progress.erasures += sum(isinstance(event.data, PersonErased) for event in batch.events)
        self._count(stored, batch)

    def _count(self, stored: Sequence[log.Stored], batch: Batch) -> None:
        name = self.service.name
        self._tally.batch(name, len(stored))
        for stream, number in Counter(one.record.stream for one in stored).items():
            self._tally.add("taken", name, stream, number)
        self._tally.add("dead", name, number=len(batch.refused))
        self._refusals.count(batch)


def _ends(stored: Sequence[log.Stored]) -> dict[str, int]:
    return {one.record.stream: one.position for one in stored}
