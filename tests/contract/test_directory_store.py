"""What the directory's store promises over either database."""

from datetime import UTC, date, datetime
from typing import Any

from schemas.events.places import HeldSession, WeeklySession
from schemas.group import Capacity, GroupContact
from services.directory.domain import KnownGroup, ListGroup, Listing
from services.directory.places.book import Book, Place
from services.directory.places.room import Room
from services.directory.places.said import Said
from services.directory.store import Near, Wanted
from tests.contract.conftest import Ground
from tests.unit.directory.store_in_memory import listing

CONTACT = GroupContact(name="Marigold", email="marigold@example.org")
CHOIR: dict[str, Any] = {
    "tags": ["singing"],
    "description": "Sings 100% on Über-Tuesdays",
    "minimum_age": 50,
    "maximum_age": 80,
    "latitude": 53.8,
    "longitude": -1.55,
    "sessions": [{"weekday": "tue", "start": "10:00", "end": "12:00"}],
    "capacity": {"maximum": 9, "waitlist": True},
}


def keep(ground: Ground, *commands: ListGroup) -> None:
    with ground.turn("directory") as store:
        store.save([Listing(command, store.hash(command.prepared.content)) for command in commands])


def ids(ground: Ground, **wanted: Any) -> list[str]:
    with ground.turn("directory") as store:
        found = [one.group.group_id for one in store.page(Wanted(**wanted), 10)]
        assert store.count(Wanted(**wanted)) == len(found)
    return found


def test_a_group_is_kept_as_it_was_listed_last_with_its_contact_sealed(ground: Ground) -> None:
    keep(ground, listing("choir", contact=CONTACT))
    command = listing("choir", contact=CONTACT, **CHOIR)
    keep(ground, command)
    with ground.turn("directory") as store:
        last = store.last_listing("choir")
        assert (last.feed, last.at, last.prepared.group, last.prepared.contact) == ("town", command.at, command.prepared.group, CONTACT)
        assert store.known(["choir", "chess"]) == {"choir": KnownGroup("choir", "town", store.hash(command.prepared.content), True)}
        assert store.contacts(["choir"]) == {"choir": CONTACT}
        assert store.vectors("encoder", ["hash", "other"]) == {"hash": "vector"}
        assert store.listed_ids("town") == {"choir"}


def test_a_group_that_is_delisted_is_known_and_not_found(ground: Ground) -> None:
    keep(ground, listing("choir", contact=CONTACT, **CHOIR), listing("chess"))
    with ground.turn("directory") as store:
        store.delist(["choir"])
        assert store.get("choir") is None
        assert [one.listed for one in store.known(["choir"]).values()] == [False]
        assert store.contacts(["choir"]) == {}
    assert ids(ground) == ["chess"]


def test_pages_follow_one_another_in_the_order_of_bytes(ground: Ground) -> None:
    keep(ground, *(listing(id_) for id_ in ("é", "a", "_", "Z", "a-b", "aa")))
    assert ids(ground) == ["Z", "_", "a", "a-b", "aa", "é"]
    with ground.turn("directory") as store:
        assert [one.group.group_id for one in store.page(Wanted(), 2, after="_", offset=1)] == ["a-b", "aa"]
        assert [one.group.group_id for one in store.all()] == ["Z", "_", "a", "a-b", "aa", "é"]


def test_groups_are_found_by_what_is_said_of_them(ground: Ground) -> None:
    keep(ground, listing("choir", **CHOIR), listing("chess", tags=["games"]))
    assert ids(ground, search="100% über") == ids(ground, tag="Singing") == ids(ground, weekday="tue") == ["choir"]
    assert ids(ground, minimum_age=50.0, maximum_age=80.5) == ids(ground, starts_from="10:00", ends_by="12:00") == ["choir"]
    assert ids(ground, search="_") == ids(ground, starts_from="10:01") == ids(ground, minimum_age=51) == ids(ground, search="a\x00") == []
    with ground.turn("directory") as store:
        [(km, id_)] = store.around(Near(53.8, -1.56, 5), Wanted())
        assert id_ == "choir"
        assert 0.6 < km < 0.7
        assert store.around(Near(51.5, 0, 5), Wanted()) == []


def test_what_was_said_of_capacities_is_kept_as_it_was_said_last(ground: Ground) -> None:
    said = Said(Capacity(maximum=9), Capacity(maximum=8, waitlist=True), 3, "[]")
    with ground.turn("directory") as store:
        store.remember({"choir": Said(), "chess": Said()})
        store.remember({"choir": said})
        assert store.said(["choir", "none"]) == {"choir": said}


def test_a_book_comes_back_as_it_was_kept(ground: Ground) -> None:
    session = HeldSession(date=date(2026, 3, 3), start=datetime(2026, 3, 3, 10, tzinfo=UTC))
    held = Place("place-1", "ada", "case-1", 1, WeeklySession(weekday="tue", start="10:00"), session, confirmed=True)
    waiting = Place("place-2", "bo", "case-2", 2)
    book = Book("choir", None, Room(9, 4, True, 2, 3, "full"), 7, {"place-1": held}, {"place-2": waiting}, touched={"place-1", "place-2"})
    with ground.turn("directory") as store:
        store.keep([book])
        assert store.shut("choir")
        assert not store.shut("chess")
    book.lose("place-1", before_request="declined")
    with ground.turn("directory") as store:
        store.keep([book])
        found = store.books({"choir": ["place-1", "place-2"], "chess": []})
        assert (found["choir"].room, found["choir"].count, found["choir"].held) == (book.room, 7, {})
        assert (found["choir"].waiting, found["choir"].lost) == ({"place-2": waiting}, {"place-1": "declined"})
        assert found["chess"].room == Room()
