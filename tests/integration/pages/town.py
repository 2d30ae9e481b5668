"""A small town over a real installation: five groups, whoever a test refers, and the application that serves the pages."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Event
from typing import Any, Protocol
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.testclient import TestClient

from schemas.group import Group
from services.chassis.clock import HandSetClock
from services.chassis.embedded import Embedded
from services.chassis.pump import Pump
from services.chassis.web.guard import Guard, guard
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.serving import compose

NOW = datetime(2026, 7, 1, 8, 15, tzinfo=UTC)
"""A Wednesday in British Summer Time."""

TOKEN = "let-me-in"
RECORDS = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
"""The headers of a record system."""
ROW = re.compile(r'<tr role="row" class="nhsuk-table__row.*?</tr>', re.DOTALL)
BROWSER = {"Accept": "text/html,application/xhtml+xml", "Origin": "http://localhost"}
HOME = {"latitude": 52.62, "longitude": -1.11}
GROUPS: tuple[dict[str, Any], ...] = (
    {
        "group_id": "choir", "name": "Larkhill Singers", "description": "A choir for anybody who likes singing. Tea at half time.",
        "tags": ["singing"], "organisation": "Larkhill Hall", "postcode": "LE2 1AA", **HOME, "cost": 0, "access": ["step_free", "hearing_loop"],
        "sessions": [{"weekday": "tue", "start": "10:00", "end": "12:00"}], "languages": ["en"], "capacity": {"maximum": 20, "available": 4},
    },
    {
        "group_id": "games", "name": "Games & Gossip", "description": "Board games and <b>talk</b>.", "tags": ["games"], "mode": "hybrid",
        "organisation": "Threadbare Café", "latitude": 52.63, "longitude": -1.12, "cost": 3.5, "access": [],
        "sessions": [{"weekday": "thu", "start": "18:30", "every_weeks": 2}], "languages": ["en"],
    },
    {
        "group_id": "talk", "name": "Ring-Round", "description": "A friendly telephone circle: singing, stories, company.", "mode": "online",
        "sessions": [{"weekday": day, "start": "09:00", "end": "10:00"} for day in ("mon", "tue", "wed", "thu", "fri")],
    },
    {
        "group_id": "garden", "name": "Abbot’s Park Gardeners", "description": "Gardening for those over 60.", "tags": ["gardening"], **HOME,
        "minimum_age": 60, "cost": 2, "sessions": [{"weekday": "wed", "start": "13:00", "end": "15:00"}],
    },
    {"group_id": "resting", "name": "Chess at the Library", "description": "Chess.", "tags": ["chess"], "status": "paused", **HOME},
)  # fmt: skip


class Page(Protocol):
    """An answer with a page in it."""

    @property
    def text(self) -> str:
        """The page's HTML."""


@dataclass(frozen=True)
class Town:
    """The running services, their clock, and the application."""

    running: Installation[Embedded]
    clock: HandSetClock
    app: FastAPI
    gate: Guard

    def client(self) -> TestClient:
        """A caller without credential that asks as a browser does."""
        return TestClient(self.app, base_url="http://localhost", headers=BROWSER, follow_redirects=False)

    def browser(self) -> TestClient:
        """A signed-in browser."""
        client = self.client()
        client.get(f"/sign-in?key={self.gate.new_sign_in_key()}")
        return client

    def refer(self, **fields: Any) -> str:
        """Refer somebody as a record system does; returns the case once it has been answered."""
        sent: dict[str, Any] = {"person_id": f"of-{fields['referral_id']}", "consent": {"match": True}, "interests": "Singing and games"}
        with TestClient(self.app, base_url="http://localhost", headers=RECORDS) as client:
            case_id: str = client.post("/v1/referrals", json=sent | fields).raise_for_status().json()["case_id"]
            return self.answered(client, case_id)

    def answered(self, client: TestClient, case_id: str) -> str:
        """The case, once the matcher has answered."""
        until(lambda: client.get(f"/v1/queue/{case_id}", headers=RECORDS).json().get("proposal"))
        return case_id

    def agree(self, case_id: str, group_id: str, status: str = "placed") -> None:
        """Person and link worker agree on a group; returns once the group's directory has answered."""
        self.decide(case_id, action="choose", group_id=group_id)
        self.until_it_is(case_id, status)

    def decide(self, case_id: str, **decision: Any) -> None:
        """A link worker decides as a program does."""
        with TestClient(self.app, base_url="http://localhost", headers=RECORDS) as client:
            client.post(f"/v1/queue/{case_id}/decisions", json=decision).raise_for_status()

    def case(self, case_id: str) -> dict[str, Any]:
        """A case as a program reads it."""
        with TestClient(self.app, base_url="http://localhost", headers=RECORDS) as client:
            case: dict[str, Any] = client.get(f"/v1/queue/{case_id}").raise_for_status().json()
            return case

    def until_it_is(self, case_id: str, status: str) -> None:
        """Wait until a case has this status."""
        until(lambda: self.case(case_id)["status"] == status)

    def reply(self, person_id: str, text: str) -> None:
        """The person answers a message."""
        with TestClient(self.app, base_url="http://localhost", headers=RECORDS) as client:
            client.post("/v1/replies/local", json={"person_id": person_id, "text": text}).raise_for_status()

    def later(self, **by: float) -> None:
        """Time goes on."""
        self.clock.set(self.clock.now() + timedelta(**by))

    def link(self, group_id: str) -> str:
        """The address of a group's own page, without the host."""
        return urlsplit(self.running.links.make("g", group_id, self.clock.now() + timedelta(days=30))).path

    def letters(self) -> list[str]:
        """The messages in the outbox, as text."""
        outbox = self.running.services.folder.path / "outbox"
        return [str(message_from_bytes(file.read_bytes(), policy=policy.default).get_content()) for file in sorted(outbox.glob("*.eml"))]

    def answered_by_organisers(self) -> tuple[int, int]:
        """Where the streams end that an organiser's page writes on."""
        embedded = self.running.services
        return embedded.end_of("place-requests"), embedded.end_of("outcomes")

    def log(self) -> str:
        """The structured log so far."""
        return self.running.services.folder.logs.read_text(encoding="utf-8")


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Open a town in an empty folder and run it while the block does."""
    clock = HandSetClock(NOW)
    with embedded_installation(settings_for(folder), clock) as running:
        list_groups(running, "town", [Group.model_validate(group) for group in GROUPS])
        wall = running.services.clocks.wall
        gate = guard(TOKEN, running.services.folder.key_encryption_key(), wall)
        with running.services.folder.held() as holds:
            assert holds
            pump = Pump(running.services)
            pump.start()
            try:
                yield Town(running, clock, compose(running, pump, gate), gate)
            finally:
                pump.stop()


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition holds."""
    pause = Event()
    for _ in range(int(seconds * 100)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come about in time")


def words(answer: Page) -> str:
    """The text of a page's main part as somebody reads it, its white space reduced."""
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main[0])).split())


def part(answer: Page, heading: str, following: str) -> str:
    """What stands between two headings of a page."""
    text = words(answer)
    assert heading in text
    return text.split(heading, 1)[1].split(following, 1)[0]


def queue_rows(answer: Page) -> list[str]:
    """The text of each row of the queue's page, in order."""
    return [" ".join(html.unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in ROW.findall(answer.text)]
