"""The people of a storm over the distributed installation: most are referred and no more, some live through the loop and crowd into small groups.

What one service wrote, another knows a little later: whoever is not known yet asks again. Where there are many, most come in files, as from a
clinic's own system.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, Final

from tests.e2e.distributed_site import DistributedSite
from tests.e2e.loop_people import Client, GaveUp, Person, Site, Told

PATIENCE: Final = 300.0
LOOK_AGAIN: Final = 0.2  # seconds
AT_ONCE: Final = 8
IN_A_FILE: Final = 1_000
REPLIES: Final = {"Please stop texting me": "stop", "Please call me": "call_me", "I want to kill myself": "red_flag"}


@dataclass
class Answers(Told):
    """What was acknowledged besides: red flags in replies by person, and declines by case."""

    alarmed: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    asked_again: int = 0
    from_files: int = 0


@dataclass
class Pace:
    """Lets the people begin no earlier than so many of them are due, so that there is work for as long as the storm lasts."""

    people: int
    share_done: Callable[[], float]
    begun: int = 0

    def wait(self, deadline: float) -> None:
        """Wait for one's turn."""
        self.begun += 1
        mine = self.begun / self.people
        while mine > self.share_done() and monotonic() < deadline:
            sleep(LOOK_AGAIN)


class Resident(Person):
    """A person who asks for places in the group with the fewest, and does more of what may be done."""

    _told: Answers

    def __init__(
        self, referral: Mapping[str, Any], clients: Sequence[Client], told: Answers, seed: int, places: Mapping[str, int], acting: float
    ) -> None:
        super().__init__(referral, clients, told, seed)
        self._places, self._acts = places, self._chance.random() < acting

    def _live(self) -> None:
        self._refer()
        if self._chance.random() < 0.1:
            self._refer()
            self._told.asked_again += 1
        if not self._acts:
            return
        case = self._until_answered()
        if case["status"] == "proposed":
            groups = [match["group_id"] for match in case["proposal"]["matches"]]
            self._choose(sorted(groups, key=lambda group: self._places.get(group, 1_000)))
        self._go_on()

    def _refer(self) -> None:
        status, answer = self._ask("POST", "/v1/referrals", self._referral)
        assert status in (200, 202), answer
        known = self._told.referred.setdefault(answer["case_id"], self._person)
        assert known == self._person
        assert getattr(self, "_case", answer["case_id"]) == answer["case_id"], "the same referral is another case"
        self._case = answer["case_id"]

    def _until_answered(self) -> dict[str, Any]:
        found = self._until(lambda status, case: status == 200 and case["status"] != "received", "GET", f"/v1/referrals/{self._case}")
        return dict(found)

    def _until(self, holds: Callable[[int, Any], bool], method: str, path: str, body: object = None) -> Any:
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            status, answer = self._ask(method, path, body)
            if holds(status, answer):
                return answer
            assert status in (200, 404), answer
            sleep(LOOK_AGAIN)
        raise GaveUp(f"{method} {path} of {self._case} did not come to what it should")

    def _go_on(self) -> None:
        ways = (
            (0.08, self._withdraw), (0.08, self._stop), (0.04, self._call), (0.04, self._alarm), (0.04, self._flag), (0.1, self._decline),
            (0.01, self._erase), (0.25, self._attend),
        )  # fmt: skip
        for share, do in ways:
            if self._chance.random() < share:
                do()
                return

    def _stop(self) -> None:
        if self._say("Please stop texting me"):
            self._told.stopped.add(self._case)

    def _call(self) -> None:
        self._say("Please call me")

    def _alarm(self) -> None:
        if self._say("I want to kill myself"):
            self._told.alarmed.add(self._case)

    def _say(self, text: str) -> bool:
        """Reply; False where the sender's id names several persons."""
        body = {"person_id": self._referral["person_id"], "text": text}
        answer = self._until(lambda status, _: status in (202, 409), "POST", "/v1/replies/local", body)
        return bool(answer.get("meaning") == REPLIES[text])

    def _decline(self) -> None:
        status, answer = self._ask("POST", f"/v1/queue/{self._case}/decisions", {"action": "decline", "reason": "too_far"})
        assert status in (200, 409), answer
        if status == 200:
            self._told.declined.add(self._case)


_taking = threading.Lock()


def live(
    referrals: Iterator[Mapping[str, Any]], site: Site, pace: Pace, places: Mapping[str, int], acting: float, failed: threading.Event
) -> Answers:
    """Have all of them live, some at once; what the first of them was not answered as they should have been ends it all."""
    told = Answers()

    def one_after_another() -> None:
        with closing(Client(site, PATIENCE)) as one, closing(Client(site, PATIENCE)) as other:
            while (referral := _next(referrals, pace)) is not None and not failed.is_set():
                Resident(referral, (one, other), told, 1, places, acting).live()

    def tell() -> None:
        try:
            one_after_another()
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(AT_ONCE) as pool:
        each = [pool.submit(tell) for _ in range(AT_ONCE)]
    for one in each:
        one.result()
    return told


def _next(referrals: Iterator[Mapping[str, Any]], pace: Pace) -> Mapping[str, Any] | None:
    with _taking:
        if (referral := next(referrals, None)) is not None:
            pace.wait(monotonic() + PATIENCE)
        return referral


def import_files(referrals: Sequence[Mapping[str, Any]], site: DistributedSite, share_done: Callable[[], float], failed: threading.Event) -> int:
    """Have these referrals taken in file by file, each again until it is taken in whole; returns how many were."""
    done = 0
    for start in range(0, len(referrals), IN_A_FILE):
        some = referrals[start : start + IN_A_FILE]
        Pace(len(referrals), share_done, begun=start).wait(monotonic() + PATIENCE)
        file = site.home / f"referrals-{start}.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in some))
        while not failed.is_set() and (ended := site.command("referrals", "import", str(file))).code:
            assert ended.err.splitlines()[-1].startswith("together: "), ended.said  # before it, what was waited for is logged
        done += len(some)
    return done
