"""One copy of one service: it consumes, relays, keeps its clock and its view, each in a thread, until it is told to stop or one of them fails."""

import threading
from collections.abc import Callable
from typing import Final

import structlog

from schemas.streams import ServiceName
from services.chassis.backlog import Backlog
from services.chassis.distributed.clockwork import Clockwork
from services.chassis.distributed.consumer import Consumer
from services.chassis.distributed.lag import ANSWERED_WITHIN, Lag
from services.chassis.distributed.reading import Ends
from services.chassis.distributed.relay import Relay
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.taking import Taking
from services.chassis.handling import Handling, collect_seldom
from services.chassis.ids import MACHINE, Entropy, random_id

_ENDS_WITHIN: Final = 40.0  # seconds
logger = structlog.get_logger()


class Worker:
    """Runs one copy of a service beside whatever serves its health."""

    def __init__(self, running: Distributed, name: ServiceName, on_failure: Callable[[], None], entropy: Entropy = MACHINE) -> None:
        self.name = name
        self._running, self._on_failure = running, on_failure
        self._stopping = running.stopping
        self.failure: BaseException | None = None
        service, engine, scribe, wall = running.service(name), running.engine(name), running.scribe(name), running.clocks.wall
        self._feed = running.feed(name, self._failed)
        timings, owner = running.timings.of(name), f"{name}-{random_id(entropy)}"
        handling = Handling(service, scribe, self._feed, wall, timings, running.tracing)
        taking = Taking(handling, engine, owner, wall, timings, running.tally)
        turns = running.turns(name)
        self._consumer = Consumer(taking, running.bootstrap, self._stopping, self._failed) if service.reads else None
        self._relay = Relay(name, engine, running.bootstrap, running.tally, self._stopping, self._failed)
        self._clockwork = Clockwork(
            service, engine, turns, running.clocks.domain, lambda connection, streams: running.has_read(connection, name, streams),
            self._stopping, self._failed,
        )  # fmt: skip
        self._lag = Lag(name, engine, Ends(running.bootstrap, ANSWERED_WITHIN / 2), owner, self._stopping, self._failed)
        self._threads: list[threading.Thread] = []

    @property
    def alive(self) -> bool:
        """Whether every part of it still works."""
        return self.failure is None and self._running.failure() is None and not self._stopping.is_set()

    @property
    def ready(self) -> bool:
        """Whether it has its view, and takes part in the work."""
        return self.alive and self._feed.ready and (self._consumer is None or self._consumer.ready)

    def backlogs(self) -> list[Backlog]:
        """What waits for it."""
        return [self._lag.now()]

    def start(self) -> None:
        """Begin: first what the service sends and does by time; it takes nothing in before its view has caught up."""
        collect_seldom()
        parts = [("relay", self._relay.run), ("consumer", self._consume), ("lag", self._lag.run)]
        if self._clockwork.needed:
            parts.append(("clock", self._clockwork.run))
        self._threads = [threading.Thread(target=run, name=f"{self.name}-{part}", daemon=True) for part, run in parts]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(_ENDS_WITHIN)

    def _consume(self) -> None:
        while not self._feed.ready and not self._stopping.wait(0.05):
            pass
        if self._consumer is not None and not self._stopping.is_set():
            self._consumer.run()

    def _failed(self, failure: BaseException) -> None:
        logger.critical("service_stopped", service=self.name, failure=type(failure).__name__, exc_info=failure)
        self.failure = self.failure or failure
        self._stopping.set()
        self._on_failure()
