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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from models.town.people import town_referrals
from tests.e2e.command_line import TOGETHER, in_its_own_process

STARTS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN = "an-access-key-for-storms"
AT_ONCE = 6
PATIENCE = 120.0


class GaveUp(Exception):
    """A request was not answered within two minutes, however often it was made."""


class Erased(Exception):
    """The person was erased, on account of another referral of theirs, while this one was under way."""


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


@dataclass
class Client:
    """Asks over HTTP until it is answered; every answer below 500 counts as acknowledged."""

    server: Server
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10))

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            self.server.up.wait(PATIENCE)
            try:
                answer = self._http.request(method, self.server.address + path, json=body)
            except httpx.HTTPError:
                continue
            if answer.status_code < 500:
                return answer.status_code, answer.json()
            assert answer.status_code == 503, f"{method} {path}: {answer.status_code}"
        raise GaveUp(f"{method} {path}")


@dataclass
class Told:
    """What was acknowledged to those who asked."""

    referred: dict[str, str] = field(default_factory=dict)
    chosen: dict[tuple[str, int], str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    flagged: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    erased_persons: set[str] = field(default_factory=set)
    attended: dict[str, tuple[str, str]] = field(default_factory=dict)
    at_once: int = 0


class Person:
    """One person's way through the loop, as the clinic, the link worker and they themselves ask for it."""

    def __init__(self, referral: Mapping[str, Any], clients: Sequence[Client], told: Told, seed: int) -> None:
        self._referral, self._clients, self._told = referral, clients, told
        self._person = str(referral["person_id"])
        self._chance = random.Random(f"{seed} {referral['referral_id']}")

    def live(self) -> None:
        """From the referral to whatever becomes of it, for as long as nobody has the person erased."""
        with suppress(Erased):
            self._live()

    def _live(self) -> None:
        status, answer = self._ask("POST", "/v1/referrals", self._referral)
        assert status in (200, 202), answer
        self._case = answer["case_id"]
        self._told.referred[self._case] = str(self._referral["person_id"])
        case = self._until_answered()
        if case["status"] == "proposed":
            self._choose([match["group_id"] for match in case["proposal"]["matches"]])
        self._go_on()

    def _until_answered(self) -> dict[str, Any]:
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            found, case = self._ask("GET", f"/v1/referrals/{self._case}")
            assert found == 200, f"what was acknowledged is not known: {case}"
            if case["status"] != "received":
                return dict(case)
        raise GaveUp(f"{self._case} was not answered")

    def _choose(self, groups: Sequence[str]) -> None:
        if self._chance.random() < 0.3 and len(groups) > 1:
            self._told.at_once += 1
            with ThreadPoolExecutor(2) as both:
                answers = list(both.map(self._decide, self._clients, groups[:2]))
            won = [group for group, (status, _) in zip(groups, answers, strict=False) if status == 200]
            assert len(won) == 1, f"of two decisions at once one wins: {answers}"
            version = next(body["version"] for status, body in answers if status == 200)
        else:
            status, body = self._decide(self._clients[0], groups[0])
            assert status == 200, body
            won, version = [groups[0]], body["version"]
        self._told.chosen[self._case, version] = won[0]

    def _decide(self, client: Client, group_id: str) -> tuple[int, Any]:
        answer = client.ask("POST", f"/v1/queue/{self._case}/decisions", {"action": "choose", "group_id": group_id, "version": 0})
        self._look_whether_erased(answer[0])
        return answer

    def _go_on(self) -> None:
        for share, do in ((0.08, self._withdraw), (0.08, self._stop), (0.04, self._flag), (0.015, self._erase), (0.25, self._attend)):
            if self._chance.random() < share:
                do()
                return

    def _withdraw(self) -> None:
        status, answer = self._ask("POST", f"/v1/referrals/{self._case}/withdrawal")
        assert status == 202, answer
        self._told.withdrawn.add(self._case)

    def _stop(self) -> None:
        status, answer = self._ask("POST", "/v1/replies/local", {"person_id": self._referral["person_id"], "text": "Please stop texting me"})
        assert status in (202, 409), answer
        if status == 202:
            self._told.stopped.add(self._case)

    def _flag(self) -> None:
        status, answer = self._ask("POST", f"/v1/queue/{self._case}/decisions", {"action": "flag", "reason": "abuse"})
        assert status == 200, answer
        self._told.flagged.add(self._case)

    def _erase(self) -> None:
        """As the person's right: by the command line, beside the server; asked for again until it says that it is done."""
        deadline = monotonic() + PATIENCE
        self._told.erased_persons.add(self._person)
        while monotonic() < deadline:
            done = in_its_own_process("person", "erase", self._person, "--data", self._clients[0].server.folder)
            if done.code == 0 or "no person is known" in done.err:
                self._told.erased.add(self._case)
                return
        raise GaveUp(f"{self._case} was not erased: {done.err}")

    def _attend(self) -> None:
        _, case = self._ask("GET", f"/v1/queue/{self._case}")
        place = case.get("place") or {}
        if not place.get("session"):
            return
        group_id, on = case["chosen_group_id"], place["session"]["date"]
        status, answer = self._ask("POST", f"/v1/queue/{self._case}/attendance", {"group_id": group_id, "attended": True, "on": on})
        assert status == 200, answer
        self._told.attended[self._case] = group_id, on

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = self._clients[0].ask(method, path, body)
        self._look_whether_erased(answer[0])
        return answer

    def _look_whether_erased(self, status: int) -> None:
        if status == 404 and self._person in self._told.erased_persons:
            raise Erased


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
