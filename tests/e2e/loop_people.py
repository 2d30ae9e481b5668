"""Who asks in a storm over the whole loop: a clinic, a link worker and a person, each of whom asks again until they are answered."""

import random
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, Protocol

import httpx

from tests.e2e.command_line import Ended

TOKEN = "an-access-key-for-storms"
PATIENCE = 120.0
LONGEST_RETRY_AFTER = 0.5  # seconds; whoever is told to come again later does, and somewhat earlier than told


class GaveUp(Exception):
    """A request was not answered in time, however often it was made."""


class Erased(Exception):
    """The person was erased, on account of another referral of theirs, while this one was under way."""


class Site(Protocol):
    """Where requests go while `up` is set, and the installation behind it."""

    up: threading.Event

    @property
    def address(self) -> str:
        """Where the web serves."""

    def command(self, *words: str) -> Ended:
        """Run `together` beside it."""


@dataclass
class Client:
    """Asks over HTTP until it is answered; every answer below 500 counts as acknowledged."""

    server: Site
    patience: float = PATIENCE
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10))

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        deadline = monotonic() + self.patience
        while monotonic() < deadline:
            self.server.up.wait(self.patience)
            try:
                answer = self._http.request(method, self.server.address + path, json=body)
            except httpx.HTTPError:
                continue
            if answer.status_code < 500:
                return answer.status_code, answer.json()
            assert answer.status_code == 503, f"{method} {path}: {answer.status_code}"
            sleep(min(float(answer.headers["Retry-After"]), LONGEST_RETRY_AFTER))
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
            done = self._clients[0].server.command("person", "erase", self._person)
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
