"""Imports in any order: each feed ends as it was last read, touches no other feed's groups, and a second import of the same changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Rejected
from services.directory.domain import DelistMissing
from services.directory.handlers import delist_missing, list_groups
from tests.unit.directory.store_in_memory import StoreInMemory, facts, listing

Feed = dict[str, int]
"""A feed's groups, each with the version of its text."""

feeds = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 2))
imports = st.lists(st.tuples(st.sampled_from(["town", "county"]), feeds, st.booleans()), max_size=8)


def import_feed(store: StoreInMemory, name: str, feed: Feed, *, anyway: bool) -> tuple[int, bool]:
    """Import as the command line does; how many facts followed, and whether delisting was refused."""
    try:
        gone = len(delist_missing(DelistMissing(name, frozenset(feed), anyway), store))
        refused = False
    except Rejected:
        gone, refused = 0, True
    commands = [listing(group_id, feed=name, description=f"version {version}") for group_id, version in feed.items()]
    return gone + len(facts(list_groups(commands, store))), refused


def listed(store: StoreInMemory, name: str) -> Feed:
    """The groups listed from a feed, each with its version."""
    return {id_: int(store.saved[id_].command.prepared.group.description.split()[1]) for id_ in store.listed_ids(name)}


@given(imports)
def test_a_feed_ends_as_it_was_read_but_for_what_belongs_to_another(history: list[tuple[str, Feed, bool]]) -> None:
    store = StoreInMemory()
    for name, feed, anyway in history:
        other = "county" if name == "town" else "town"
        before, others = listed(store, name), listed(store, other)

        _, refused = import_feed(store, name, feed, anyway=anyway)

        ours = {group_id: version for group_id, version in feed.items() if group_id not in others}
        assert listed(store, name) == (before | ours if refused else ours)
        assert listed(store, other) == others


@given(imports, st.data())
def test_the_same_feed_again_leads_to_no_fact(history: list[tuple[str, Feed, bool]], data: st.DataObject) -> None:
    store = StoreInMemory()
    for name, feed, _ in history:
        import_feed(store, name, feed, anyway=True)
        shuffled = dict(data.draw(st.permutations(list(feed.items()))))

        assert import_feed(store, name, shuffled, anyway=False) == (0, False)


@given(feeds, feeds)
def test_nothing_is_delisted_unasked_where_fewer_than_half_are_left(first: Feed, second: Feed) -> None:
    store = StoreInMemory()
    import_feed(store, "town", first, anyway=True)

    _, refused = import_feed(store, "town", second, anyway=False)

    assert refused == (len(first.keys() & second.keys()) < len(first) / 2)
