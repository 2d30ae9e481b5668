"""A small town lives for weeks on simulated time: a model is learned at night and promoted, the matcher serves it, and it is rolled back."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.directory import Listed
from models.ranker import MODEL_FILE, packaged_prior
from models.registry import PRIOR, Registry, before
from models.text.encoder import pack
from schemas.events.base import Data
from schemas.events.groups import GroupListed
from schemas.events.models import ModelPromoted
from schemas.events.outcomes import SessionAttended
from schemas.events.referrals import PersonErased, ReferralMatching, ReferralReceived
from schemas.referral import Consent
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode, opened
from services.chassis.embedded import Embedded
from services.chassis.folder import DataFolder
from services.chassis.running import Clocks
from services.chassis.service import Service, one_by_one
from services.chassis.vault import Vault
from services.learning.app import learning
from services.learning.domain import Kept, RollBack, Run
from services.learning.history import agrees_to_learning
from services.learning.nightly import Night
from services.matcher.app import matcher
from tests.integration.test_matcher import MATCHING, NO_TABLES, Tell, no_store, tell
from tests.kafka_brokers import until
from tests.property.matching_cases import HOME
from tests.unit.models.attended_town import PLAN, attendance, groups

OPENS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEEKS = 6
NIGHT = Night(time(2), ZoneInfo("Europe/London"), enough=50, tolerance=1.0)


class Town:
    """The learning service and the matcher over one data folder, and a service that tells."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, HandSetClock(OPENS)
        self.models = Registry(folder / "models")
        self.start()

    def start(self) -> None:
        """Begin as a process that serves begins: calls are made beside."""
        migrations = self.folder / "migrations"
        migrations.mkdir(exist_ok=True)
        (migrations / "0001_none.py").write_text(NO_TABLES)
        self.embedded = Embedded(DataFolder(self.folder / "data"), Clocks(self.clock, self.clock))
        both = frozenset({"details", "matching"})
        self.embedded.add(Service("intake", no_store, migrations, may_open=both, makes_keys=both, decides={Tell: one_by_one(tell)}))  # type: ignore[arg-type]
        self.embedded.add(matcher(packaged_prior(), self.clock, self.models))
        self.embedded.add(learning(partial(self.embedded.reading, "learning"), self.models, NIGHT, PLAN))
        self.embedded.start()
        self.embedded.call_beside()

    def stop(self) -> None:
        """End as a process that served ends."""
        self.embedded.end_calls()
        self.embedded.close()

    def tell(self, *facts: Data) -> None:
        """These are written and taken in, and what is learned because of it is recorded."""
        self.embedded.decide("intake", [Tell(facts)])

        def settled() -> bool:
            self.embedded.settle()
            return all(run.found != "begun" for run in self.runs())

        until(settled, "what was begun is recorded")

    def runs(self) -> list[Run]:
        """What every night found."""
        with self.embedded.reading("learning") as store:
            runs: list[Run] = store.runs()
        return runs

    def begin(self) -> None:
        """The attended town's groups are listed and its people referred; one in ten does not agree to be learned from."""
        self.tell(*(listed(one) for one in groups()))
        self.tell(*(referral(person, learning=not person.endswith("7")) for person in sorted({row.person_id for row in attendance()})))

    def live(self, weeks: Iterable[int] = range(WEEKS)) -> None:
        """Everybody goes where the attended town's people went, week by week."""
        for week in weeks:
            monday = OPENS + timedelta(weeks=week, hours=1)
            self.clock.set(monday)
            rows = [row for number, row in enumerate(attendance()) if number % WEEKS == week]
            self.tell(*(came(row.person_id, row.group_id, monday + timedelta(days=day)) for row in rows for day in range(row.sessions)))

    def roll_back(self) -> None:
        """The model before serves again."""
        with self.embedded.reading("learning") as store:
            history = store.history()
        name = before(history)
        kept = Kept(name, self.models.ranker(name).model, None if name == PRIOR else self.models.digest(name))
        self.embedded.decide("learning", [RollBack(history[-1].name, kept, self.clock.now())])

    def proposes_by(self, person: str) -> str:
        """The model that ranks for somebody new."""
        self.clock.set(self.clock.now() + timedelta(minutes=1))
        self.tell(referral(person, learning=False))
        vault = Vault("coordinator", self.embedded.keys, MATCHING)
        [answer] = [opened(decode(one.record), vault, MATCHING) for one in self.embedded.about(person, ["matches"])]
        matching: Any = answer.data
        return str(matching.matching.model)


def referral(person: str, *, learning: bool) -> ReferralReceived:
    """Somebody who lives at the same place as everybody, and says nothing more."""
    needs = {"latitude": HOME[0], "longitude": HOME[1], "tags": ["chess"]}
    matching = ReferralMatching.model_validate({**needs, "consent": Consent(match=True, learning=learning)})
    return ReferralReceived(person=person, case_id=f"case-{person}", received_at=OPENS, matching=matching)


def listed(one: Listed) -> GroupListed:
    assert one.vector is not None
    return GroupListed(group_id=one.group.group_id, feed="town", content="", group=one.group, vector=pack(one.vector), words=list(one.words))


def came(person: str, group_id: str, at: datetime) -> SessionAttended:
    return SessionAttended(person=person, case_id=f"case-{person}", group_id=group_id, on=at.date(), said_by="organiser")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town before its first week."""
    town = Town(tmp_path)
    yield town
    town.stop()


def test_a_town_learns_and_its_matcher_serves_what_won_until_it_is_rolled_back(town: Town) -> None:
    town.begin()
    town.tell(PersonErased(person="p001"))
    prior = packaged_prior().model
    assert town.proposes_by("before") == prior
    town.live()
    won = [run for run in town.runs() if run.found == "promoted"]
    assert won[0].because.startswith("wins over prior on ")
    assert town.proposes_by("after") == won[-1].model
    town.stop()
    town.start()
    assert town.proposes_by("after-a-restart") == won[-1].model
    for served_before in [*(run.model for run in won[-2::-1]), prior]:
        town.roll_back()
        assert town.proposes_by(f"rolled-back-to-{served_before}") == served_before
    promotions = [decode(one.record).data for one in town.embedded.all_of("models")]
    assert [one.promotion for one in promotions if isinstance(one, ModelPromoted)] == list(range(1, 2 * len(won) + 1))


def test_a_model_of_an_earlier_version_is_learned_anew_and_serves(town: Town) -> None:
    town.begin()
    town.live(range(4))
    for file in (town.folder / "models").glob(f"learned-*/{MODEL_FILE}"):
        file.write_text(file.read_text().replace('"version": 2', '"version": 1'))
    before = len(town.runs())
    town.live(range(4, WEEKS))
    since = town.runs()[before:]
    assert since[0].found == "promoted"
    assert since[0].because.startswith("wins over prior on ")
    assert town.proposes_by("after") == since[-1].model


def test_of_who_was_erased_or_does_not_agree_nothing_is_learned(town: Town) -> None:
    town.begin()
    town.tell(PersonErased(person="p001"))
    town.live()
    with town.embedded.reading("learning") as store:
        facts = store.everybody()
    assert [type(fact.data) for fact in facts["p001"]] == [PersonErased]
    agreeing = {person for person, told in facts.items() if agrees_to_learning(told)}
    assert len(agreeing) == 240 - 24 - 1
    [*_, last] = [run for run in town.runs() if run.model is not None]
    assert 0 < last.people <= len(agreeing)


def test_who_is_pumping_for_a_command_never_waits_for_a_night(town: Town) -> None:
    town.embedded.end_calls()
    town.tell(referral("ada", learning=True), came("ada", "music-1", OPENS))
    town.clock.set(OPENS + timedelta(days=2))
    town.embedded.settle()
    assert town.runs() == []
