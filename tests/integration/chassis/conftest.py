"""Two tiny services over a real data folder: one takes referrals in, the other answers each with NoMatchFound."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.referrals import ReferralDetails, ReferralMatching, ReferralReceived
from services.chassis.clock import HandSetClock
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.folder import DataFolder
from services.chassis.running import Clocks
from services.chassis.service import Decided, Fact, Service
from services.chassis.vault import Vault

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MIGRATION = """
from alembic import op
from sqlalchemy import Column, String

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("{table}", Column("id", String, primary_key=True))
"""


@dataclass(frozen=True)
class Refer:
    """Refer this person; an empty name is refused."""

    person: str


@dataclass
class Seen:
    """A store that remembers ids."""

    connection: Connection
    vault: Vault

    def remember(self, ids: Sequence[str]) -> None:
        """Keep ids; one that is there already is an error."""
        self.connection.exec_driver_sql("INSERT INTO seen VALUES (?)", [(id_,) for id_ in ids])

    def all(self) -> set[str]:
        """The ids that are kept."""
        return {row[0] for row in self.connection.exec_driver_sql("SELECT id FROM seen")}


def refer(commands: Sequence[Refer], _store: Seen) -> list[Decided]:
    """A referral for each person."""
    return [[_received(command.person)] if command.person else Rejected("a person has a name") for command in commands]


def _received(person: str) -> Fact:
    details = ReferralDetails(referral_id="REF-1", person_id="nhs:999 000 0001", interests="Marigold used to sing in the choir")
    return Fact(
        ReferralReceived(person=person, case_id=f"case-{person}", received_at=NOW, details=details, matching=ReferralMatching(tags=["choir"]))
    )


@dataclass
class Answering:
    """The second service's handler; `fault` is called with every event before it is answered."""

    fault: Callable[[Event[Data]], None] = lambda _: None
    batches: list[int] = field(default_factory=list)

    def __call__(self, events: Sequence[Event[Data]], store: Seen) -> list[Fact]:
        """One answer for each referral."""
        self.batches.append(len(events))
        for event in events:
            self.fault(event)
        store.remember([event.id for event in events])
        return [
            Fact(NoMatchFound(person=event.data.person, case_id=event.data.case_id, matching=Unmet(model="m", directory_version="d")), event)
            for event in events
            if isinstance(event.data, ReferralReceived)
        ]


@dataclass
class Town:
    """An installation that can be stopped and started again over the same folder."""

    folder: Path
    migrations: Path
    answering: Answering = field(default_factory=Answering)
    clock: HandSetClock = field(default_factory=lambda: HandSetClock(NOW))

    def open(self) -> Embedded:
        """The services as a process that starts finds them."""
        embedded = Embedded(DataFolder(self.folder), Clocks(self.clock, self.clock))
        both = frozenset({"details", "matching"})
        embedded.add(Service("intake", Seen, self._migration("taken_in"), may_open=both, makes_keys=both, decides={Refer: refer}))  # type: ignore[arg-type]
        embedded.add(
            Service(
                "matcher",
                Seen,
                self._migration("seen"),
                reads=("referrals",),
                opens={ReferralReceived: frozenset({"matching"})},
                may_open=frozenset({"matching"}),
                handle=self.answering,
            )
        )
        return embedded

    def _migration(self, table: str) -> Path:
        folder = self.migrations / table
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "0001_table.py").write_text(MIGRATION.format(table=table))
        return folder


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A folder with the two services."""
    return Town(tmp_path / "data", tmp_path / "migrations")


@pytest.fixture
def embedded(town: Town) -> Iterator[Embedded]:
    """The two services, started."""
    running = town.open()
    running.start()
    yield running
    running.close()
