"""What places the matcher believes a group to have: the newest place event stands above the snapshot, until another capacity is listed."""

from datetime import timedelta

import pytest

from models.ranker import packaged_prior
from models.seeker import Seeker
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import PlaceHeld
from schemas.events.referrals import ReferralMatching
from schemas.group import Capacity, Group
from schemas.referral import Consent
from services.chassis.clock import HandSetClock
from services.matcher.directory_view import DirectoryView
from tests.unit.matcher.matcher_cases import NOW, ranking_by

SEEKER = Seeker(ReferralMatching(tags=["music"], consent=Consent(match=True)))


class Told:
    """A view that is told facts a minute apart."""

    def __init__(self) -> None:
        self.events: list[Event[Data]] = []
        self.view = DirectoryView(ranking_by(packaged_prior(), clock := HandSetClock(NOW)), clock)

    def listed(self, available: int | None, name: str = "Choir", waitlist: bool = False) -> "Told":
        """The choir is listed with so many of its nine places available."""
        capacity = Capacity(maximum=9, available=available, waitlist=waitlist)
        group = Group(group_id="choir", name=name, tags=["music"], capacity=capacity)
        return self._apply(GroupListed(group_id="choir", feed="town", content="", group=group))

    def free(self, free: int | None, count: int) -> "Told":
        """The directory says that so many places are free."""
        return self._apply(PlaceHeld(group_id="choir", place_id="p", person="ada", case_id="c", free=free, count=count))

    def delisted(self) -> "Told":
        """The choir is gone from its feed."""
        return self._apply(GroupDelisted(group_id="choir", feed="town"))

    def _apply(self, data: Data) -> "Told":
        self.events.append(Event(f"e{len(self.events)}", "/test", NOW + timedelta(minutes=len(self.events)), data, "e"))
        self.view.apply(self.events[-1:])
        return self

    @property
    def offered(self) -> bool:
        """Whether the choir is proposed."""
        [ranked] = self.view.propose([SEEKER])
        assert ranked.matches or ranked.ruled_out == {"place": 1} or not ranked.ruled_out
        return bool(ranked.matches)

    @property
    def version(self) -> str:
        """The directory's version."""
        return self.view.propose([SEEKER])[0].directory_version


def test_the_newest_place_event_stands_above_the_snapshot() -> None:
    told = Told().listed(3)
    assert told.offered
    assert not told.free(0, 1).offered
    assert told.free(1, 2).offered
    assert not Told().free(0, 1).listed(0).offered


def test_the_highest_count_counts_and_no_limit_says_nothing() -> None:
    assert not Told().listed(3).free(0, 2).free(1, 1).offered
    assert not Told().listed(3).free(0, 2).free(1, 2).offered
    assert not Told().listed(0).free(None, 1).offered


def test_a_full_group_with_a_waiting_list_is_offered() -> None:
    assert Told().listed(3, waitlist=True).free(0, 1).offered


def test_the_same_capacity_listed_again_leaves_the_place_event_standing_and_another_one_does_not() -> None:
    told = Told().listed(3).free(0, 1)
    assert not told.listed(3, name="Singers").offered
    assert told.listed(4).offered
    assert not told.free(0, 2).offered


def test_after_a_start_the_newer_of_the_newest_two_counts() -> None:
    told = Told().listed(3).free(0, 1)
    for events, offered in ((told.events[:], False), (told.listed(4).events[-1:] + told.events[1:2], True)):
        started = Told()
        started.view.apply([one for one in events if isinstance(one.data, GroupListed)])
        started.view.apply([one for one in events if isinstance(one.data, PlaceHeld)])
        assert started.offered == offered


def test_a_group_that_is_gone_is_not_offered_whatever_its_places() -> None:
    assert not Told().listed(3).free(2, 1).delisted().free(3, 2).offered
    assert Told().listed(3).free(0, 1).delisted().listed(3).offered


def test_the_version_changes_with_what_is_offered_and_with_nothing_less() -> None:
    told = Told().listed(9)
    version = told.version
    assert told.free(8, 1).version == version
    assert told.free(0, 2).version != version
    assert told.free(1, 3).version == version


def test_thousands_of_place_events_lay_nothing_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told().listed(9)
    monkeypatch.setattr("models.listed.content_digest", lambda group: pytest.fail(f"hashed {group.group_id} again"))
    before = told.view._directory
    for count in range(1, 2001):
        told.free(9 - count % 9, count)
    assert told.view._directory is before
    told.free(0, 2001)
    assert told.view._directory.vectors is before.vectors
