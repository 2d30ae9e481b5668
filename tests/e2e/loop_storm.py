"""A storm over the whole loop: `together up` killed at random moments while clinics, link workers and people go on asking, two at once for some.

Whoever asks asks again until they are answered, as a record system and a patient person do. Each start moves the domain clock on, so that
messages fall due, are claimed and sent while the process is killed.
"""

import os
import random
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from models.town.people import town_referrals
from tests.e2e.command_line import TOGETHER, Ended, in_its_own_process
from tests.e2e.loop_people import PATIENCE, TOKEN, Client, Person, Told

STARTS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT_ONCE = 6


@dataclass
class Server:
    """One `together up` after another over the same folder, each with a later clock."""

    folder: Path
    chance: random.Random
    killed: int = 0
    clock: datetime = STARTS
    address: str = ""
    up: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it serves; a command that still holds the folder is waited for."""
        deadline = monotonic() + PATIENCE
        while not self._start():
            assert monotonic() < deadline, f"together up did not get ready: see {self.folder.parent}/stderr.txt"
        self.up.set()

    def _start(self) -> bool:
        environment = {**os.environ, "TOGETHER_CLOCK": self.clock.isoformat(), "TOGETHER_API_TOKEN": TOKEN}
        with (self.folder.parent / "stderr.txt").open("a") as errors:
            self._process = subprocess.Popen(
                [*TOGETHER, "up", "--port", "0", "--data", str(self.folder)], stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            )
        assert self._process.stdout is not None
        ready = re.match(r"ready (http://[^/]+)/", self._process.stdout.readline())
        self.address = ready[1] if ready else ""
        if not ready:
            self._process.wait(60)
            self._process.stdout.close()
        return ready is not None

    def command(self, *words: str) -> Ended:
        """Run `together` on the same folder."""
        return in_its_own_process(*words, "--data", self.folder)

    def kill(self) -> None:
        """End it by `kill -9`, and move the clock on by some hours for the next start."""
        self._end(signal.SIGKILL)
        self.killed += 1
        self.clock += timedelta(hours=self.chance.choice((3, 5, 7, 9, 11)))

    def abandon(self) -> None:
        """Leave nothing running: somebody was not answered as they should have been."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Have it end by itself."""
        assert self._end(signal.SIGTERM) == 0

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self.up.clear()
        os.kill(self._process.pid, how)
        code = self._process.wait(60)
        if self._process.stdout:
            self._process.stdout.close()
        return code


def blow(server: Server, people: int, kills: int, pause: tuple[float, float]) -> Told:
    """Have this many people live through the loop while the server is killed so often, at moments that far apart in seconds."""
    told = Told()
    referrals = town_referrals(people, 1, first_received=STARTS)
    work = iter([one.model_dump(mode="json", exclude_none=True) for one in referrals])
    server.start()
    done, calm = threading.Event(), threading.Event()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        each = [pool.submit(_live, work, server, told) for _ in range(AT_ONCE)]
        storm = threading.Thread(target=_kill, args=(server, kills, pause, done, calm))
        storm.start()
        try:
            for one in each:
                one.result()
        finally:
            failed = any(one.done() and one.exception() for one in each)
            calm.set() if failed else None
            done.set()
            storm.join()
            server.abandon() if failed else None
    return told


_taking = threading.Lock()


def _live(work: Iterator[Mapping[str, Any]], server: Server, told: Told) -> None:
    with closing(Client(server)) as one, closing(Client(server)) as other:
        while (referral := _next(work)) is not None:
            Person(referral, (one, other), told, 1).live()


def _next(work: Iterator[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    with _taking:
        return next(work, None)


def _kill(server: Server, kills: int, pause: tuple[float, float], done: threading.Event, calm: threading.Event) -> None:
    """Kill and start again, as often as asked; the last ones also when everybody has been answered, none once it is to be calm."""
    while server.killed < kills and not calm.is_set():
        done.wait(server.chance.uniform(*pause)) if not done.is_set() else None
        server.kill()
        server.start()
