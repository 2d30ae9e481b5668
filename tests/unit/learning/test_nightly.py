"""When it learns, and what is written down of a night."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from models.registry import Registry
from services.learning.domain import Kept
from services.learning.groups_view import GroupsView
from services.learning.handlers import keep_facts
from services.learning.nightly import LearnAtNight, Night, Result, Work
from tests.unit.learning.learning_cases import StoreInMemory, consent, event, referral, session

NIGHT = Night(time(2), ZoneInfo("Europe/London"), enough=3, tolerance=0.01)
FIRST = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
"""02:00 in London's summer."""


@dataclass
class Nights:
    """A store, and the errand over it."""

    folder: Path
    installed: bool = True
    store: StoreInMemory = field(default_factory=StoreInMemory)
    _told: int = 0

    @contextmanager
    def look(self) -> Iterator[StoreInMemory]:
        """The store."""
        yield self.store

    @property
    def errand(self) -> LearnAtNight:
        """As a process that starts has it."""
        return LearnAtNight(self.look, GroupsView(), Registry(self.folder), NIGHT, self.installed)

    def came(self, times: int) -> None:
        """So many outcomes more of somebody who agrees."""
        for _ in range(times):
            self._told += 1
            keep_facts([event(self._told, session(revision=self._told))], self.store)

    def claim(self, now: datetime) -> list[Work]:
        """What is to be done now."""
        return list(self.errand.claim(now, self.store).work)

    def found(self) -> list[str]:
        """What every night found."""
        return [run.found for run in self.store.runs()]


def test_it_learns_once_a_night_from_two_o_clock_on(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.came(3)
    [work] = nights.claim(FIRST)
    nights.store.end(replace(work.run, found="not_promoted"))
    nights.came(3)
    assert nights.claim(FIRST + timedelta(hours=23, minutes=59)) == []
    [again] = nights.claim(FIRST + timedelta(hours=24))
    assert (again.run.number, again.run.outcomes) == (2, 6)


def test_a_night_without_enough_news_is_told_once_and_what_came_adds_up(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.came(2)
    assert nights.claim(FIRST) == nights.claim(FIRST + timedelta(minutes=5)) == []
    assert [run.because for run in nights.store.runs()] == ["2 new outcomes, and it learns from 3 on"]
    nights.came(1)
    assert len(nights.claim(FIRST + timedelta(days=1))) == 1


def test_a_run_that_was_cut_short_is_told_and_tried_again_the_next_night(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.came(3)
    nights.claim(FIRST)
    assert nights.claim(FIRST + timedelta(hours=1)) == []
    assert nights.found() == ["cut_short"]
    assert len(nights.claim(FIRST + timedelta(days=1))) == 1


def test_where_what_trains_is_not_installed_it_says_so_once(tmp_path: Path) -> None:
    nights = Nights(tmp_path, installed=False)
    nights.came(9)
    assert [nights.claim(FIRST + timedelta(days=day)) for day in range(3)] == [[], [], []]
    assert nights.found() == ["not_installed"]
    nights.installed = True
    assert len(nights.claim(FIRST + timedelta(days=4))) == 1


def test_a_night_of_which_nobody_who_agrees_came_learns_nothing(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    keep_facts([event(900, referral(learning=False))], nights.store)
    nights.came(3)
    errand = nights.errand
    facts = errand.record(errand.run(nights.claim(FIRST)), nights.store)
    assert (list(facts), nights.found()) == ([], ["nothing_to_learn"])


def test_a_model_of_somebody_who_takes_their_consent_back_meanwhile_is_not_promoted(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    keep_facts([event(900, referral())], nights.store)
    nights.came(3)
    [work] = nights.claim(FIRST)
    result = Result(replace(work.run, found="promoted", because="wins"), frozenset({"ada"}), Kept("m", "m", "aa"))
    keep_facts([event(901, consent(False))], nights.store)
    assert list(nights.errand.record([result], nights.store)) == []
    assert (nights.found(), nights.store.history()) == (["withdrawn"], [])
    keep_facts([event(902, consent(True))], nights.store)
    assert len(list(nights.errand.record([result], nights.store))) == 1
    assert (nights.found(), [one.name for one in nights.store.history()]) == (["promoted"], ["m"])
