"""What becomes of commands of one kind that are put to a service, in one transaction, whatever database its store is in."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import ServiceName
from services.chassis.errors import Rejected
from services.chassis.running import Answer
from services.chassis.service import Decided, Fact, Service
from services.chassis.telemetry import Outcome, Tally, Timings
from services.chassis.tracing import CommandSpans, Tracing


class Turn(Protocol):
    """A service's turn inside a transaction."""

    @property
    def store(self) -> Any:
        """The service's store."""

    def write(self, facts: Sequence[Fact], traceparents: Sequence[str], /) -> list[Event[Data] | None]:
        """Have facts written at the end of the turn."""


@dataclass(frozen=True)
class Commanding:
    """Decides commands, counts what became of them, and traces them."""

    timings: Timings
    tally: Tally
    tracing: Tracing

    def decide(
        self, service: Service[Any], commands: Sequence[Any], begun: AbstractContextManager[Turn], traceparents: Sequence[str | None] = ()
    ) -> list[Answer]:
        """The answer to each command, when the turn is committed; one that fails fails them all. Each has the traceparent of its own request."""
        spans = self.tracing.commands(service.name, commands, traceparents)
        try:
            with begun as turn:
                with self.timings.of(service.name).stage("handle"):
                    decided = service.decides[type(commands[0])](commands, turn.store)
                answers = _written(decided, turn, spans.traceparents)
        except BaseException as failure:
            self._count(service.name, ["failed"] * len(commands), spans, failure)
            raise
        self._count(service.name, ["refused" if isinstance(answer, Rejected) else "done" for answer in answers], spans)
        return answers

    def _count(self, name: ServiceName, outcomes: Sequence[Outcome], spans: CommandSpans, failure: BaseException | None = None) -> None:
        for outcome, number in Counter(outcomes).items():
            self.tally.add("commands", name, outcome, number)
        spans.end(outcomes, failure)


def _written(decided: Sequence[Decided], turn: Turn, traceparents: Sequence[str]) -> list[Answer]:
    facts = [fact for one in decided if not isinstance(one, Rejected) for fact in one]
    of_each = zip(decided, traceparents, strict=True) if traceparents else ()
    traces = [traceparent for one, traceparent in of_each if not isinstance(one, Rejected) for _ in one]
    written = iter(turn.write(facts, traces))
    return [one if isinstance(one, Rejected) else [event for event in islice(written, len(one)) if event] for one in decided]
