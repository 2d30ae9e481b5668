"""What is heard of a group's capacity, from feeds and by hand, and when the owner of the group's places is told."""

from typing import Any

import pytest

from schemas.events.base import Data
from schemas.events.groups import GroupListed
from schemas.events.places import CapacitySet
from schemas.group import Capacity
from services.chassis.errors import Conflict, NotFound, Rejected
from services.chassis.service import Decided
from services.directory.domain import BY_HAND, DelistMissing, SetCapacity
from services.directory.handlers import delist_missing, list_groups, set_capacity
from tests.unit.directory.store_in_memory import AT, StoreInMemory, listing

SEVEN = {"maximum": 7, "available": 3}


@pytest.fixture
def store() -> StoreInMemory:
    return StoreInMemory()


def told(decided: Decided) -> list[Data]:
    """The facts that followed."""
    assert not isinstance(decided, Rejected)
    return [fact.data for fact in decided]


def imported(store: StoreInMemory, feed: str = "town", **fields: Any) -> list[Data]:
    """What follows when a feed lists the choir."""
    [decided] = list_groups([listing("choir", feed, **fields)], store)
    return told(decided)


def capacities(facts: list[Data]) -> list[tuple[int | None, int | None, bool, int]]:
    """The capacities that were said, each with its revision."""
    return [(one.maximum, one.available, one.waitlist, one.revision) for one in facts if isinstance(one, CapacitySet)]


def by_hand(store: StoreInMemory, **capacity: Any) -> list[Data]:
    """What follows when the choir's capacity is set by hand."""
    return told(set_capacity(SetCapacity("choir", Capacity.model_validate(capacity), AT), store))


def listed_with(facts: list[Data]) -> list[Capacity | None]:
    """The capacities with which the group was listed."""
    return [one.group.capacity for one in facts if isinstance(one, GroupListed)]


def test_a_capacity_is_said_when_it_is_first_heard_and_not_when_it_is_said_again(store: StoreInMemory) -> None:
    assert capacities(imported(store, capacity=SEVEN)) == [(7, 3, False, 1)]
    assert imported(store, capacity=SEVEN) == []
    assert capacities(imported(store, capacity=SEVEN, description="Songs")) == []


def test_a_new_group_without_a_capacity_has_nothing_to_be_told(store: StoreInMemory) -> None:
    assert [type(one) for one in imported(store, sessions=[{"weekday": "tue", "start": "14:00"}])] == [GroupListed]


def test_another_capacity_or_a_newer_stamp_is_news(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN)

    assert capacities(imported(store, capacity={"maximum": 7, "available": 2})) == [(7, 2, False, 2)]
    assert capacities(imported(store, capacity={"maximum": 7, "available": 2, "updated": "2026-03-01T09:00:00Z"})) == [(7, 2, False, 3)]
    assert capacities(imported(store, capacity={"maximum": 7, "available": 2, "updated": "2026-03-01T10:00:00+01:00"})) == []
    assert capacities(imported(store, capacity={"maximum": 7, "available": 2, "updated": "2026-02-01"})) == []
    assert capacities(imported(store, capacity={"maximum": 7, "available": 2, "updated": "lately"})) == []
    assert capacities(imported(store, capacity={"maximum": 7, "available": 2, "updated": "2026-03-01T09:00:01"})) == [(7, 2, False, 4)]
    assert capacities(imported(store)) == [(None, None, False, 5)]


@pytest.mark.parametrize(
    "changed", [{"status": "paused"}, {"sessions": [{"weekday": "wed", "start": "10:00"}]}, {"newcomers_per_week": 2}, {"time_zone": "Europe/Paris"}]
)
def test_what_else_places_depend_on_is_told_under_the_same_revision(store: StoreInMemory, changed: dict[str, Any]) -> None:
    imported(store, capacity=SEVEN)

    assert capacities(imported(store, capacity=SEVEN, **changed)) == [(7, 3, False, 1)]
    assert imported(store, capacity=SEVEN, **changed) == []


def test_the_order_and_the_ends_of_sessions_move_nobody(store: StoreInMemory) -> None:
    sessions = [{"weekday": "tue", "start": "14:00"}, {"weekday": "wed", "start": "10:00"}]
    imported(store, sessions=sessions)

    assert capacities(imported(store, sessions=[sessions[1] | {"end": "11:00"}, sessions[0]])) == []


def test_a_group_that_comes_back_is_told_to_the_owner_of_its_places(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN)
    assert [type(fact.data).__name__ for fact in delist_missing(DelistMissing("town", frozenset(), anyway=True), store)] == ["GroupDelisted"]

    assert capacities(imported(store, capacity=SEVEN)) == [(7, 3, False, 1)]


def test_a_capacity_follows_from_the_listing_that_says_it(store: StoreInMemory) -> None:
    [decided] = list_groups([listing("choir", capacity=SEVEN)], store)

    assert not isinstance(decided, Rejected)
    listed, capacity = decided
    assert capacity.cause is listed


def test_a_capacity_set_by_hand_is_listed_and_said_and_everything_else_stays(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN, description="Songs")

    facts = by_hand(store, maximum=9, waitlist=True)

    assert listed_with(facts) == [Capacity(maximum=9, waitlist=True)]
    assert capacities(facts) == [(9, None, True, 2)]
    [group] = [one for one in facts if isinstance(one, GroupListed)]
    assert (group.feed, group.group.description, group.vector) == ("town", "Songs", "vector")
    assert by_hand(store, maximum=9, waitlist=True) == []


def test_a_capacity_set_by_hand_stands_until_the_feed_says_another_than_it_did(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN)
    by_hand(store, maximum=9)

    assert imported(store, capacity=SEVEN) == []
    renamed = imported(store, capacity=SEVEN, name="Choir")
    assert (listed_with(renamed), capacities(renamed)) == ([Capacity(maximum=9)], [])
    another = imported(store, capacity={"maximum": 7, "available": 2}, name="Choir")
    assert (listed_with(another), capacities(another)) == ([Capacity(maximum=7, available=2)], [(7, 2, False, 3)])


def test_a_capacity_set_by_hand_stands_where_the_feed_says_none(store: StoreInMemory) -> None:
    imported(store)
    assert capacities(by_hand(store, maximum=9)) == [(9, None, False, 1)]

    assert imported(store) == []


def test_a_group_put_by_hand_says_its_capacity_whatever_its_feed_said(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN)
    by_hand(store, maximum=9)

    assert capacities(imported(store, feed=BY_HAND, capacity={"maximum": 9})) == []
    as_given = imported(store, feed=BY_HAND, capacity={"maximum": 9, "note": "with the hall"})
    assert ([one and one.model_extra for one in listed_with(as_given)], capacities(as_given)) == ([{"note": "with the hall"}], [])
    assert capacities(imported(store, feed=BY_HAND, capacity=SEVEN)) == [(7, 3, False, 3)]
    assert capacities(imported(store, feed=BY_HAND)) == [(None, None, False, 4)]


def test_the_capacity_that_stands_opens_a_group_that_its_organiser_shut_and_lists_nothing_anew(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN)
    store.shut_groups.add("choir")

    facts = by_hand(store, **SEVEN)

    assert (listed_with(facts), capacities(facts)) == ([], [(7, 3, False, 2)])


def test_no_capacity_is_set_of_a_group_that_is_not_listed(store: StoreInMemory) -> None:
    with pytest.raises(NotFound):
        by_hand(store, maximum=9)
    imported(store)
    delist_missing(DelistMissing("town", frozenset(), anyway=True), store)
    with pytest.raises(NotFound):
        by_hand(store, maximum=9)


def test_another_feed_s_capacity_is_not_heard(store: StoreInMemory) -> None:
    imported(store, capacity=SEVEN)

    [refused] = list_groups([listing("choir", "county", capacity={"maximum": 99})], store)

    assert isinstance(refused, Conflict)
    assert imported(store, capacity=SEVEN) == []


def test_capacities_of_one_group_in_one_batch_are_heard_in_order(store: StoreInMemory) -> None:
    decided = list_groups([listing("choir", capacity={"maximum": maximum}) for maximum in (5, 5, 6, 5)], store)

    assert [capacities(told(one)) for one in decided] == [[(5, None, False, 1)], [], [(6, None, False, 2)], [(5, None, False, 3)]]
