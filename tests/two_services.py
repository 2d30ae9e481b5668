"""Two tiny services for tests of whatever runs services: one takes referrals in, the other answers each with NoMatchFound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, select

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.referrals import ReferralDetails, ReferralMatching, ReferralReceived
from services.chassis.errors import Rejected
from services.chassis.rows import insert, write_rows
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


SEEN = Table("seen", MetaData(), Column("id", String, primary_key=True))
_SEEN = insert(SEEN)


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
        write_rows(self.connection, _SEEN, [(id_,) for id_ in ids])

    def all(self) -> set[str]:
        """The ids that are kept."""
        return {row[0] for row in self.connection.execute(select(SEEN))}


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


def two_services(answering: Answering, migrations: Path) -> tuple[Service[Seen], Service[Seen]]:
    """Both, their migrations written below this folder."""
    both = frozenset({"details", "matching"})
    return (
        Service("intake", Seen, migration(migrations, "taken_in"), may_open=both, makes_keys=both, decides={Refer: refer}),  # type: ignore[arg-type]
        Service(
            "matcher",
            Seen,
            migration(migrations, "seen"),
            reads=("referrals",),
            opens={ReferralReceived: frozenset({"matching"})},
            may_open=frozenset({"matching"}),
            handle=answering,
        ),
    )


def migration(migrations: Path, table: str) -> Path:
    """A folder with one migration that makes this table."""
    folder = migrations / table
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0001_table.py").write_text(MIGRATION.format(table=table))
    return folder
