"""What follows from commands to the directory, over a store in memory."""

import pytest

from schemas.events.groups import GroupDelisted, GroupListed
from schemas.group import GroupContact
from services.chassis.errors import Conflict, Rejected
from services.directory.domain import BY_HAND, DelistMissing
from services.directory.handlers import delist_missing, list_groups
from tests.unit.directory.store_in_memory import StoreInMemory, facts, listing

CONTACT = GroupContact(name="Mo", phone="01632 960001")


@pytest.fixture
def store() -> StoreInMemory:
    return StoreInMemory()


def test_a_new_group_is_listed_whole_with_its_contact_apart(store: StoreInMemory) -> None:
    command = listing("a", contact=CONTACT)

    [fact] = facts(list_groups([command], store))

    assert fact == GroupListed(
        group_id="a",
        feed="town",
        group=command.prepared.group,
        area="LS6",
        content=store.hash("content", command.prepared.content).hex(),
        vector="vector",
        encoder="encoder",
        words=["games"],
        contact=CONTACT,
    )
    assert store.saved["a"].command is command


def test_an_unchanged_group_leads_to_no_fact_and_no_write(store: StoreInMemory) -> None:
    list_groups([listing("a"), listing("b")], store)
    kept = dict(store.saved)

    decided = list_groups([listing("a"), listing("b", name="Renamed")], store)

    assert decided[0] == []
    assert [fact.group_id for fact in facts(decided)] == ["b"]
    assert store.saved["a"] is kept["a"]


def test_a_change_of_nothing_but_the_contact_is_a_change(store: StoreInMemory) -> None:
    list_groups([listing("a", contact=CONTACT)], store)

    [fact] = facts(list_groups([listing("a", contact=GroupContact(name="Flo"))], store))

    assert isinstance(fact, GroupListed)
    assert fact.contact == GroupContact(name="Flo")


def test_another_feeds_group_is_refused_and_its_neighbours_are_listed(store: StoreInMemory) -> None:
    list_groups([listing("a")], store)

    decided = list_groups([listing("a", feed="county", name="Taken over"), listing("b", feed="county")], store)

    assert isinstance(decided[0], Conflict)
    assert [fact.group_id for fact in facts(decided)] == ["b"]
    assert store.saved["a"].command.feed == "town"


def test_by_hand_a_feeds_group_may_be_changed_and_the_feed_no_longer_changes_it(store: StoreInMemory) -> None:
    list_groups([listing("a")], store)

    assert [fact.feed for fact in facts(list_groups([listing("a", feed=BY_HAND, status="paused")], store))] == [BY_HAND]
    assert isinstance(list_groups([listing("a")], store)[0], Conflict)
    assert store.saved["a"].command.prepared.group.status == "paused"


def test_the_same_group_twice_in_a_batch_is_decided_in_order(store: StoreInMemory) -> None:
    decided = list_groups([listing("a"), listing("a"), listing("a", name="Renamed"), listing("a", feed="county")], store)

    assert [len(one) if not isinstance(one, Rejected) else "refused" for one in decided] == [1, 0, 1, "refused"]
    assert store.saved["a"].command.prepared.group.name == "Renamed"


def test_what_is_gone_from_a_feed_is_delisted_within_that_feed_only(store: StoreInMemory) -> None:
    list_groups([listing("a"), listing("b"), listing("c"), listing("x", feed="county")], store)

    gone = delist_missing(DelistMissing("town", frozenset({"a", "c", "new"})), store)

    assert [fact.data for fact in gone] == [GroupDelisted(group_id="b", feed="town")]
    assert store.delisted == {"b"}


def test_a_group_that_comes_back_is_listed_again(store: StoreInMemory) -> None:
    list_groups([listing("a"), listing("b")], store)
    delist_missing(DelistMissing("town", frozenset({"a"})), store)

    assert [fact.group_id for fact in facts(list_groups([listing("b")], store))] == ["b"]
    assert store.delisted == set()


def test_a_delisted_group_may_be_listed_by_another_feed(store: StoreInMemory) -> None:
    list_groups([listing("a"), listing("b")], store)
    delist_missing(DelistMissing("town", frozenset({"a"})), store)

    assert [fact.feed for fact in facts(list_groups([listing("b", feed="county")], store))] == ["county"]


def test_a_feed_that_lost_more_than_half_of_its_groups_delists_none(store: StoreInMemory) -> None:
    list_groups([listing("a"), listing("b"), listing("c")], store)

    with pytest.raises(Rejected, match=r"2 of the 3 groups .* none was delisted; --yes delists them"):
        delist_missing(DelistMissing("town", frozenset({"a", "new", "newer", "newest"})), store)
    assert store.delisted == set()


def test_whoever_says_that_it_is_meant_delists_even_all(store: StoreInMemory) -> None:
    list_groups([listing("a"), listing("b")], store)

    assert len(delist_missing(DelistMissing("town", frozenset(), anyway=True), store)) == 2
    assert delist_missing(DelistMissing("town", frozenset()), store) == []
