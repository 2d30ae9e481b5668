"""The two tiny services on each of the runners, behind one face, so that one suite says what both promise."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol

from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.codec import Record
from services.chassis.database import upgrade
from services.chassis.dead_letters import dead_letters
from services.chassis.distributed.databases import Databases
from services.chassis.distributed.relay import producer_for, send
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.worker import Worker
from services.chassis.embedded import Embedded
from services.chassis.folder import DataFolder
from services.chassis.postgres import open_as_owner, owner_url
from services.chassis.running import Clocks, Running
from services.chassis.settings import ChassisSettings
from tests.two_services import NOW, Answering, Refer, two_services

PATIENCE = 180.0  # seconds; two cores may have other work
NAMES: tuple[ServiceName, ...] = ("intake", "matcher")
KEY = bytes(32)


class Site(Protocol):
    """An installation of the two services that can be stopped and started again."""

    answering: Answering

    def settle(self) -> None:
        """Start it where it is stopped, and return when everything is taken in, or raise what stopped it."""

    def stop(self) -> None:
        """Stop it, as a process ends that was asked to."""

    @property
    def running(self) -> Running:
        """The services."""

    def put(self, record: Record) -> None:
        """A record of somebody else's, as it stands."""

    def seen(self) -> set[str]:
        """The ids that the matcher remembers."""


def refer(site: Site, *persons: str) -> None:
    """Refer these persons."""
    site.running.decide("intake", [Refer(person) for person in persons])


def subjects(site: Site, stream: str) -> list[str]:
    """Whom the records of a stream are about, sorted: order holds for each of them alone."""
    return sorted(stored.record.subject for stored in site.running.all_of(stream))


def letters(site: Site) -> list[tuple[str, str, int]]:
    """Whom the matcher's dead letters are about, why they are dead, and after how many attempts."""
    found = dead_letters(site.running.all_of)
    return sorted((letter.original.subject, letter.reason, letter.attempts) for letter in found if letter.consumer == "matcher")


@dataclass
class EmbeddedSite:
    """Over one folder."""

    folder: Path
    answering: Answering = field(default_factory=Answering)
    _embedded: Embedded | None = None

    @property
    def running(self) -> Embedded:
        """The services of the folder."""
        if self._embedded is None:
            clock = HandSetClock(NOW)
            self._embedded = Embedded(DataFolder(self.folder / "data"), Clocks(clock, clock))
            for service in two_services(self.answering, self.folder / "migrations"):
                self._embedded.add(service)
            self._embedded.start()
        return self._embedded

    def settle(self) -> None:
        """Pump until nothing is left."""
        self.running.settle()

    def stop(self) -> None:
        """Give the files back."""
        if self._embedded is not None:
            self._embedded.close()
            self._embedded = None

    def put(self, record: Record) -> None:
        """Append a record."""
        with self.running._writer.begin() as connection:
            log.append(connection, [record], NOW.isoformat())

    def seen(self) -> set[str]:
        """The ids in the matcher's table."""
        with self.running.reading("matcher") as store:
            return set(store.all())


@dataclass
class DistributedSite:
    """Over Kafka and PostgreSQL, each service a worker of its own."""

    folder: Path
    settings: ChassisSettings
    bootstrap: str
    answering: Answering = field(default_factory=Answering)
    workers: list[Worker] = field(default_factory=list)
    _running: Distributed | None = None

    @property
    def running(self) -> Distributed:
        """The services, whether or not their workers run."""
        if self._running is None:
            self._running = self.open()
        return self._running

    def open(self) -> Distributed:
        """The services as a process that starts meets them."""
        services = two_services(self.answering, self.folder / "migrations")
        engine = open_as_owner(owner_url(self.settings))
        for service in services:
            upgrade(engine, service.migrations.name, service.migrations, service.name)
        engine.dispose()
        running = Distributed(Databases(self.settings), self.bootstrap, KEY, Clocks(HandSetClock(NOW), SystemClock()))
        for service in services:
            running.add(service)
        return running

    def work(self) -> None:
        """Start a worker for each service, where none runs."""
        if not self.workers:
            self.workers = [Worker(self.running, name, lambda: None) for name in NAMES]
            for worker in self.workers:
                worker.start()

    def settle(self) -> None:
        """Have the workers take everything in."""
        self.work()
        self.wait_until(lambda: self._failure() is not None or self._is_quiet())
        if failure := self._failure():
            self.stop()
            raise failure

    def stop(self) -> None:
        """End the workers, each after the batch at hand."""
        for worker in self.workers:
            worker.stop()
        self.workers = []
        if self._running is not None:
            self._running.close()
            self._running = None

    def put(self, record: Record) -> None:
        """Send a record as a foreign producer would."""
        send(producer_for(self.bootstrap), [record])

    def seen(self) -> set[str]:
        """The ids in the matcher's table."""
        with self.running.reading("matcher") as store:
            return set(store.all())

    def _failure(self) -> BaseException | None:
        return next((worker.failure for worker in self.workers if worker.failure), None)

    def _is_quiet(self) -> bool:
        for name in NAMES:
            with self.running.engine(name).connect() as connection:
                if not self.running.has_read(connection, name, self.running.service(name).consumes):
                    return False
                if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM outbox)").scalar_one():
                    return False
        return True

    @staticmethod
    def wait_until(holds: Callable[[], bool]) -> None:
        """Wait for a condition, for a bounded time."""
        until = monotonic() + PATIENCE
        while not holds():
            assert monotonic() < until, "not in time"
            sleep(0.02)


@contextmanager
def embedded_site(folder: Path) -> Iterator[EmbeddedSite]:
    """A site over one folder, for as long as the block runs."""
    site = EmbeddedSite(folder)
    yield site
    site.stop()


@contextmanager
def distributed_site(folder: Path, settings: ChassisSettings, bootstrap: str) -> Iterator[DistributedSite]:
    """A site over Kafka and PostgreSQL, for as long as the block runs; no thread of it is left behind."""
    site, before = DistributedSite(folder, settings, bootstrap), set(threading.enumerate())
    yield site
    site.stop()
    DistributedSite.wait_until(lambda: all(not thread.is_alive() for thread in set(threading.enumerate()) - before if not thread.daemon))
