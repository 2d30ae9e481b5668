"""What becomes of commands of one kind that are put to a service, in one transaction, whatever database its store is in."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Protocol

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.errors import Rejected
from services.chassis.running import Answer
from services.chassis.service import Decided, Fact, Service
from services.chassis.telemetry import Tally, Timings


class Turn(Protocol):
    """A service's turn inside a transaction."""

    @property
    def store(self) -> Any:
        """The service's store."""

    def write(self, facts: Sequence[Fact], /) -> list[Event[Data] | None]:
        """Have facts written at the end of the turn."""


def decide(service: Service[Any], commands: Sequence[Any], begun: AbstractContextManager[Turn], timings: Timings, tally: Tally) -> list[Answer]:
    """The answer to each command, when the turn is committed; one that fails fails them all."""
    try:
        with begun as turn:
            with timings.stage("handle"):
                decided = service.decides[type(commands[0])](commands, turn.store)
            answers = _written(decided, turn)
    except BaseException:
        tally.add("commands", service.name, "failed", len(commands))
        raise
    refused = sum(isinstance(answer, Rejected) for answer in answers)
    tally.add("commands", service.name, "refused", refused)
    tally.add("commands", service.name, "done", len(answers) - refused)
    return answers


def _written(decided: Sequence[Decided], turn: Turn) -> list[Answer]:
    written = iter(turn.write([fact for one in decided if not isinstance(one, Rejected) for fact in one]))
    return [one if isinstance(one, Rejected) else [event for event in islice(written, len(one)) if event] for one in decided]
