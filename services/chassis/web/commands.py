"""How a route puts a command to a service and waits until its facts are committed."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from prometheus_client.core import Metric

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import ServiceName
from services.chassis.errors import Overloaded, Rejected
from services.chassis.running import Answer
from services.chassis.tracing import requested
from services.chassis.web.metrics import gauge

PATIENCE = 30.0  # seconds


class Commands(Protocol):
    """Takes commands for services."""

    async def put(self, service: ServiceName, command: Any) -> Sequence[Event[Data]]:
        """The facts that followed, committed.

        Raises:
            Rejected: the service refused it.
            Transient: it cannot be taken now, or was not done in time; it may still be done.
            Stopped: the service has stopped.
        """


class Queue(Protocol):
    """Where commands wait: the pump of an embedded run."""

    def submit(self, service: ServiceName, command: Any, traceparent: str | None = None) -> "Future[Answer]":
        """A future that is done when the command's facts are committed."""


class PumpCommands:
    """Commands through the pump of an embedded run."""

    def __init__(self, pump: Queue, patience: float = PATIENCE) -> None:
        self._pump, self._patience = pump, patience
        self._waiting = 0

    async def put(self, service: ServiceName, command: Any) -> Sequence[Event[Data]]:
        """The facts that followed, committed."""
        future = self._pump.submit(service, command, requested())
        self._waiting += 1
        future.add_done_callback(self._answered)
        try:
            # Shielded: the pump has the command, and a future that was cancelled under it would stop it.
            answer = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self._patience)
        except TimeoutError:
            raise Overloaded("this takes longer than expected; it may still be done, and asking again is safe") from None
        if isinstance(answer, Rejected):
            raise answer
        return answer

    def metrics(self) -> list[Metric]:
        """How many commands wait for their answer."""
        return [gauge("together_commands_waiting", "Commands put to the services and not answered yet.", (), [((), self._waiting)])]

    def _answered(self, _: object) -> None:
        self._waiting -= 1
