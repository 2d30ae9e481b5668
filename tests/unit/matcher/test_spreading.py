"""The matcher spreads people by the places free and those held lately: as it hears of them, less from day to day, and not at all unless it is set."""

from datetime import timedelta

import pytest

from models.ranker import packaged_prior
from models.seeker import Seeker
from models.spreading import HALF_LIFE_DAYS, STRENGTH, WAITING
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import PlaceHeld, PlaceReleased
from schemas.events.referrals import ReferralMatching
from schemas.group import Capacity, Group
from schemas.referral import Consent
from services.chassis.clock import HandSetClock
from services.matcher.directory_view import DirectoryView
from services.matcher.settings import MatcherSettings
from tests.unit.matcher.matcher_cases import NOW, ranking_by

SEEKER = Seeker(ReferralMatching(tags=["music"], consent=Consent(match=True)))


class Told:
    """A view of a choir, which fits best, and a band, each with four places; it is told facts a minute apart."""

    def __init__(self, strength: float = STRENGTH) -> None:
        self.clock, self.number = HandSetClock(NOW), 0
        self.view = DirectoryView(ranking_by(packaged_prior(), self.clock), self.clock, strength)
        self.listed("choir", cost=0.0).listed("band", cost=5.0)

    def listed(self, group_id: str, available: int = 4, cost: float = 0.0) -> "Told":
        """A group with so many places."""
        capacity = Capacity(maximum=9, available=available, waitlist=True)
        group = Group(group_id=group_id, name=group_id, tags=["music"], cost=cost, capacity=capacity)
        return self.apply(GroupListed(group_id=group_id, feed="town", content="", group=group))

    def held(self, count: int, free: int) -> "Told":
        """A place in the choir is held, so many are left."""
        return self.apply(PlaceHeld(group_id="choir", place_id=str(count), person="bo", case_id="c", free=free, count=count))

    def released(self, count: int, free: int) -> "Told":
        """A place in the choir is given back."""
        return self.apply(PlaceReleased(group_id="choir", place_id="1", person="bo", case_id="c", free=free, count=count, reason="declined"))

    def apply(self, data: Data) -> "Told":
        """Any fact."""
        self.number += 1
        self.clock.set(self.clock.now() + timedelta(minutes=1))
        self.view.apply([Event(f"e{self.number}", "/test", self.clock.now(), data, "e")])
        return self

    @property
    def counts(self) -> dict[str, float]:
        """By group in their order, what counts of its score."""
        [ranked] = self.view.propose([SEEKER])
        return {match.group_id: match.counts for match in ranked.matches}

    def after(self, days: int) -> "Told":
        """So many days later."""
        self.clock.set(self.clock.now() + timedelta(days=days))
        return self


def test_what_was_held_lately_counts_and_what_was_given_back_is_free_again() -> None:
    told = Told()
    assert told.counts == {"choir": 1, "band": 1}
    assert told.held(1, 3).counts["choir"] == 1 - STRENGTH / 4
    assert told.held(2, 2).counts["choir"] == 1 - STRENGTH / 2
    assert told.released(3, 3).counts["choir"] == 1 - STRENGTH * 2 / 5


def test_a_full_group_comes_after_another_and_comes_back_when_there_is_room() -> None:
    told = Told()
    for count in range(1, 5):
        told.held(count, 4 - count)
    assert list(told.counts.items()) == [("band", 1), ("choir", WAITING)]
    assert next(iter(told.listed("choir", 40).counts)) == "choir"


def test_a_place_is_heard_of_once_however_often_it_is_told() -> None:
    assert Told().held(1, 3).held(1, 3).counts == Told().held(1, 3).counts


def test_places_given_fade_from_day_to_day_while_nothing_is_heard() -> None:
    told = Told().held(1, 3)
    assert told.counts["choir"] < told.after(30).counts["choir"] < 1
    assert Told().held(1, 3).after(HALF_LIFE_DAYS).held(2, 3).counts["choir"] == pytest.approx(1 - STRENGTH * 1.5 / 4.5)


def test_a_group_that_is_gone_is_proposed_no_more() -> None:
    assert list(Told().held(1, 3).apply(GroupDelisted(group_id="choir", feed="town")).counts) == ["band"]


def test_what_was_taken_of_a_moment_stays_as_it_is() -> None:
    told = Told()
    taken = told.view.as_of_now()
    told.held(1, 3)
    [ranked] = taken.propose([SEEKER], 10)
    assert {match.group_id: match.counts for match in ranked.matches} == {"choir": 1, "band": 1}
    assert told.view.as_of_now().spread.counts["choir"].now == told.counts["choir"]


def test_nobody_is_spread_unless_it_is_set() -> None:
    assert MatcherSettings().spread == 0
    assert Told(MatcherSettings().spread).held(1, 0).counts == {"choir": 1, "band": 1}
