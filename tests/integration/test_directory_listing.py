"""Groups listed, listed again and delisted in a real data folder; an organiser's contact is in clear in none of its bytes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from schemas.events.base import Sealed
from schemas.events.groups import GroupListed
from schemas.group import Group, GroupContact
from services.chassis.codec import decode
from services.chassis.errors import Conflict, Rejected
from services.directory.domain import BY_HAND, DelistMissing
from services.directory.store import Wanted
from tests.integration.directory_folder import NOW, Folder, facts, folder, group

ORGANISER = {"name": "Zebedee Quillfeather", "email": "zebedee.quillfeather@knitting.example", "phone": "01632 960471"}
SESSIONS = [{"weekday": "tue", "start": "14:00", "end": "16:00"}]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Folder]:
    with folder(tmp_path / "data") as opened:
        yield opened


def test_a_feed_is_listed_and_read_back(town: Folder) -> None:
    groups = [
        group("knit", tags=["crafts"], sessions=SESSIONS, contact=ORGANISER, website="https://knit.example"),
        group("chess", postcode="LS6 3AA"),
    ]

    assert facts(town.list(groups)) == ["GroupListed knit", "GroupListed chess"]
    assert town.listed() == {
        "chess": groups[1].model_copy(update={"latitude": 53.82, "longitude": -1.57}),
        "knit": groups[0].model_copy(update={"contact": None}),
    }
    with town.reading() as store:
        known = store.get("chess")
        assert known
        assert (known.feed, known.area, known.updated_at) == ("town", "LS6", NOW.isoformat())


def test_the_same_feed_again_writes_nothing_and_embeds_nothing(town: Folder) -> None:
    groups = [group("knit", contact=ORGANISER), group("chess")]
    town.list(groups)
    end, embedded = town.embedded.end_of("groups"), town.encoder.texts

    assert town.list(groups) == [[], []]
    assert town.embedded.end_of("groups") == end
    assert town.encoder.texts == embedded == 2


def test_only_what_changed_is_listed_again_and_only_a_new_text_is_embedded(town: Folder) -> None:
    town.list([group("knit"), group("chess"), group("go")])

    again = town.list([group("knit", cost=2), group("chess", description="Quiet games."), group("go")])

    assert facts(again) == ["GroupListed knit", "GroupListed chess"]
    assert town.encoder.texts == 4
    assert (town.listed()["knit"].cost, town.listed()["chess"].description) == (2, "Quiet games.")


def test_a_group_that_was_replaced_keeps_no_old_session_or_tag(town: Folder) -> None:
    town.list([group("knit", tags=["crafts", "tea"], sessions=SESSIONS)])
    town.list([group("knit", tags=["crafts"])])

    with town.reading() as store:
        assert [store.count(Wanted(tag=tag)) for tag in ("crafts", "tea")] == [1, 0]
        assert store.count(Wanted(weekday="tue")) == 0


def test_a_group_gone_from_its_feed_is_delisted_and_its_contact_dropped(town: Folder) -> None:
    town.list([group("knit", contact=ORGANISER), group("chess")])
    town.list([group("bowls")], feed="county")

    assert facts(town.embedded.decide("directory", [DelistMissing("town", frozenset({"chess"}))])) == ["GroupDelisted knit"]

    assert sorted(town.listed()) == ["bowls", "chess"]
    with town.reading() as store:
        assert store.get("knit") is None
        assert store.contacts(["knit"]) == {}
    assert facts(town.list([group("knit", contact=ORGANISER)])) == ["GroupListed knit", "CapacitySet knit"]
    assert town.encoder.texts == 3


def test_half_a_feed_gone_is_refused_and_nothing_is_delisted(town: Folder) -> None:
    town.list([group(str(number)) for number in range(5)])

    [answer] = town.embedded.decide("directory", [DelistMissing("town", frozenset({"0", "1"}))])

    assert isinstance(answer, Rejected)
    assert "3 of the 5" in str(answer)
    assert len(town.listed()) == 5
    assert len(facts(town.embedded.decide("directory", [DelistMissing("town", frozenset({"0", "1"}), anyway=True)]))) == 3


def test_another_feeds_group_is_refused_and_stays_as_it_was(town: Folder) -> None:
    town.list([group("knit")])

    refused, listed = town.list([group("knit", name="Somebody else's"), group("bowls")], feed="county")

    assert isinstance(refused, Conflict)
    assert facts([listed]) == ["GroupListed bowls"]
    assert town.listed()["knit"].name == "Group knit"


def test_what_is_kept_by_hand_is_not_changed_and_not_delisted_by_its_former_feed(town: Folder) -> None:
    town.list([group("knit"), group("chess")])
    town.list([group("knit", status="paused")], feed=BY_HAND)

    assert isinstance(town.list([group("knit")])[0], Conflict)
    assert facts(town.embedded.decide("directory", [DelistMissing("town", frozenset({"chess"}))])) == []
    assert town.listed()["knit"].status == "paused"


def test_a_contact_is_in_clear_nowhere_in_the_folder(town: Folder) -> None:
    town.list([group("knit", contact=ORGANISER, description="We knit in the library.")])
    town.list([group("knit", contact=ORGANISER, description="We knit in the library. There is tea.")])
    town.embedded.truncate()

    found = town.bytes()

    assert b"There is tea." in found
    for detail in ORGANISER.values():
        assert detail.encode() not in found
        assert detail.split("@")[0].encode() not in found


def test_a_contact_opens_for_the_directory_from_its_store_and_from_its_fact(town: Folder) -> None:
    town.list([group("knit", contact=ORGANISER), group("chess")])

    with town.reading() as store:
        assert store.contacts(["knit", "chess"]) == {"knit": GroupContact.model_validate(ORGANISER)}
    [event, other] = [decode(stored.record) for stored in town.embedded.records("groups", 0, 10)]
    assert isinstance(event.data, GroupListed)
    assert isinstance(event.data.contact, Sealed)
    assert event.data.group.contact is None
    assert isinstance(other.data, GroupListed)
    assert other.data.contact is None


def test_a_stored_contact_opens_for_no_other_group_and_no_other_content(town: Folder) -> None:
    town.list([group("knit", contact=ORGANISER), group("chess", contact={"name": "Flo"})])
    with closing(sqlite3.connect(town.path / "together.sqlite3")) as database, database:
        database.execute("UPDATE groups SET contact = (SELECT contact FROM groups WHERE group_id = 'knit') WHERE group_id = 'chess'")

    with town.reading() as store, pytest.raises(Rejected, match="does not open"):
        store.contacts(["chess"])


def test_what_is_exported_is_listed_the_same_elsewhere(town: Folder, tmp_path: Path) -> None:
    town.list(
        [group("knit", contact=ORGANISER, sessions=SESSIONS, access=[], tags=["crafts"]), group("chess", postcode="LS6 3AA", genders=["woman"])]
    )
    exported = [Group.model_validate_json(one.model_dump_json()) for one in town.listed().values()]

    with folder(tmp_path / "elsewhere") as elsewhere:
        elsewhere.list(exported)
        assert elsewhere.listed() == town.listed()
