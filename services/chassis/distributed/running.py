"""The services of one installation over Kafka and PostgreSQL, as a command, a page or a service's own process uses them.

Each service is met with its own role: nothing here reads one service's tables with another's rights.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from confluent_kafka import KafkaException
from sqlalchemy import Connection, Engine

from schemas.streams import STREAMS, ServiceName
from services.chassis.backlog import Backlog
from services.chassis.commanding import Commanding
from services.chassis.dead_letters import DeadLetter, retry
from services.chassis.distributed import inbox, outbox
from services.chassis.distributed.databases import Databases
from services.chassis.distributed.feed import KafkaFeed
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import Ends, every_record
from services.chassis.distributed.relay import NotSent, producer_for, send
from services.chassis.distributed.turns import Turns
from services.chassis.errors import Transient
from services.chassis.ids import MACHINE, Entropy
from services.chassis.keystore import KeyStore
from services.chassis.log import Stored
from services.chassis.postgres import told_transient
from services.chassis.running import Answer, Clocks
from services.chassis.scribe import Scribe
from services.chassis.service import Service
from services.chassis.telemetry import Tally, Timings
from services.chassis.tracing import OFF, Tracing
from services.chassis.vault import Vault

_LONGEST_CHAIN: Final = 8  # a fact's consequences have consequences: decision, request, place, touch, claim, message, task
_LOOK_AGAIN: Final = 0.02  # seconds
_FRESHNESS: Final = 2.0  # seconds for which a reader waits for what was written just before
_PATIENCE: Final = 120.0  # seconds
_SOON: Final = 1.0  # seconds for which a served command waits for a view
_FIRST_LOOK: Final = 60.0  # seconds for which a view is waited for
_ENDS_WITHIN: Final = 10.0  # seconds


class Distributed:
    """The services of one installation; commands are decided here, facts are taken in by the services' own processes."""

    def __init__(
        self,
        databases: Databases,
        bootstrap: str,
        key_encryption_key: bytes,
        clocks: Clocks,
        timings: Timings | None = None,
        entropy: Entropy = MACHINE,
        tracing: Tracing = OFF,
        views: Path | None = None,
    ) -> None:
        self.clocks, self.timings, self.bootstrap, self.stopping = clocks, timings or Timings(), bootstrap, threading.Event()
        self.tally, self.tracing = Tally(), tracing
        self._commanding = Commanding(self.timings, self.tally, tracing)
        self._databases, self._key_encryption_key, self._entropy = databases, key_encryption_key, entropy
        self._ends, self._ends_soon = Ends(bootstrap), Ends(bootstrap, _FRESHNESS)
        self._services: dict[ServiceName, Service[Any]] = {}
        self._scribes: dict[ServiceName, Scribe] = {}
        self._feeds: dict[ServiceName, KafkaFeed] = {}
        self._readers: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self._view_within, self._views = _FIRST_LOOK, views

    def add(self, service: Service[Any]) -> None:
        """Take a service in; its tables are there, because `together database upgrade` made them."""
        vault = Vault(service.name, self.keys_of(service.name), service.may_open, service.makes_keys)
        self._services[service.name] = service
        self._scribes[service.name] = Scribe(service.name, vault, self.clocks.domain, self.timings.of(service.name), self._entropy)

    @property
    def names(self) -> Sequence[ServiceName]:
        """The services that were taken in."""
        return list(self._services)

    def service(self, name: ServiceName) -> Service[Any]:
        """A service that was taken in."""
        return self._services[name]

    def scribe(self, name: ServiceName) -> Scribe:
        """A service's scribe."""
        return self._scribes[name]

    def engine(self, name: ServiceName) -> Engine:
        """The database with a service's own rights."""
        return self._databases.of(name)

    def keys_of(self, name: ServiceName) -> KeyStore:
        """The key store with a service's own rights."""
        return KeyStore(self._databases.keys_of(name), self._key_encryption_key)

    def close(self) -> None:
        """Give the connections back, once nobody reads a view by them any more, or after a while."""
        self.stopping.set()
        for reader in self._readers:
            reader.join(_ENDS_WITHIN)
        self._databases.close()

    def feed(self, name: ServiceName, on_failure: Callable[[BaseException], None] | None = None) -> KafkaFeed:
        """What keeps a service's view in step; it begins to read when it is first asked for, by whoever is to be told of a fault in it."""
        if name not in self._feeds:
            told = on_failure or self._failures.append
            feed = KafkaFeed(self._services[name], self.bootstrap, self._scribes[name].vault, self.stopping, told, self._views)
            self._feeds[name] = feed
            if self._services[name].view is not None:
                self._readers.append(threading.Thread(target=feed.run, name=f"{name}-view", daemon=True))
                self._readers[-1].start()
        return self._feeds[name]

    def turns(self, name: ServiceName) -> Turns:
        """What makes a service's turns."""
        return Turns(self._services[name], self._scribes[name], self.feed(name), self.clocks.wall, self.timings.of(name))

    @contextmanager
    def reading(self, name: ServiceName) -> Iterator[Any]:
        """A service's store as of now, to read from."""
        if name in self._feeds:
            self._feeds[name].catch_up()  # pages ask the view too, and nobody else may have had a reason to
        with told_transient(), self.engine(name).connect() as connection:
            yield self._services[name].store(connection, self._scribes[name].vault.fresh())

    @contextmanager
    def reading_what_was_written(self, name: ServiceName) -> Iterator[Any]:
        """The same once the service has taken in what stands in its streams now, so that who wrote can read it.

        After two seconds, or where Kafka does not tell what stands there, it is read as it is.
        """
        with told_transient(), suppress(Transient):
            self._behind([name], monotonic() + _FRESHNESS, self._ends_soon)
        with self.reading(name) as store:
            yield store

    def decide(self, name: ServiceName, commands: Sequence[Any], traceparents: Sequence[str | None] = ()) -> list[Answer]:
        """Put commands of one kind to a service, in one transaction; each is answered for itself.

        Raises:
            Transient: the database cannot be reached; nothing was done, or it was and asking again is harmless.
        """
        turns = self.turns(name)
        self._wait_for_view(name)
        with told_transient(), self.engine(name).connect() as connection:
            return self._commanding.decide(self._services[name], commands, turns.on(connection), traceparents)

    def start(self) -> None:
        """Begin to read the views that commands need; from here on a command that needs one is not kept waiting for it, nor others behind it."""
        self._view_within = _SOON
        for name, service in self._services.items():
            if service.decides:
                self.feed(name)

    @property
    def ready(self) -> bool:
        """Whether every view that commands need has caught up."""
        return not self._failures and all(feed.ready for feed in self._feeds.values())

    def step(self) -> int:
        """Nothing to do here: the services take facts in, act by time and make their calls in processes of their own.

        Whatever stopped a view is raised: without it, no command could be decided any more.
        """
        if self._failures:
            raise self._failures[0]
        return 0

    def call_beside(self) -> None:
        """No call is made here."""

    def end_calls(self) -> None:
        """No call is made here."""

    def concerns(self) -> list[str]:
        """What is not as it should be although the services of this process go on."""
        return [concern for service in self._services.values() for concern in service.concerns()]

    def backlogs(self) -> list[Backlog]:
        """Nothing waits here: each service's own process tells what waits for it."""
        return []

    def about(self, subject: str, streams: Sequence[str]) -> list[Stored]:
        """Every record of one subject on these streams, each stream's in its order."""
        return list(every_record(self.bootstrap, streams, subject))

    def all_of(self, stream: str) -> Iterator[Stored]:
        """Every record of a stream as it stands now, in order for each subject."""
        return every_record(self.bootstrap, [stream])

    def retry(self, letters: Sequence[DeadLetter]) -> None:
        """Put these before their consumers once more.

        Raises:
            Transient: Kafka does not answer.
        """
        now = self.clocks.wall.now().isoformat()
        try:
            send(producer_for(self.bootstrap), [retry(letter, now) for letter in letters])
        except (NotSent, KafkaException) as fault:
            raise Transient("Kafka does not answer") from fault

    def truncate(self) -> bool:
        """Nothing to do: PostgreSQL's own logs hold what the tables hold, and that is sealed."""
        return True

    def finish(self, progress: Callable[[], None] = lambda: None) -> None:
        """Return when what was asked for until now, and what follows from it, is done.

        Raises:
            Transient: the services have not done it within two minutes.
        """
        deadline, before = monotonic() + _PATIENCE, None
        with told_transient():
            taking_part = [name for name in self._services if self._takes_part(name)]
            for _ in range(_LONGEST_CHAIN):
                if behind := self._behind(taking_part, deadline, self._ends):
                    raise Transient(f"what was asked for is written down, but {behind} has not gone on with it yet: see that it runs")
                progress()
                ends = self._ends.of({stream for name in taking_part for stream in self._services[name].consumes})
                if ends == before:
                    return
                before = ends

    def has_read(self, connection: Connection, name: ServiceName, streams: Collection[str]) -> bool:
        """Whether a service has read these streams to the ends that they have now, what is committed and not yet on Kafka included."""
        writers = {writer for known, stream in STREAMS.items() if known in streams for writer in stream.writers}
        if any(outbox.waits_for(connection, writer, streams) for writer in sorted(writers)):
            return False
        if not streams:
            return True
        ends = self._ends.of(streams)
        return self._has_consumed(connection, name, ends) and self._has_in_view(name, ends)

    def failure(self) -> BaseException | None:
        """What stopped a view, if anything did."""
        return self._failures[0] if self._failures else None

    def _takes_part(self, name: ServiceName) -> bool:
        """Whether the installation runs this service: one that may be left out, from when it first came to hold a partition."""
        service = self._services[name]
        if not service.may_be_left_out:
            return True
        with self.engine(name).connect() as connection:
            return bool(inbox.positions(connection, service.consumes))

    def _behind(self, names: Collection[ServiceName], deadline: float, ends_now: Ends) -> ServiceName | None:
        """Wait until whatever is committed now is on its streams and these services have read it; who has not sent or read by the deadline."""
        streams = {stream for name in names for stream in self._services[name].consumes}
        heard = streams.union(*(view.streams for name in names if (view := self._services[name].view)))
        writers = sorted({writer for known, stream in STREAMS.items() if known in heard for writer in stream.writers & self._services.keys()})
        numbers = [(writer, self._in_outbox(writer, outbox.last_number)) for writer in writers]
        for writer, number in numbers:
            if number and not _until(deadline, partial(self._has_sent, writer, number)):
                return writer
        ends = ends_now.of(streams) if streams else {}
        return next((name for name in names if not _until(deadline, partial(self._has_read_to, name, ends))), None)

    def _has_sent(self, name: ServiceName, number: int) -> bool:
        return not self._in_outbox(name, outbox.waits_below, number)

    def _in_outbox(self, name: ServiceName, look: Callable[..., Any], *values: Any) -> Any:
        with self.engine(name).connect() as connection:
            return look(connection, *values)

    def _has_read_to(self, name: ServiceName, ends: Mapping[Partition, int]) -> bool:
        with self.engine(name).connect() as connection:
            return self._has_consumed(connection, name, ends)

    def _has_consumed(self, connection: Connection, name: ServiceName, ends: Mapping[Partition, int]) -> bool:
        consumed = {key: end for key, end in ends.items() if key[0] in self._services[name].consumes}
        positions = inbox.positions(connection, {stream for stream, _ in consumed})
        return all(positions.get(key, 0) >= end for key, end in consumed.items())

    def _has_in_view(self, name: ServiceName, ends: Mapping[Partition, int]) -> bool:
        view = self._services[name].view
        viewed = {key: end for key, end in ends.items() if view is not None and key[0] in view.streams}
        return not viewed or self.feed(name).has_read(viewed)

    def _wait_for_view(self, name: ServiceName) -> None:
        feed = self.feed(name)
        if not _until(monotonic() + self._view_within, lambda: feed.ready or bool(self._failures)) or self._failures:
            raise Transient(f"the {name}'s view of the groups cannot be read from Kafka")


def _until(deadline: float, holds: Callable[[], bool]) -> bool:
    """Wait until a condition holds; False where the deadline comes first."""
    while not holds():
        if monotonic() >= deadline:
            return False
        sleep(_LOOK_AGAIN)
    return True
