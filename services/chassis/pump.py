"""The one thread that writes while services run: it gathers commands for a few milliseconds, commits them together, and pumps the handlers.

A bug in a handler stops it loudly: every waiting caller is told, and nothing is acknowledged that was not committed.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, Full, Queue
from time import monotonic
from typing import Any, Protocol

import structlog

from schemas.streams import ServiceName
from services.chassis.errors import Overloaded, Stopped, Transient
from services.chassis.running import Answer

LINGER = 0.003  # seconds for which the first command of a batch waits for others
BATCH = 500
WAITING_AT_MOST = 5_000
LOOK_AROUND = 0.05  # seconds between looks at what other processes appended, and at the clock

logger = structlog.get_logger()
Waiting = tuple[ServiceName, Any, "Future[Answer]", str | None]
"""A service, a command, the future of its answer, and the traceparent of whoever asked."""


class Stepping(Protocol):
    """What the pump moves: everything, in an embedded run; where the services run in processes of their own, commands alone."""

    def start(self) -> None:
        """Get ready to be moved."""

    def step(self) -> int:
        """One round over what is to be done here; returns how much was done."""

    def decide(self, name: ServiceName, commands: Sequence[Any], traceparents: Sequence[str | None] = ()) -> Sequence[Answer]:
        """Put commands of one kind to a service, in one transaction."""

    def call_beside(self) -> None:
        """Make calls to the outside beside the pump from here on."""

    def end_calls(self) -> None:
        """Record what came of the calls under way."""


class Pump:
    """Runs an installation in a thread of its own until it is stopped."""

    def __init__(self, running: Stepping, on_failure: Callable[[BaseException], None] = lambda _: None) -> None:
        self._running = running
        self._on_failure = on_failure
        self._commands: Queue[Waiting] = Queue(WAITING_AT_MOST)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it still takes commands and facts."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def start(self) -> None:
        """Begin; the caller holds the data folder."""
        self._running.start()
        self._running.call_beside()
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, refuse what is waiting, and end."""
        self._stopping.set()
        self._thread.join()

    def submit(self, service: ServiceName, command: Any, traceparent: str | None = None) -> "Future[Answer]":
        """Put a command in the queue; the future is done when its facts are committed.

        Raises:
            Overloaded: too many commands are waiting.
            Stopped: the pump has stopped.
        """
        if not self.alive:
            raise Stopped("the services have stopped")
        answer: Future[Answer] = Future()
        try:
            self._commands.put_nowait((service, command, answer, traceparent))
        except Full:
            raise Overloaded("too many requests are waiting; try again in a second") from None
        return answer

    def _run(self) -> None:
        try:
            idle = False
            while not self._stopping.is_set():
                self._answer(self._gather(LOOK_AROUND if idle else 0.0))
                idle = self._running.step() == 0
            self._running.end_calls()
        except BaseException as failure:
            logger.critical("services_stopped", failure=type(failure).__name__, exc_info=failure)
            self._on_failure(failure)
        finally:
            self._stopping.set()
            self._refuse_waiting()

    def _gather(self, patience: float) -> list[Waiting]:
        try:
            gathered = [self._commands.get(timeout=patience) if patience else self._commands.get_nowait()]
        except Empty:
            return []
        until = monotonic() + LINGER
        while len(gathered) < BATCH and (left := until - monotonic()) > 0:
            try:
                gathered.append(self._commands.get(timeout=left))
            except Empty:
                break
        return gathered

    def _answer(self, gathered: list[Waiting]) -> None:
        alike: dict[tuple[ServiceName, type], list[Waiting]] = defaultdict(list)
        for waiting in gathered:
            if not waiting[2].set_running_or_notify_cancel():  # nobody waits for the answer any more, and nothing was begun
                continue
            alike[waiting[0], type(waiting[1])].append(waiting)
        for (service, _), some in alike.items():
            try:
                answers = self._running.decide(service, [command for _, command, _, _ in some], [traceparent for *_, traceparent in some])
            except Transient as fault:
                for _, _, future, _ in some:
                    future.set_exception(fault)
                continue
            except BaseException:
                self._refuse(some)
                raise
            for (_, _, future, _), answer in zip(some, answers, strict=True):
                future.set_result(answer)

    def _refuse_waiting(self) -> None:
        while not self._commands.empty():
            self._refuse([self._commands.get_nowait()])

    @staticmethod
    def _refuse(some: list[Waiting]) -> None:
        for _, _, future, _ in some:
            future.set_exception(Stopped("the services stopped before this was written down"))
