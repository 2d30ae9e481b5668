"""Places asked for and given in a real data folder: 200 people at once, imports in between, lost processes, the changes of the clocks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest

from schemas.events.places import PlaceHeld, PlaceWaitlisted
from schemas.group import Capacity
from services.directory.domain import DelistMissing, SetCapacity
from tests.integration.directory_folder import group
from tests.integration.places_folder import Town, town
from tests.unit.directory.place_desk import answered, given_up, requested

TUESDAYS = [{"weekday": "tue", "start": "14:00"}]
CHOIR: dict[str, Any] = {"sessions": TUESDAYS, "capacity": {"maximum": 7, "waitlist": True}}
PEOPLE = [f"{number:03d}" for number in range(200)]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as opened:
        yield opened


def test_200_people_at_once_hold_7_places_and_5_and_the_others_wait_or_are_refused(here: Town) -> None:
    here.list([group("choir", **CHOIR), group("chess", capacity={"maximum": 5})])
    order = {name: Random(name).sample(PEOPLE, 200) for name in ("choir", "chess")}
    here.ask(*(requested(order[name][number], group_id=name) for number in range(200) for name in order))

    here.embedded.settle()

    choir, chess = here.by_group()["choir"], here.by_group()["chess"]
    assert [one.place_id for one in choir] == order["choir"]
    assert [type(one) for one in choir] == [PlaceHeld] * 7 + [PlaceWaitlisted] * 193
    assert [one.place_id for one in chess if isinstance(one, PlaceHeld)] == order["chess"][:5]
    assert [type(one).__name__ for one in chess] == ["PlaceHeld"] * 5 + ["PlaceRefused"] * 195
    assert [one.count for one in choir] == [one.count for one in chess] == list(range(1, 201))
    assert (choir[-1].free, choir[-1].waiting) == (0, 193)

    withdrawn, moved_up = order["choir"][1:4], order["choir"][7:10]
    told = here.asked(*(given_up(place_id) for place_id in withdrawn))

    assert told == [line for gone, came in zip(withdrawn, moved_up, strict=True) for line in (f"Released {gone} withdrawn", f"Held {came}")]
    assert set(here.book("choir").held) == {order["choir"][0], *order["choir"][4:10]}


def test_what_is_not_listed_or_not_running_is_refused_and_every_id_is_derived(here: Town) -> None:
    here.list([group("chess", status="paused")])

    assert here.asked(requested("a", group_id="nowhere"), requested("b", group_id="chess")) == ["Refused a delisted", "Refused b not_running"]
    for place, request in zip(here.embedded.records("places", 0, 9), here.embedded.records("place-requests", 0, 9), strict=True):
        assert (place.record.causationid, place.record.correlationid) == (request.record.id, request.record.correlationid)


def test_places_survive_a_process_that_is_lost_between_any_two_batches(tmp_path: Path) -> None:
    with town(tmp_path) as first:
        first.list([group("choir", **CHOIR)])
        first.asked(*(requested(place_id) for place_id in PEOPLE[:9]), given_up("late"), given_up("000", "erased"))
        first.ask(requested("late"), given_up("001"), answered("002", accepted=True), requested("000"))

    with town(tmp_path) as second:
        assert second.asked(answered("002", accepted=True)) == ["Released late withdrawn", "Released 001 withdrawn", "Held 008", "Confirmed 002"]
        assert list(second.book("choir").held) == [*PEOPLE[2:9]]
        assert second.asked(answered("002", accepted=True)) == []
        assert second.asked(given_up("003"), requested("late"), requested("new")) == ["Released 003 withdrawn", "Held new"]


def test_an_erased_person_s_ids_are_in_no_table_of_the_directory(here: Town) -> None:
    here.list([group("choir", **CHOIR)])
    here.asked(*(requested(place_id) for place_id in PEOPLE[:9]))

    here.asked(given_up("003", "erased"), given_up("008", "erased"))

    with here.reading() as store:
        rows = [tuple(row) for table in ("group_places", "group_places_lost") for row in store._connection.exec_driver_sql(f"SELECT * FROM {table}")]
    assert "person of 004" in str(rows)
    assert not [row for row in rows if "of 003" in str(row) or "of 008" in str(row)]
    assert [row for row in rows if "003" in row]


def test_imports_in_between_change_nothing_that_is_held(here: Town) -> None:
    here.list([group("choir", **CHOIR), group("go"), group("bowls")])
    here.asked(*(requested(place_id) for place_id in PEOPLE[:8]))
    held = here.book("choir").held

    for changed in ({"description": "Songs"}, {"status": "paused"}, {"capacity": {"maximum": 1}}, {"capacity": None, "status": "inactive"}):
        here.list([group("choir", **CHOIR | changed)])
        assert here.asked() == []
    here.embedded.decide("directory", [DelistMissing("town", frozenset({"go", "bowls"}))])
    assert here.asked() == []

    assert here.book("choir").held == held
    assert here.asked(requested("new")) == ["Refused new delisted"]
    here.list([group("choir", **CHOIR | {"capacity": {"maximum": 9, "waitlist": True}})])
    assert here.asked() == ["Held 007"]


def test_a_schedule_that_changes_moves_who_has_not_been_there(here: Town) -> None:
    here.list([group("choir", **CHOIR)])
    here.asked(requested("a"))
    here.clock.set(datetime(2025, 3, 6, 9, tzinfo=UTC))
    here.asked(requested("b"))
    here.list([group("choir", **CHOIR | {"sessions": [{"weekday": "wed", "start": "10:30"}]})])

    assert here.asked() == ["Moved b"]
    assert here.sessions() == ["2025-03-04T14:00:00+00:00", "2025-03-11T14:00:00+00:00", "2025-03-12T10:30:00+00:00"]
    here.list([group("choir", **CHOIR | {"sessions": [{"weekday": "wed", "start": "10:30"}], "time_zone": "Europe/Paris"})])
    assert here.asked() == ["Moved b"]
    assert here.sessions()[-1] == "2025-03-12T10:30:00+01:00"


def test_first_sessions_keep_the_local_hour_over_both_changes_of_the_clocks(here: Town) -> None:
    here.list([group("choir", sessions=[{"weekday": "sun", "start": "10:00"}], newcomers_per_week=1)])
    here.clock.set(datetime(2026, 3, 20, 9, tzinfo=UTC))
    here.asked(*(requested(f"spring {number}") for number in range(3)))
    here.clock.set(datetime(2026, 10, 16, 9, tzinfo=UTC))
    here.asked(*(requested(f"autumn {number}") for number in range(3)))

    assert here.sessions() == [
        "2026-03-22T10:00:00+00:00", "2026-03-29T10:00:00+01:00", "2026-04-05T10:00:00+01:00",
        "2026-10-18T10:00:00+01:00", "2026-10-25T10:00:00+00:00", "2026-11-01T10:00:00+00:00",
    ]  # fmt: skip


def test_newcomers_come_so_many_a_week(here: Town) -> None:
    here.list([group("choir", sessions=[{"weekday": "tue", "start": "14:00"}, {"weekday": "thu", "start": "14:00"}], newcomers_per_week=3)])

    here.asked(*(requested(place_id) for place_id in PEOPLE[:7]))
    assert [str(session)[:10] for session in here.sessions()] == ["2025-03-04"] * 3 + ["2025-03-11"] * 3 + ["2025-03-18"]

    here.asked(given_up("001"), requested("again", ("thu", "14:00")))
    assert here.sessions()[-1] == "2025-03-06T14:00:00+00:00"
    here.asked(requested("another"))
    assert here.sessions()[-1] == "2025-03-18T14:00:00+00:00"


def test_a_capacity_set_by_hand_moves_the_list_up_and_outlives_the_import(here: Town) -> None:
    here.list([group("choir", **CHOIR)])
    here.asked(*(requested(place_id) for place_id in PEOPLE[:10]))

    here.embedded.decide("directory", [SetCapacity("choir", Capacity(maximum=9, waitlist=True), here.clock.now())])
    assert here.asked() == ["Held 007", "Held 008"]

    here.list([group("choir", **CHOIR)])
    assert here.asked(given_up("000")) == ["Released 000 withdrawn", "Held 009"]
    assert here.listed()["choir"].capacity == Capacity(maximum=9, waitlist=True)
    here.list([group("choir", **CHOIR | {"capacity": {"maximum": 20, "waitlist": True}})])
    here.embedded.settle()
    assert here.book("choir").free == 11


def test_a_group_that_is_full_in_its_organiser_s_words_opens_when_its_capacity_is_said_again(here: Town) -> None:
    here.list([group("choir", **CHOIR)])
    here.asked(*(requested(place_id) for place_id in PEOPLE[:8]))

    assert here.asked(answered("000", accepted=False, reason="full")) == ["Released 000 refused_by_organiser"]
    here.list([group("choir", **CHOIR)])
    assert here.asked() == []
    here.embedded.decide("directory", [SetCapacity("choir", Capacity(maximum=7, waitlist=True), here.clock.now())])
    assert here.asked() == ["Held 007"]


def test_the_feed_s_count_of_what_is_available_is_less_what_was_held_since(here: Town) -> None:
    fields: dict[str, Any] = {"capacity": {"maximum": 7, "available": 2, "updated": "2025-03-01"}}
    here.list([group("choir", **fields)])
    assert here.asked(requested("a"), requested("b"), requested("c"))[-1] == "Refused c full"

    here.list([group("choir", **fields, description="Songs")])
    assert here.asked(requested("d")) == ["Refused d full"]
    here.list([group("choir", capacity=fields["capacity"] | {"updated": "2025-03-02"})])
    assert here.asked(requested("e"), requested("f"), requested("g")) == ["Held e", "Held f", "Refused g full"]


def test_a_folder_from_before_there_were_places_takes_its_groups_as_they_are_listed(tmp_path: Path) -> None:
    with town(tmp_path) as before:
        before.list([group("choir", capacity={"maximum": 5, "available": 1}), group("go")])
        with before.embedded._writer.begin() as connection:
            for table in ("capacities_said", "place_books", "group_places", "group_places_lost"):
                connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.exec_driver_sql("UPDATE directory_migrations SET version_num = '0001'")
            connection.exec_driver_sql("DELETE FROM log WHERE stream = 'place-requests'")

    with town(tmp_path) as after:
        assert after.asked(requested("a"), requested("b"), requested("c", group_id="go")) == ["Held a", "Refused b full", "Held c"]
        after.list([group("choir", capacity={"maximum": 5, "available": 1}), group("go")])
        assert after.asked(requested("d"), requested("e", group_id="go")) == ["Refused d full", "Held e"]


def test_who_asked_before_the_group_was_listed_is_answered_by_its_capacity(here: Town) -> None:
    assert here.asked(requested("a"), requested("elsewhere", group_id="chess")) == ["Refused a delisted", "Refused elsewhere delisted"]
    here.ask(requested("b"), requested("c"))
    here.list([group("choir", capacity={"maximum": 1})])

    assert here.asked(requested("a"), requested("elsewhere")) == ["Held b", "Refused c full", "Refused elsewhere full"]


def test_500_requests_of_one_batch_are_cheap(here: Town) -> None:
    names = [f"g{number}" for number in range(50)]
    here.list([group(name, **CHOIR | {"newcomers_per_week": 1}) for name in names])
    here.embedded.settle()
    here.ask(*(requested(str(number), group_id=names[number % 50]) for number in range(500)))

    start = perf_counter()
    here.embedded.settle()

    assert perf_counter() - start < 2
    assert {name: len(answers) for name, answers in here.by_group().items()} == dict.fromkeys(names, 10)
