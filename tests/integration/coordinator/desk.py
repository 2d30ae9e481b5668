"""A coordinator over a real data folder, alone with a tiny service that writes whatever the others would have written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from schemas.events.base import Data
from schemas.events.groups import GroupListed
from schemas.events.matches import MatchesProposed, Ranking
from schemas.events.places import HeldSession, PlaceHeld, PlaceRequested
from schemas.events.referrals import ReferralDetails, ReferralMatching, ReferralReceived
from schemas.group import Group
from schemas.referral import PersonContact
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.folder import DataFolder
from services.chassis.ids import fresh_id
from services.chassis.log import Stored
from services.chassis.running import Answer, Clocks
from services.chassis.service import Fact, Service, one_by_one
from services.chassis.vault import Vault
from services.coordinator.app import coordinator
from services.coordinator.commands import Command
from services.coordinator.groups_view import GroupsView
from services.coordinator.reading import read_case, read_queue, read_status

NOW = datetime(2026, 7, 1, 8, 15, tzinfo=UTC)
"""A Wednesday in British Summer Time."""

TUESDAY = HeldSession(date=datetime(2026, 7, 7, tzinfo=UTC).date(), start=datetime(2026, 7, 7, 9, 0, tzinfo=UTC))
CHOIR = Group.model_validate({"group_id": "choir", "name": "Singers", "sessions": [{"weekday": "tue", "start": "10:00", "end": "12:00"}]})
GAMES = Group.model_validate({"group_id": "games", "name": "Games", "sessions": [{"weekday": "thu", "start": "18:30"}]})
MIGRATION = 'revision = "0001"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n'
D = TypeVar("D", bound=Data)


@dataclass(frozen=True)
class Say:
    """Write these facts, as whoever's they are."""

    facts: tuple[Data, ...]


@dataclass
class _Nothing:
    """The tiny service keeps nothing."""

    connection: Connection
    vault: Vault


def _say(command: Say, _store: _Nothing) -> Sequence[Fact]:
    return [Fact(data) for data in command.facts]


@dataclass
class Desk:
    """The installation, and how the others and the coordinators act on it."""

    embedded: Embedded
    clock: HandSetClock
    groups: GroupsView
    counts: "Iterator[int]" = field(default_factory=lambda: count(1))

    def say(self, *facts: Data) -> None:
        """Something happened elsewhere, and was taken in."""
        [answer] = self.embedded.decide("intake", [Say(facts)])
        assert not isinstance(answer, Rejected)
        self.embedded.settle()

    def refer(self, person: str = "ada", case: str = "case-1", referral_id: str = "REF-1", **needs: Any) -> None:
        """A referral came in, and the choir was proposed."""
        details = ReferralDetails(referral_id=referral_id, person_id=f"of-{person}", contact=PersonContact(name="Ada"))
        matching = ReferralMatching.model_validate({"tags": ["singing"], **needs})
        self.say(
            ReferralReceived(person=person, case_id=case, received_at=self.clock.now(), details=details, matching=matching),
            MatchesProposed(person=person, case_id=case, matching=proposal("choir")),
        )

    def ask(self, kind: type[Command], case: str = "case-1", **fields: Any) -> Sequence[Any]:
        """A coordinator's command, and all that follows; the facts that answered it.

        Raises:
            Rejected: it was refused.
        """
        answer = self.put(kind, case, **fields)
        self.embedded.settle()
        if isinstance(answer, Rejected):
            raise answer
        return [event.data for event in answer]

    def put(self, kind: type[Command], case: str = "case-1", **fields: Any) -> Answer:
        """The same, without waiting for what follows."""
        return self.embedded.decide("coordinator", [self.command(kind, case, **fields)])[0]

    def command(self, kind: type[Command], case: str = "case-1", **fields: Any) -> Command:
        """A command as a route makes it."""
        return kind(case=case, id=fresh_id(self.clock.now()), at=self.clock.now(), **fields)

    def place(self, kind: type[D], request: PlaceRequested, **fields: Any) -> None:
        """The directory answers a request."""
        ids = {"group_id": request.group_id, "place_id": request.place_id, "person": request.person, "case_id": request.case_id}
        self.say(kind.model_validate(ids | {"count": next(self.counts)} | fields))

    def held(self, request: PlaceRequested, session: HeldSession | None = TUESDAY) -> None:
        """The directory holds the place."""
        self.place(PlaceHeld, request, session=session)

    def case(self, id_: str = "case-1") -> dict[str, Any]:
        """The case as `GET /v1/queue/{id}` tells it."""
        with self.embedded.reading("coordinator") as store:
            return read_case(store, id_, self.clock.now(), self.groups)

    def status(self, id_: str = "case-1") -> dict[str, Any]:
        """The case as `GET /v1/referrals/{id}` tells it."""
        with self.embedded.reading("coordinator") as store:
            return read_status(store, id_)

    def queue(self, state: str | None = None) -> list[dict[str, Any]]:
        """The queue's first page."""
        with self.embedded.reading("coordinator") as store:
            items: list[dict[str, Any]] = read_queue(store, state, self.clock.now(), 200, None)["items"]
        return items

    def later(self, **by: float) -> None:
        """Time goes on, and what it brings is done."""
        self.clock.set(self.clock.now() + timedelta(**by))
        self.embedded.settle()

    def written(self, kind: type[D]) -> list[D]:
        """Every fact of this kind in the log, its sealed parts sealed."""
        records: list[Stored] = self.embedded.records(kind.stream, 0, 100_000)
        return [event.data for record in records if isinstance((event := decode(record.record)).data, kind)]


def proposal(*group_ids: str) -> Ranking:
    """A proposal of these groups."""
    empty: dict[str, Any] = {"score": 0.5, "propensity": 1.0, "features": (), "reasons": (), "would_improve": ()}
    matches = [{"group_id": group_id, "rank": rank, **empty} for rank, group_id in enumerate(group_ids, 1)]
    return Ranking.model_validate({"model": "m", "directory_version": "d", "matches": matches})


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """Open a desk in an empty folder, with two groups listed."""
    migrations = folder / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "0001_nothing.py").write_text(MIGRATION)
    clock, groups, both = HandSetClock(NOW), GroupsView(), frozenset({"details", "matching"})
    embedded = Embedded(DataFolder(folder / "data"), Clocks(clock, clock))
    others: Service[_Nothing] = Service("intake", _Nothing, migrations, may_open=both, makes_keys=both, decides={Say: one_by_one(_say)})  # type: ignore[arg-type]
    embedded.add(others)
    embedded.add(coordinator(groups))
    embedded.start()
    opened = Desk(embedded, clock, groups)
    opened.say(*(GroupListed(group_id=group.group_id, feed="f", group=group, content="c") for group in (CHOIR, GAMES)))
    try:
        yield opened
    finally:
        embedded.close()
