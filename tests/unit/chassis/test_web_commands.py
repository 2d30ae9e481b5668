"""A route puts a command and waits for its facts; a refusal is raised, and patience that ends leaves the command with the services."""

import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.envelope import Event
from schemas.events.groups import GroupDelisted
from schemas.streams import ServiceName
from services.chassis.errors import Conflict, Overloaded, Rejected, Stopped
from services.chassis.running import Answer
from services.chassis.web.commands import PumpCommands

FACT: Event[Any] = Event("1", "/town", datetime(2026, 3, 2, tzinfo=UTC), GroupDelisted.model_construct(), "1")


class Queue:
    """Keeps what is put to it, and answers when it is told to."""

    def __init__(self, answer: Answer | Exception | None = None) -> None:
        self.put: list[tuple[ServiceName, Any, str | None]] = []
        self.future: Future[Answer] = Future()
        if isinstance(answer, Rejected) or (answer is not None and not isinstance(answer, Exception)):
            self.future.set_result(answer)
        elif isinstance(answer, Exception):
            self.future.set_exception(answer)

    def submit(self, service: ServiceName, command: Any, traceparent: str | None = None) -> Future[Answer]:
        """Take one."""
        self.put.append((service, command, traceparent))
        return self.future


def test_the_facts_of_a_command_come_back() -> None:
    queue = Queue([FACT])
    assert asyncio.run(PumpCommands(queue).put("directory", "list a group")) == [FACT]
    assert queue.put == [("directory", "list a group", None)]


@pytest.mark.parametrize("refusal", [Rejected("no"), Conflict("other content"), Stopped("no more"), Overloaded("too many")])
def test_a_refusal_is_raised(refusal: Rejected | Stopped | Overloaded) -> None:
    with pytest.raises(type(refusal), match=str(refusal)):
        asyncio.run(PumpCommands(Queue(refusal)).put("intake", "a command"))


def test_patience_ends_and_the_services_can_still_answer() -> None:
    queue = Queue()
    commands = PumpCommands(queue, patience=0.001)
    with pytest.raises(Overloaded, match="may still be done"):
        asyncio.run(commands.put("intake", "a command"))
    assert [sample.value for metric in commands.metrics() for sample in metric.samples] == [1]
    queue.future.set_result([FACT])
    assert [sample.value for metric in commands.metrics() for sample in metric.samples] == [0]


def test_a_caller_that_goes_away_leaves_the_command_with_the_services() -> None:
    queue = Queue()

    async def gone() -> None:
        waiting = asyncio.create_task(PumpCommands(queue).put("intake", "a command"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        queue.future.set_result([FACT])

    asyncio.run(gone())
    assert not queue.future.cancelled()
