"""What a command or a page asks of the services, whatever runs them: one process over one SQLite file, or Kafka and PostgreSQL."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import ServiceName
from services.chassis.backlog import Backlog
from services.chassis.clock import Clock
from services.chassis.dead_letters import DeadLetter
from services.chassis.errors import Rejected
from services.chassis.keystore import KeyStore
from services.chassis.log import Stored
from services.chassis.service import Service
from services.chassis.telemetry import Tally, Timings
from services.chassis.tracing import Tracing

Answer = Sequence[Event[Data]] | Rejected
"""What became of one command: the facts as they were written, or the refusal."""


@dataclass(frozen=True)
class Clocks:
    """The domain clock and the wall clock."""

    domain: Clock
    wall: Clock


class Running(Protocol):
    """The services of one installation."""

    clocks: Clocks
    timings: Timings
    tally: Tally
    tracing: Tracing

    def add(self, service: Service[Any]) -> None:
        """Take a service in."""

    @property
    def ready(self) -> bool:
        """Whether commands can be taken now."""

    def keys_of(self, name: ServiceName) -> KeyStore:
        """The key store as this service may use it."""

    def reading(self, name: ServiceName) -> AbstractContextManager[Any]:
        """A service's store as of now, to read from."""

    def reading_what_was_written(self, name: ServiceName) -> AbstractContextManager[Any]:
        """The same once the service has taken in what stands in its streams now, so that who wrote can read it; after two seconds, as it is."""

    def decide(self, name: ServiceName, commands: Sequence[Any], traceparents: Sequence[str | None] = ()) -> list[Answer]:
        """Put commands of one kind to a service, in one transaction; each is answered for itself, and traced under its own request's traceparent."""

    def concerns(self) -> Sequence[str]:
        """What is not as it should be although the services of this process go on, in words that name nobody."""

    def backlogs(self) -> Sequence[Backlog]:
        """What waits for the services that take facts in here."""

    def about(self, subject: str, streams: Sequence[str]) -> list[Stored]:
        """Every record of one subject on these streams, each stream's in its order."""

    def all_of(self, stream: str) -> Iterator[Stored]:
        """Every record of a stream as it stands now, in order for each subject."""

    def retry(self, letters: Sequence[DeadLetter]) -> None:
        """Put these before their consumers alone once more; `finish` waits until they are taken in."""

    def finish(self, progress: Callable[[], None] = lambda: None) -> None:
        """Return when what was asked for until now, and what follows from it, is done.

        Raises:
            Transient: whoever runs the services has not done it within two minutes.
        """

    def truncate(self) -> bool:
        """See to it that what was deleted is gone from the database's logs too, where that is this process's to do; False where it must wait."""

    def close(self) -> None:
        """Give back what is held."""
