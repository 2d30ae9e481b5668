"""A whole installation over three Kafka brokers and a PostgreSQL of its own: every service in processes of its own, each of which may be killed.

Everything is told to files below `home`: what a process says on its standard error in NAME.log, its ready line in NAME.out.
"""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import httpx
from sqlalchemy import URL

from services.chassis.settings import ChassisSettings
from tests.e2e.command_line import TOGETHER, Ended, in_its_own_process
from tests.e2e.commit_order import SETTINGS, watch
from tests.e2e.loop_people import TOKEN
from tests.kafka_brokers import Brokers
from tests.kafka_here import create_topics
from tests.postgres_server import Server, server

COPIES: Final = {"intake": 1, "directory": 2, "matcher": 2, "coordinator": 1, "followup": 1, "learning": 1, "web": 1}
BACK_WITHIN: Final = 180.0  # seconds; two cores start a dozen processes
LOOK_AGAIN: Final = 0.05  # seconds
STOPS_WITHIN: Final = 90.0  # seconds


class NotBack(Exception):
    """What was started again did not get ready in time, or ended by itself."""


@dataclass
class Copy:
    """One copy of one service, in one process after another; `spent` are the processor seconds of those that have ended."""

    service: str
    name: str
    home: Path
    environment: Mapping[str, str]
    address: str = ""
    spent: float = 0.0
    _process: subprocess.Popen[bytes] | None = None

    def spawn(self, clock: datetime) -> None:
        """Start a process; it is not waited for."""
        told = {**os.environ, **self.environment, "TOGETHER_CLOCK": clock.isoformat(), "TOGETHER_DATA": str(self.home / self.name)}
        with self._said.open("w") as said, (self.home / f"{self.name}.log").open("a") as log:
            self._process = subprocess.Popen([*TOGETHER, "service", self.service, "--port", "0"], stdout=said, stderr=log, env=told)

    def wait(self) -> None:
        """Return when it is ready for work; one that ended by itself is remembered."""
        until = monotonic() + BACK_WITHIN
        while not self._is_ready():
            self.look()
            if monotonic() > until:
                raise NotBack(f"{self.name} is not ready: see {self.home}/{self.name}.log")
            sleep(LOOK_AGAIN)

    def look(self) -> None:
        """See whether it is there.

        Raises:
            NotBack: it ended by itself.
        """
        if self._process is not None and (code := self._process.poll()) is not None:
            raise NotBack(f"{self.name} ended by itself with {code}: see {self.home}/{self.name}.log")

    def kill(self) -> None:
        """End it by `kill -9`."""
        if self._process is not None:
            self.spent += self._processor_seconds()
            self._process.kill()
            self._process.wait(STOPS_WITHIN)
            self._process = None

    def stop(self) -> int:
        """Have it end by itself; its exit code."""
        assert self._process is not None
        self.spent += self._processor_seconds()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(STOPS_WITHIN)
        self._process = None
        return code

    def _processor_seconds(self) -> float:
        """What the process has had of the processors, starting included; 0 where it is gone."""
        assert self._process is not None
        try:
            told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _said(self) -> Path:
        return self.home / f"{self.name}.out"

    def _is_ready(self) -> bool:
        ready = re.match(r"ready (http://[^/\s]+)", self._said.read_text())
        self.address = ready[1] if ready else ""
        try:
            return ready is not None and httpx.get(f"{self.address}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@dataclass
class DistributedSite:
    """The installation; `up` is set while its web process serves, at `address`."""

    home: Path
    brokers: Brokers
    postgres: Server
    clock: datetime
    up: threading.Event = field(default_factory=threading.Event)
    copies: dict[str, Copy] = field(default_factory=dict)
    _begun: float = field(default_factory=monotonic)

    @property
    def address(self) -> str:
        """Where the web process serves."""
        return self.copies["web-1"].address

    @property
    def database(self) -> URL:
        """The services' database, as a superuser."""
        return self.postgres.url.set(database="together")

    @property
    def messages(self) -> Path:
        """The folder of the messages that were sent."""
        return self.home / "followup-1" / "outbox"

    @property
    def environment(self) -> dict[str, str]:
        """What every process is told."""
        return {
            "TOGETHER_KAFKA_BOOTSTRAP": self.brokers.bootstrap,
            "TOGETHER_DATABASE_URL": self.database.set(drivername="postgresql").render_as_string(hide_password=False),
            "TOGETHER_KEY_FILE": str(self.home / "key-encryption-key"),
            "TOGETHER_API_TOKEN": TOKEN,
        }

    @property
    def settings(self) -> ChassisSettings:
        """The same for who looks from this process."""
        url, key = self.environment["TOGETHER_DATABASE_URL"], self.home / "key-encryption-key"
        return ChassisSettings(kafka_bootstrap=self.brokers.bootstrap, database_url=url, key_file=key, data=self.home / "here", clock=self.now())

    def now(self) -> datetime:
        """The time of the services, which runs as the machine's."""
        return self.clock + timedelta(seconds=monotonic() - self._begun)

    def make(self) -> None:
        """Make topics, databases and the key, and start every process."""
        (self.home / "key-encryption-key").write_text("07" * 32)
        create_topics(self.brokers.bootstrap, replication=3)
        done = self.command("database", "upgrade")
        assert done.code == 0, done.err
        watch(self.database)
        for service, count in COPIES.items():
            for number in range(count):
                name = f"{service}-{number + 1}"
                self.copies[name] = Copy(service, name, self.home, self.environment)
        for copy in self.copies.values():
            copy.spawn(self.now())
        for copy in self.copies.values():
            copy.wait()
        self.up.set()

    def command(self, *words: str) -> Ended:
        """Run `together` beside the services."""
        told = {**self.environment, "TOGETHER_CLOCK": self.now().isoformat(), "TOGETHER_DATA": str(self.home / "commands")}
        return in_its_own_process(*words, environment=told, within=300)

    def stop(self) -> dict[str, int]:
        """Have every process end by itself; their exit codes."""
        self.up.clear()
        return {name: copy.stop() for name, copy in self.copies.items()}


@contextmanager
def distributed_site(home: Path, programs: Path, clock: datetime) -> Iterator[DistributedSite]:
    """The installation, ready, for as long as the block runs; nothing of it is left running."""
    with Brokers(3, home / "kafka") as brokers, server(programs, *SETTINGS) as postgres:
        site = DistributedSite(home, brokers, postgres, clock)
        try:
            site.make()
            yield site
        finally:
            for copy in site.copies.values():
                copy.kill()
