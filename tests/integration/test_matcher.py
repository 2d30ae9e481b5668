"""The matcher in a real installation: facts come from one small service that writes what it is told, and answers stand in the log."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

import services.matcher as matcher_package
from models.ranker import packaged_prior
from models.registry import Registry
from schemas.events.base import Data, Purpose
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.matches import Declined, MatchesDeclined
from schemas.events.outcomes import ContactLost, SessionAttended
from schemas.events.places import PlaceHeld, PlaceRefused, PlaceReleased
from schemas.events.referrals import (
    ConsentChanged,
    ConsentChoice,
    PersonErased,
    RedFlagCleared,
    RedFlagRaised,
    ReferralMatching,
    ReferralReceived,
    ReferralWithdrawn,
)
from schemas.group import Capacity, Group
from schemas.referral import Consent
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode, opened
from services.chassis.database import open_database, upgrade
from services.chassis.embedded import Embedded
from services.chassis.folder import DataFolder
from services.chassis.running import Clocks
from services.chassis.service import Fact, Service, one_by_one
from services.chassis.vault import Vault
from services.matcher.app import matcher
from services.matcher.store import FACTS, HELD_BACK

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASE: dict[str, Any] = {"person": "ada", "case_id": "case-1"}
PLACE: dict[str, Any] = {**CASE, "group_id": "choir", "place_id": "place-1"}
MATCHING: frozenset[Purpose] = frozenset({"matching"})
GROUPS = ("band", "choir", "drama")
NO_TABLES = "revision = '0001'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n"


@dataclass(frozen=True)
class Tell:
    """Write these down."""

    facts: tuple[Data, ...]


def tell(command: Tell, _store: object) -> list[Fact]:
    """The facts as they are told."""
    return [Fact(data) for data in command.facts]


def no_store(_connection: Connection, _vault: Vault) -> None:
    """Nothing is remembered."""


class Town:
    """A data folder with the matcher and the service that tells."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, HandSetClock(NOW)
        self.seen = 0
        self.start()

    def start(self) -> None:
        """Begin as a process that starts finds the folder."""
        migrations = self.folder / "migrations"
        migrations.mkdir(parents=True, exist_ok=True)
        (migrations / "0001_none.py").write_text(NO_TABLES)
        self.embedded = Embedded(DataFolder(self.folder / "data"), Clocks(self.clock, self.clock))
        both = frozenset({"details", "matching"})
        self.embedded.add(Service("intake", no_store, migrations, may_open=both, makes_keys=both, decides={Tell: one_by_one(tell)}))  # type: ignore[arg-type]
        self.embedded.add(matcher(packaged_prior(), self.clock, Registry(self.folder / "models")))
        self.embedded.start()

    def restart(self) -> None:
        """Stop, and begin again."""
        self.embedded.close()
        self.start()

    def tell(self, *facts: Data) -> list[Any]:
        """What the matcher answers to these facts, which are written at once, a minute after the last."""
        self.clock.set(self.clock.now() + timedelta(minutes=1))
        self.embedded.decide("intake", [Tell(facts)])
        self.embedded.settle()
        return self._answers()

    def _answers(self) -> list[Any]:
        stored = self.embedded.records("matches", self.seen, 1000)
        self.seen = stored[-1].position if stored else self.seen
        vault = Vault("coordinator", self.embedded.keys, MATCHING)
        return [opened(decode(one.record), vault, MATCHING) for one in stored if one.record.source.endswith("/matcher")]

    def said(self, *facts: Data) -> list[Any]:
        """The same in short: the groups that are proposed in the order of their ids, or why none is."""
        return [in_short(event.data.matching) for event in self.tell(*facts)]

    def rows(self) -> list[Sequence[Any]]:
        """Every row that the matcher keeps."""
        with self.embedded.reading("matcher") as store:
            return [*store._connection.execute(FACTS.select()).all(), *store._connection.execute(HELD_BACK.select()).all()]


def in_short(matching: Any) -> Any:
    """The groups, or why there are none."""
    return sorted(match["group_id"] for match in matching.matches) or matching.needs_human


def referral(case_id: str = "case-1", match: bool = True, **needs: Any) -> ReferralReceived:
    """Ada looks for music."""
    matching = ReferralMatching(tags=["music"], consent=Consent(match=match), **needs)
    return ReferralReceived(person="ada", case_id=case_id, received_at=NOW, matching=matching)


def listed(group_id: str, available: int = 5, name: str = "Music") -> GroupListed:
    """A group with so many places available."""
    group = Group(group_id=group_id, name=name, tags=["music"], capacity=Capacity(maximum=9, available=available))
    return GroupListed(group_id=group_id, feed="town", content="", group=group)


def declined(*groups: str) -> MatchesDeclined:
    """These are declined."""
    return MatchesDeclined(**CASE, version=1, matching=Declined(groups=dict.fromkeys(groups, "too_far")))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with three groups."""
    town = Town(tmp_path)
    town.tell(*map(listed, GROUPS))
    yield town
    town.embedded.close()


def test_a_flag_and_consent_are_waited_for_and_then_the_referral_as_it_came_is_matched(town: Town) -> None:
    raised = RedFlagRaised(**CASE, flag_id="flag-1")
    assert town.said(referral(flags=["self_harm"], match=False), raised) == ["red_flag"]
    assert town.said(RedFlagCleared(person="ada", flag_ids=["flag-1"])) == ["no_consent"]
    [answer] = town.tell(ConsentChanged(person="ada", matching=ConsentChoice(consent=Consent(match=True), said_by="person", about=["match"])))
    assert in_short(answer.data.matching) == list(GROUPS)
    assert answer.causationid == town.embedded.records("referrals", 0, 100)[-1].record.id
    assert town.rows()
    assert not any(b"music" in bytes(value) for row in town.rows() for value in row if isinstance(value, bytes))


def test_what_was_declined_cools_off_over_a_restart_and_comes_back_after_its_time(town: Town) -> None:
    assert town.said(referral(), declined("choir")) == [list(GROUPS), ["band", "drama"]]
    town.restart()
    assert town.said(referral("case-2")) == [["band", "drama"]]
    town.clock.set(NOW + timedelta(days=91))
    assert town.said(referral("case-3")) == [list(GROUPS)]


def test_a_place_that_is_refused_or_lost_and_what_was_attended_are_not_proposed_again(town: Town) -> None:
    town.tell(referral())
    assert town.said(PlaceRefused(**PLACE, count=1, free=4, reason="not_suitable")) == [["band", "drama"]]
    attended = SessionAttended(**CASE, group_id="band", on=NOW.date(), said_by="organiser")
    assert town.said(attended) == []
    lost = PlaceReleased(**PLACE | {"group_id": "drama"}, count=1, reason="delisted")
    assert town.said(GroupDelisted(group_id="drama", feed="town"), lost) == ["nobody_in_reach"]


def test_a_decline_that_is_read_before_its_referral_is_known_when_it_comes(town: Town) -> None:
    town.tell(ConsentChanged(person="ada", matching=ConsentChoice(consent=Consent(match=True), said_by="person")))
    assert town.said(declined("choir")) == []
    assert town.said(referral()) == [["band", "drama"]]


def test_places_are_taken_from_their_stream_over_a_restart(town: Town) -> None:
    [before] = town.tell(referral())
    full = PlaceHeld(**PLACE, count=2, free=0)
    assert town.said(PlaceHeld(**PLACE, count=1, free=1), full) == []
    [after] = town.tell(referral("case-2"))
    assert in_short(after.data.matching) == ["band", "drama"]
    assert after.data.matching.ruled_out == {"place": 1}
    assert after.data.matching.directory_version != before.data.matching.directory_version
    town.restart()
    assert [event.data.matching for event in town.tell(referral("case-3"))] == [after.data.matching]
    assert town.said(listed("choir", available=6), referral("case-4")) == [list(GROUPS)]


def test_a_withdrawn_case_is_left_alone_and_an_erased_person_leaves_nothing(town: Town) -> None:
    raised = RedFlagRaised(person="ada", case_id="case-2", flag_id="flag-1")
    town.tell(referral(), referral("case-2", flags=["self_harm"]), raised, ReferralWithdrawn(**CASE))
    assert town.said(RedFlagCleared(person="ada", flag_ids=["flag-1"])) == [list(GROUPS)]
    assert town.said(declined("choir")) == []
    town.tell(PersonErased(person="ada"))
    town.embedded.keys.destroy("ada")
    assert [row[2] for row in town.rows()] == ["better-together.PersonErased"]
    assert town.said(PlaceRefused(**PLACE, count=1, reason="full")) == []
    assert [row[2] for row in town.rows()] == ["better-together.PersonErased"]


def test_what_is_passed_over_is_not_read_and_so_stops_nothing(town: Town) -> None:
    town.embedded.decide("intake", [Tell((referral(), ContactLost(**CASE)))])
    with town.embedded._writer.begin() as connection:
        connection.exec_driver_sql("UPDATE log SET data = x'7b7d' WHERE type = 'better-together.ContactLost'")
    assert town.said(declined("choir")) == [list(GROUPS), ["band", "drama"]]
    assert town.embedded.dead_letters() == []


def test_a_flag_that_was_open_before_the_tables_changed_is_open_after(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    shutil.copy(Path(matcher_package.__file__).parent / "migrations" / "0001_matcher.py", before)
    folder = DataFolder(tmp_path / "data")
    Embedded(folder, Clocks(HandSetClock(NOW), HandSetClock(NOW))).close()
    writer = open_database(folder.database, writes=True)
    upgrade(writer, "matcher", before)
    with writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO open_flags VALUES ('flag-1', 'ada')")
    writer.dispose()
    town = Town(tmp_path)
    assert town.said(listed("choir"), referral()) == ["red_flag"]
    assert town.said(RedFlagCleared(person="ada", flag_ids=["flag-1"])) == [["choir"]]
    town.embedded.close()
