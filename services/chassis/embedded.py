"""The embedded run: every service in one process over one SQLite file, state, facts and cursors in one transaction.

Whoever holds the data folder pumps the handlers. Another process on the same folder appends what it decides and waits for the cursors.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine

from schemas.events.base import StreamName
from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.backlog import Backlog
from services.chassis.calls import Calls
from services.chassis.commanding import Commanding, Turn
from services.chassis.consumption import Consumption
from services.chassis.database import open_database, transaction, truncate_write_ahead_log, upgrade
from services.chassis.dead_letters import DeadLetter, dead_letters, retry
from services.chassis.errors import Transient
from services.chassis.folder import DataFolder
from services.chassis.handling import collect_seldom
from services.chassis.ids import MACHINE, Entropy
from services.chassis.keystore import KeyStore
from services.chassis.lag import Lag, backlogs_of, in_log
from services.chassis.running import Answer, Clocks
from services.chassis.scribe import Scribe
from services.chassis.service import Errand, Service
from services.chassis.telemetry import Tally, Timings
from services.chassis.tracing import OFF, Tracing
from services.chassis.vault import Vault
from services.chassis.views import ViewFeed

_MIGRATIONS = Path(__file__).parent / "migrations"
_LONGEST_CHAIN = 8  # a fact's consequences have consequences: decision, request, place, touch, claim, message, task
_PAGE = 1_000  # records
_LOOK_AGAIN, _LOOK_SOON = 0.02, 0.002  # seconds
_FRESHNESS = 2.0  # seconds for which a reader waits for what was written just before
_PATIENCE = 120.0  # seconds


class Embedded:
    """The services of one data folder."""

    def __init__(
        self, folder: DataFolder, clocks: Clocks, timings: Timings | None = None, entropy: Entropy = MACHINE, tracing: Tracing = OFF
    ) -> None:
        self.folder, self.clocks, self._entropy = folder, clocks, entropy
        self.timings, self.tally, self.tracing = timings or Timings(), Tally(), tracing
        self._commanding = Commanding(self.timings, self.tally, tracing)
        self._writer, self._reader = (open_database(folder.database, writes=writes) for writes in (True, False))
        key_encryption_key = folder.key_encryption_key()  # before the database is made: where there is one, this is never made anew
        keys = open_database(folder.keys, writes=True, write_ahead=False)
        upgrade(keys, "keys", _MIGRATIONS / "keys")
        upgrade(self._writer, "log", _MIGRATIONS / "log")
        self.keys = KeyStore(keys, key_encryption_key)
        self._engines: tuple[Engine, ...] = (self._writer, self._reader, keys)
        self._services: dict[ServiceName, Service[Any]] = {}
        self._scribes: dict[ServiceName, Scribe] = {}
        self._views: dict[ServiceName, ViewFeed] = {}
        self._calls = Calls()
        self._consumptions: list[Consumption] = []

    def add(self, service: Service[Any]) -> None:
        """Take a service in; its tables are brought to its newest migration."""
        upgrade(self._writer, service.name, service.migrations)
        vault = Vault(service.name, self.keys, service.may_open, service.makes_keys)
        self._services[service.name] = service
        self._scribes[service.name] = Scribe(service.name, vault, self.clocks.domain, self.timings.of(service.name), self._entropy)

    @property
    def ready(self) -> bool:
        """Always: the views are read when they are needed."""
        return True

    def keys_of(self, _name: ServiceName) -> KeyStore:
        """The key store: one file for all services."""
        return self.keys

    def close(self) -> None:
        """Give the files back."""
        for engine in self._engines:
            engine.dispose()

    @contextmanager
    def reading(self, name: ServiceName) -> Iterator[Any]:
        """A service's store as of now, to read from."""
        with self._reader.connect() as connection:
            yield self._services[name].store(connection, self._scribes[name].vault.fresh())

    @contextmanager
    def reading_what_was_written(self, name: ServiceName) -> Iterator[Any]:
        """The same once the service has taken in what stands in its streams now, so that who wrote can read it; after two seconds, as it is."""
        with self._reader.connect() as connection:
            end = log.end(connection, self._services[name].reads)
        until = monotonic() + _FRESHNESS
        while not self._read_to(name, end) and monotonic() < until:
            sleep(_LOOK_SOON)
        with self.reading(name) as store:
            yield store

    def decide(self, name: ServiceName, commands: Sequence[Any], traceparents: Sequence[str | None] = ()) -> list[Answer]:
        """Put commands of one kind to a service, in one transaction; each is answered for itself."""
        return self._commanding.decide(self._services[name], commands, self._turn(name), traceparents)

    def concerns(self) -> list[str]:
        """What is not as it should be although the services of this process go on."""
        return [concern for service in self._services.values() for concern in service.concerns()]

    def backlogs(self) -> list[Backlog]:
        """What waits for each service."""
        return backlogs_of(self._services, self.lags())

    def about(self, subject: str, streams: Sequence[str]) -> list[log.Stored]:
        """Every record about one subject on these streams, in log order."""
        with self._reader.connect() as connection:
            return log.about(connection, subject, streams)

    def records(self, stream: str, after: int, limit: int) -> list[log.Stored]:
        """The next records of one stream, from behind a position."""
        with self._reader.connect() as connection:
            return log.read(connection, {stream: after}, limit)

    def all_of(self, stream: str) -> Iterator[log.Stored]:
        """Every record of a stream as it stands now, in log order."""
        position = 0
        while some := self.records(stream, position, _PAGE):
            yield from some
            position = some[-1].position

    def end_of(self, stream: str) -> int:
        """The position of a stream's last record; 0 where it has none."""
        with self._reader.connect() as connection:
            return log.end(connection, [stream])

    def dead_letters(self) -> list[DeadLetter]:
        """What the services could not take in."""
        return dead_letters(self.all_of)

    def retry(self, letters: Sequence[DeadLetter]) -> None:
        """Put these before their consumers once more."""
        now = self.clocks.wall.now().isoformat()
        with transaction(self._writer, self.timings) as connection:
            self.folder.refuse_if_moved()
            log.append(connection, [retry(letter, now) for letter in letters], now)

    def lags(self) -> list[Lag]:
        """How far each service is behind on each stream."""
        with self._reader.connect() as connection:
            return list(in_log(connection, self._services.values(), self.clocks.wall.now()))

    def truncate(self) -> bool:
        """Cut the write-ahead log to nothing, so that what was deleted is gone from it too; False where a reader still needs it."""
        return truncate_write_ahead_log(self._writer)

    def start(self) -> None:
        """Read the cursors and load the views; the caller holds the data folder from here on."""
        collect_seldom()
        self._consumptions = [
            Consumption(
                service, self._writer, self._scribes[name], self._view(name), self.clocks.wall, self.timings.of(name), self.tally, self.tracing
            )
            for name, service in self._services.items()
        ]

    def step(self) -> int:
        """One round over all services: facts, then time, then errands; returns how much was done, 0 when there is nothing."""
        ends = self._ends()
        done = sum(consumption.step(monotonic) for consumption in self._consumptions if consumption.is_behind(ends))
        done += sum(self._on_time(service) + self._on_errands(service) for service in self._services.values())
        if sum(consumption.erasures() for consumption in self._consumptions):
            self.truncate()
        return done

    def settle(self, progress: Callable[[], None] = lambda: None) -> None:
        """Pump until nothing is left to do; the caller holds the data folder."""
        while self.step() or any(consumption.put_off for consumption in self._consumptions):
            progress()

    def finish(self, progress: Callable[[], None] = lambda: None) -> None:
        """Return when what stands in the log, and what follows from it, is taken in: by this process where nobody holds the folder.

        Raises:
            Transient: the process that holds the folder did not take it in within two minutes.
        """
        deadline = monotonic() + _PATIENCE
        for _ in range(_LONGEST_CHAIN):
            with self._reader.connect() as connection:
                end = log.end(connection)
            while not self._all_read_to(end):
                with self.folder.held() as holds:
                    if holds:
                        self.start()
                        self.settle(progress)
                        return
                if monotonic() > deadline:
                    raise Transient("what was asked for is written down, but the running services have not taken it in yet")
                sleep(_LOOK_AGAIN)
        self._finish_errands()

    def _finish_errands(self) -> None:
        """Run what a process that ended too early left to be run; whoever holds the folder does so anyway."""
        with self.folder.held() as holds:
            while holds and any(self._on_errands(service) for service in self._services.values()):
                pass

    def _ends(self) -> dict[str, int]:
        """Where each stream that somebody reads ends: one look, instead of a transaction for each service that has nothing to do."""
        streams = {stream for service in self._services.values() for stream in service.consumes}
        with self._reader.connect() as connection:
            return log.ends(connection, streams)

    def _all_read_to(self, end: int) -> bool:
        return all(self._read_to(name, end) for name in self._services)

    def _read_to(self, name: ServiceName, end: int) -> bool:
        with self._reader.connect() as connection:
            return _has_read_to(connection, self._services[name], end)

    def _on_time(self, service: Service[Any]) -> int:
        if service.due is None:
            return 0
        with self._turn(service.name) as turn:
            return len(turn.write(service.due(self.clocks.domain.now(), turn.store)))

    def _on_errands(self, service: Service[Any]) -> int:
        errands = (*service.errands, *service.long_errands) if self._calls.beside else service.errands
        return sum(self._run_errand(service.name, errand) for errand in errands)

    def call_beside(self) -> None:
        """From here on calls to the outside are made beside the pump."""
        self._calls.beside = True

    def end_calls(self) -> None:
        """Record what came of the calls under way; what a call does not end in time is found as cut short at the next start."""
        self._calls.wait()
        for service in self._services.values():
            for errand in (*service.errands, *service.long_errands):
                if self._calls.is_under_way(errand):
                    self._record(service.name, errand)
        self._calls.beside = False

    def _run_errand(self, name: ServiceName, errand: Errand[Any]) -> int:
        if self._calls.is_under_way(errand):
            return self._record(name, errand)
        with self._turn(name) as turn:
            if not self._has_read(turn.connection, name, errand.reads_first):
                return 0
            claimed = errand.claim(self.clocks.domain.now(), turn.store)
            turn.write(claimed.facts)
        if not claimed.work:
            return len(claimed.facts)
        self._calls.make(errand, errand.run, claimed.work)
        return len(claimed.work) + self._record(name, errand)

    def _record(self, name: ServiceName, errand: Errand[Any]) -> int:
        results = self._calls.result(errand)
        if results is None:
            return 0
        with self._turn(name) as turn:
            turn.write(errand.record(results, turn.store))
        self._calls.forget(errand)
        return len(results)

    def _has_read(self, connection: Connection, name: ServiceName, streams: Sequence[StreamName]) -> bool:
        """Whether a service has read these streams to the ends that they have now; its transaction keeps every other writer out.

        What it holds as a view was read to the end when the turn began.
        """
        consumed = [stream for stream in streams if stream in self._services[name].consumes]
        return not log.read(connection, log.cursors(connection, name, consumed), 1)

    def _view(self, name: ServiceName) -> ViewFeed:
        """A service's view, loaded when it is first needed: by whoever pumps, and by another process for its own commands."""
        if name not in self._views:
            self._views[name] = ViewFeed(self._services[name], self._reader, self._scribes[name].vault, self.timings.of(name), self.folder.views)
        return self._views[name]

    @contextmanager
    def _turn(self, name: ServiceName) -> Iterator[Turn]:
        scribe, view = self._scribes[name].fresh(), self._view(name)
        timings = self.timings.of(name)
        with transaction(self._writer, timings) as connection:
            self.folder.refuse_if_moved()  # a move holds the write lock for as long as it lasts, and this turn may have waited for it
            view.catch_up(connection)
            turn = Turn(connection, self._services[name].store(connection, scribe.vault), scribe)
            yield turn
            with timings.stage("append"):
                log.append(connection, turn.records, self.clocks.wall.now().isoformat())


def _has_read_to(connection: Connection, service: Service[Any], end: int) -> bool:
    waiting = log.read(connection, log.cursors(connection, service.name, service.consumes), 1)
    return not waiting or waiting[0].position > end
