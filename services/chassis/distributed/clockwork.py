"""What a service does by time, and its calls to the outside: in one of its copies, the one that holds the clock's lock of PostgreSQL.

Claims are made and recorded on the connection that holds the lock, so that a copy that lost it can claim nothing more, and whoever has it next
finds what was left behind.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import KafkaException
from sqlalchemy import Connection, Engine

from schemas.events.base import StreamName
from services.chassis.calls import Calls
from services.chassis.clock import Clock
from services.chassis.distributed.faults import PASSING, Patience
from services.chassis.distributed.leading import leading
from services.chassis.distributed.turns import Turns
from services.chassis.errors import Transient
from services.chassis.service import Errand, Service

LOOK_AGAIN: Final = 1.0  # seconds between looks at the clock
_LEAD_AGAIN: Final = 2.0  # seconds between tries to become the copy that has the clock


@dataclass
class Clockwork:
    """The clock of one service; every copy has one, and one of them works."""

    service: Service[Any]
    engine: Engine
    turns: Turns
    domain: Clock
    has_read: Callable[[Connection, Sequence[StreamName]], bool]
    stopping: threading.Event
    on_failure: Callable[[BaseException], None]
    _calls: Calls = field(default_factory=lambda: Calls(beside=True))

    @property
    def needed(self) -> bool:
        """Whether the service does anything by time."""
        return self.service.due is not None or bool(self._errands)

    @property
    def _errands(self) -> tuple[Errand[Any], ...]:
        return (*self.service.errands, *self.service.long_errands)

    def run(self) -> None:
        """Work until it is to stop; what may pass is waited out."""
        patience = Patience(f"{self.service.name}-clock", self.stopping)
        while not self.stopping.is_set():
            try:
                with leading(self.engine, "clock", self.service.name) as connection:
                    if connection is None:
                        self.stopping.wait(_LEAD_AGAIN)
                    else:
                        self._work(connection, patience)
            except (*PASSING, Transient, KafkaException) as fault:
                patience.wait(fault)
            except BaseException as failure:
                self.on_failure(failure)
                return

    def _work(self, connection: Connection, patience: Patience) -> None:
        while not self.stopping.is_set():
            if not self.step(connection):
                self.stopping.wait(LOOK_AGAIN)
            patience.over()
        self._end_calls(connection)

    def step(self, connection: Connection) -> int:
        """One round: time, then errands; returns how much was done."""
        return self._on_time(connection) + sum(self._run_errand(connection, errand) for errand in self._errands)

    def _on_time(self, connection: Connection) -> int:
        if self.service.due is None:
            return 0
        with self.turns.on(connection) as turn:
            return len(turn.write(self.service.due(self.domain.now(), turn.store)))

    def _run_errand(self, connection: Connection, errand: Errand[Any]) -> int:
        if self._calls.is_under_way(errand):
            return self._record(connection, errand)
        with connection.begin():  # Kafka may be slow to answer: a look that holds no lane keeps nobody waiting, and mostly ends it
            if not self.has_read(connection, errand.reads_first):
                return 0
        with self.turns.on(connection) as turn:
            if not self.has_read(connection, errand.reads_first):
                return 0
            claimed = errand.claim(self.domain.now(), turn.store)
            turn.write(claimed.facts)
        if not claimed.work:
            return len(claimed.facts)
        self._calls.make(errand, errand.run, claimed.work)
        return len(claimed.work) + self._record(connection, errand)

    def _record(self, connection: Connection, errand: Errand[Any]) -> int:
        try:
            results = self._calls.result(errand)
        except PASSING:  # a call to a database of ours, which may be made again
            self._calls.forget(errand)
            raise
        if results is None:
            return 0
        with self.turns.on(connection) as turn:
            turn.write(errand.record(results, turn.store))
        self._calls.forget(errand)
        return len(results)

    def _end_calls(self, connection: Connection) -> None:
        """Record what came of the calls under way; what a call does not end in time is found as left behind by the next copy."""
        self._calls.wait()
        for errand in self._errands:
            if self._calls.is_under_way(errand):
                self._record(connection, errand)
