"""Once a night all who wait are asked about together: whom sharing gives another first group is proposed it, and nobody else hears anything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.ranker import packaged_prior
from models.registry import Registry
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.matches import Declined, GroupChosen, MatchesDeclined
from schemas.events.places import PlaceHeld, PlaceReleased
from schemas.events.referrals import (
    ConsentChanged,
    ConsentChoice,
    PersonErased,
    RedFlagRaised,
    ReferralClosed,
    ReferralMatching,
    ReferralReceived,
    ReferralWithdrawn,
)
from schemas.group import Capacity, Group
from schemas.referral import Consent
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode, opened
from services.chassis.embedded import Embedded
from services.chassis.folder import DataFolder
from services.chassis.running import Clocks
from services.chassis.service import Service, one_by_one
from services.chassis.vault import Vault
from services.matcher.app import matcher
from services.matcher.domain import Rematch
from services.matcher.nightly import Night
from tests.integration.test_matcher import MATCHING, NO_TABLES, Tell, no_store, tell
from tests.kafka_brokers import until

OPENS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
BO: dict[str, Any] = {"person": "bo", "case_id": "case-bo"}
CHOIR: dict[str, Any] = {**BO, "group_id": "choir", "place_id": "place-bo"}


class Town:
    """The matcher over a data folder, as a process that serves; a choir with one place, and a walk with five."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.seen, self.has_looked, self.may_rank = HandSetClock(OPENS), 0, Event(), Event()
        self.may_rank.set()
        migrations = folder / "migrations"
        migrations.mkdir()
        (migrations / "0001_none.py").write_text(NO_TABLES)
        self.embedded = Embedded(DataFolder(folder / "data"), Clocks(self.clock, self.clock))
        both = frozenset({"details", "matching"})
        self.embedded.add(Service("intake", no_store, migrations, may_open=both, makes_keys=both, decides={Tell: one_by_one(tell)}))  # type: ignore[arg-type]
        night = Night(self.look, time(3), LONDON)
        self.embedded.add(matcher(packaged_prior(), self.clock, Registry(folder / "models"), night=night))
        self.embedded.start()
        self.embedded.call_beside()
        self.tell(listed("choir", "music", 1), listed("walk", "walking", 5))
        self.tell(referral("ada", "music"), referral("bo", "music", "walking"))

    @contextmanager
    def look(self) -> Iterator[Any]:
        """The store as of now; who has looked into it waits until they may rank."""
        with self.embedded.reading("matcher") as store:
            yield store
        self.has_looked.set()
        assert self.may_rank.wait(30)

    def tell(self, *facts: Data) -> dict[str, list[str]]:
        """What the matcher answers to these facts a minute later, by person: the groups in their order."""
        return self.at(self.clock.now() + timedelta(minutes=1), *facts)

    def at(self, moment: datetime, *facts: Data) -> dict[str, list[str]]:
        """The same at this moment."""
        self.clock.set(moment)
        self.embedded.decide("intake", [Tell(facts)])
        return self.settled()

    def settled(self) -> dict[str, list[str]]:
        """The same after the night, where there is one."""

        def over() -> bool:
            self.embedded.settle()
            return not any(night.found == "begun" for night in [self.last()] if night)

        until(over, "the night is over")
        return {event.data.person: [match["group_id"] for match in event.data.matching.matches] for event in self.answers()}

    def answers(self) -> Sequence[Any]:
        """What the matcher has answered since this was asked for last."""
        stored = self.embedded.records("matches", self.seen, 1000)
        self.seen = stored[-1].position if stored else self.seen
        vault = Vault("coordinator", self.embedded.keys, MATCHING)
        return [opened(decode(one.record), vault, MATCHING) for one in stored if one.record.source.endswith("/matcher")]

    def last(self) -> Rematch | None:
        """The newest night."""
        with self.embedded.reading("matcher") as store:
            last: Rematch | None = store.last_rematch()
        return last

    def night(self, day: int, *facts: Data, meanwhile: tuple[Data, ...] = ()) -> dict[str, list[str]]:
        """What is answered at three in the morning of a day of March; `meanwhile` is learned while it is ranked who waits."""
        if not meanwhile:
            return self.at(datetime(2026, 3, day, 3, 0, tzinfo=LONDON), *facts)
        self.may_rank.clear()
        self.has_looked.clear()
        self.clock.set(datetime(2026, 3, day, 3, 0, tzinfo=LONDON))
        self.embedded.settle()
        assert self.last() == Rematch(date(2026, 3, day), "begun")
        assert self.has_looked.wait(30)
        self.embedded.decide("intake", [Tell(meanwhile)])
        self.embedded.settle()
        self.may_rank.set()
        return self.settled()


def listed(group_id: str, tag: str, available: int) -> GroupListed:
    group = Group(group_id=group_id, name=group_id, tags=[tag], capacity=Capacity(maximum=9, available=available))
    return GroupListed(group_id=group_id, feed="town", content="", group=group)


def referral(person: str, *tags: str) -> ReferralReceived:
    matching = ReferralMatching(tags=list(tags), consent=Consent(match=True))
    return ReferralReceived(person=person, case_id=f"case-{person}", received_at=OPENS, matching=matching)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.embedded.end_calls()
    town.embedded.close()


def test_who_is_better_off_elsewhere_is_proposed_it_and_nobody_else_hears_anything(town: Town) -> None:
    assert town.at(datetime(2026, 3, 3, 2, 59, tzinfo=LONDON)) == {}
    assert town.night(3) == {"bo": ["walk", "choir"]}
    last = town.last()
    assert last is not None
    assert (last.found, last.waiting, last.changed, last.groups) == ("done", 2, 1, 2)
    assert last.jointly >= last.one_by_one > 0


def test_the_new_first_says_why_and_the_full_one_that_it_is_likely_to_be_full(town: Town) -> None:
    seen = town.seen
    town.night(3)
    town.seen = seen
    [answer] = town.answers()
    [walk, choir] = [[reason[0] for reason in match["reasons"]] for match in answer.data.matching.matches]
    assert "shared_out_alike" in walk
    assert "likely_full" in choir
    assert answer.data.matching.matches[0]["rank"] == 1


def test_a_night_comes_once_and_the_next_one_proposes_nothing_that_stands_already(town: Town) -> None:
    assert town.night(3) == {"bo": ["walk", "choir"]}
    assert town.tell() == {}
    assert town.night(4) == {}
    assert town.night(5, PlaceHeld(**{**CHOIR, "person": "cy", "case_id": "case-cy"}, count=1, free=0)) == {"ada": ["walk"]}


def test_the_first_night_is_the_one_after_the_first_start(town: Town) -> None:
    last = town.last()
    assert last is not None
    assert (last.found, last.night.isoformat()) == ("first", "2026-03-02")


DECIDED: list[Sequence[Data]] = [
    [GroupChosen(**BO, group_id="choir", version=1)],
    [RedFlagRaised(**BO, flag_id="flag-1")],
    [ReferralWithdrawn(**BO)],
    [ReferralClosed(**BO)],
    [PersonErased(person="bo")],
    [ConsentChanged(person="bo", matching=ConsentChoice(consent=Consent(match=False), said_by="person", about=["match"]))],
    [MatchesDeclined(**BO, version=1), GroupChosen(**BO, group_id="choir", version=2)],
]


@pytest.mark.parametrize("facts", DECIDED, ids=lambda facts: "-".join(type(fact).__name__ for fact in facts))
def test_a_case_that_does_not_wait_is_left_alone(town: Town, facts: Sequence[Data]) -> None:
    for fact in facts:
        town.tell(fact)
    assert town.night(3) == {}
    last = town.last()
    assert last is not None
    assert last.waiting == 1


def test_a_choice_that_came_to_nothing_waits_again(town: Town) -> None:
    town.tell(GroupChosen(**BO, group_id="choir", version=1))
    town.tell(PlaceReleased(**CHOIR, count=1, free=1, reason="refused_by_organiser"))
    assert town.night(3) == {}
    last = town.last()
    assert last is not None
    assert last.waiting == 2


MEANWHILE: dict[str, tuple[Data, dict[str, list[str]]]] = {
    "declined": (MatchesDeclined(**BO, version=1, matching=Declined(groups={"walk": "too_far"})), {"bo": ["choir"]}),
    "chosen": (GroupChosen(**BO, group_id="choir", version=1), {}),
    "erased": (PersonErased(person="bo"), {}),
    "the first group gone": (GroupDelisted(group_id="walk", feed="town", reason="removed"), {}),
    "the first group full": (PlaceHeld(**{**CHOIR, "person": "cy", "case_id": "case-cy", "group_id": "walk"}, count=1, free=0), {}),
    "another group gone": (GroupDelisted(group_id="choir", feed="town", reason="removed"), {}),
}


@pytest.mark.parametrize(("fact", "answers"), MEANWHILE.values(), ids=list(MEANWHILE))
def test_what_is_learned_while_it_is_ranked_stands_above_the_night(town: Town, fact: Data, answers: dict[str, list[str]]) -> None:
    assert town.night(3, meanwhile=(fact,)) == answers
    last = town.last()
    assert last is not None
    assert (last.found, last.waiting, last.changed) == ("done", 2, 0)


def test_who_was_spread_by_day_is_not_moved_back_by_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sing as well, the choir nobody was sent to lately comes first, and the night finds nothing to change."""
    monkeypatch.setenv("TOGETHER_SPREAD", "0.5")
    town = Town(tmp_path)
    held = PlaceHeld(**{**CHOIR, "person": "cy", "case_id": "case-cy"}, count=1, free=8)
    town.tell(listed("choir", "music", 9), listed("singers", "music", 9))
    assert town.tell(referral("dee", "music")) == {"dee": ["choir", "singers", "walk"]}
    town.tell(held)
    assert town.tell(referral("eve", "music")) == {"eve": ["singers", "choir", "walk"]}
    assert "eve" not in town.night(3)
    town.embedded.end_calls()
    town.embedded.close()
