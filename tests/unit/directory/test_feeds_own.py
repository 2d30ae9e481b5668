"""Group files of our own: whatever is wrong with a row, the rows beside it are read."""

import json

import pytest

from services.directory.feeds import FeedUnreadable
from tests.unit.directory.feed_cases import ADDRESS, only, read, told, weekly

GOOD = b'{"group_id": "g1", "name": "Choir"}\n'


def test_a_group_comes_back_as_it_was_written() -> None:
    record = {
        "group_id": "g1",
        "name": "Choir",
        "tags": ["singing"],
        "latitude": 51.5,
        "longitude": -0.12,
        "sessions": [{"weekday": "mon", "start": "10:00", "end": "12:00"}],
        "access": [],
        "cost": 2.5,
        "capacity": {"maximum": 12, "available": 3},
        "contact": {"name": "Ann", "phone": "+44 20 7946 0000"},
        "played_by_ear": {"since": 2019},
    }
    reading = read(json.dumps(record).encode())
    group = only(reading)
    assert reading.problems == ()
    assert group.model_dump(mode="json", exclude_unset=True, exclude={"sessions", "capacity", "contact"}) == {
        name: value for name, value in record.items() if name not in ("sessions", "capacity", "contact")
    }
    assert weekly(group.sessions[0]) == "mon 10:00-12:00"
    assert group.contact is not None
    assert group.contact.phone == "+44 20 7946 0000"


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"not json", "", "not JSON"),
        (b'["a"]', "", "not an object"),
        (b'{"name": "x"}', "group_id", "is missing"),
        (b'{"group_id": "", "name": "x"}', "group_id", "is missing"),
        (b'{"group_id": {"a": 1}, "name": "x"}', "group_id", "cannot be used as an id"),
        (b'{"group_id": "a\\u0007", "name": "x"}', "group_id", "cannot be used as an id"),
        (b'{"group_id": "x"}', "name", "is missing"),
        (b'{"group_id": "x", "name": 7}', "name", "is missing"),
        (b"[" * 100_000, "", "nested deeper than 32"),
        (b'{"group_id": "x", "name": "x", "deep": ' + b"[" * 40 + b"]" * 40 + b"}", "", "nested deeper than 32"),
        (b'{"group_id": "x", "name": "' + b"x" * (1 << 20) + b'"}', "", "longer than 1,048,576 bytes"),
    ],
)
def test_a_bad_line_is_rejected_with_its_number_and_reason_and_its_neighbours_are_read(line: bytes, field: str, reason: str) -> None:
    reading = read(GOOD + b"\n" + line + b"\n" + GOOD.replace(b"g1", b"g2"), "jsonl")
    assert [group.group_id for group in reading.groups] == ["g1", "g2"]
    assert told(reading) == [(3, field, reason, "rejected")]
    assert (reading.read, reading.rejected, reading.repaired) == (3, 1, 0)


@pytest.mark.parametrize(
    ("fields", "kept", "report"),
    [
        ({"latitude": 91, "longitude": 101}, {}, [("latitude", "off the Earth, position left unknown")]),
        ({"latitude": 0, "longitude": 0}, {}, [("latitude", "0, 0 is in the sea, position left unknown")]),
        ({"latitude": 51.5}, {}, [("latitude", "not a pair of numbers, position left unknown")]),
        ({"latitude": "51,5", "longitude": "0,1"}, {}, [("latitude", "not a pair of numbers, position left unknown")]),
        (
            {"latitude": -120.5, "longitude": 37.4},
            {},
            [("latitude", "off the Earth (latitude and longitude may be swapped), position left unknown")],
        ),
        ({"latitude": "25.7", "longitude": "-80.19"}, {"latitude": 25.7, "longitude": -80.19}, []),
        ({"minimum_age": 60, "maximum_age": 18}, {}, [("minimum_age", "above the maximum age, both left unknown")]),
        ({"minimum_age": "old"}, {}, [("minimum_age", "not an age, left unknown")]),
        ({"maximum_age": 0}, {}, [("maximum_age", "not an age, left unknown")]),
        ({"status": "Temporarily closed"}, {"status": "paused"}, []),
        ({"status": "who knows"}, {"status": "inactive"}, [("status", "not understood, taken as inactive")]),
        ({"mode": "virtual"}, {"mode": "online"}, []),
        ({"mode": "by carrier pigeon"}, {}, [("mode", "not understood, left unknown")]),
        ({"languages": ["English", "Klingon"]}, {"languages": ["en"]}, [("languages", "not a language, left out")]),
        ({"cost": "£2.50"}, {"cost": 2.5, "currency": "GBP"}, []),
        ({"cost": -1}, {}, [("cost", "cannot be used, left unknown")]),
        ({"currency": "pounds"}, {}, [("currency", "not a currency, taken as GBP")]),
        ({"capacity": 12}, {"capacity": {"maximum": 12}}, []),
        ({"capacity": {"maximum": "many"}}, {}, [("capacity.maximum", "cannot be used, left unknown")]),
        ({"time_zone": "Mars/Olympus"}, {}, [("time_zone", "cannot be used, left unknown")]),
        ({"name": "=1+1 choir"}, {"name": "1+1 choir"}, [("name", "begins like a spreadsheet formula, the sign was taken off")]),
        ({"tags": ["Art", "art", ""], "genders": []}, {"tags": ["art"], "genders": None}, []),
        (
            {"tags": [str(number) for number in range(150)]},
            {"tags": [str(number) for number in range(100)]},
            [("tags", "more than 100, the rest left out")],
        ),
        ({"cost": 10**400}, {}, [("cost", "cannot be used, left unknown")]),
    ],
)
def test_a_field_that_cannot_be_used_is_mended_or_left_unknown_and_told(
    fields: dict[str, object], kept: dict[str, object], report: list[tuple[str, str]]
) -> None:
    reading = read(json.dumps({"group_id": "g1", "name": "Choir", **fields}).encode(), "jsonl")
    group = only(reading)
    assert group.model_dump(exclude_unset=True, exclude={"group_id"}) == {"name": "Choir", **kept}
    assert told(reading) == [(1, *line, "repaired") for line in report]
    assert reading.repaired == bool(report)


def test_of_the_sessions_only_those_that_cannot_be_used_are_left_out() -> None:
    sessions = [
        {"weekday": "Monday", "start": "9:30", "end": "1:50pm"},
        {"weekday": "noday", "start": "10:00"},
        7,
        {"weekday": "sun", "start": "20:00", "end": "24:00"},
    ]
    reading = read(json.dumps({"group_id": "g1", "name": "Choir", "sessions": sessions}).encode(), "jsonl")
    assert [weekly(session) for session in only(reading).sessions] == ["mon 09:30-13:50", "sun 20:00-24:00"]
    assert sorted(field for _, field, _, _ in told(reading)) == ["sessions.1", "sessions.2"]
    assert reading.repaired == 1


def test_the_same_group_twice_is_one_and_another_under_its_id_is_refused() -> None:
    reading = read(GOOD + GOOD + GOOD.replace(b"Choir", b"Other choir"), "jsonl")
    assert [group.name for group in reading.groups] == ["Choir"]
    assert (reading.read, reading.usable, reading.rejected, reading.repaired) == (2, 1, 1, 1)
    assert told(reading) == [
        (2, "group_id", "given twice with the same content, merged", "repaired"),
        (3, "group_id", "given before with other content, the first is kept", "rejected"),
    ]


def test_a_table_of_groups_is_read_with_lists_and_times_as_text() -> None:
    table = (
        "group_id,name,tags,sessions,capacity,contact.name,contact.phone,latitude,longitude,access,genders,Note to self\n"
        'g1,Choir,singing; music,"Mon 10:00-12:00; Wed 14:00-15:30",12,Ann,+44 20,25.7,-80.19,step_free;parking,,call back\n'
    )
    group = only(read(table.encode("utf-8-sig")))
    assert group.tags == ["singing", "music"]
    assert [weekly(session) for session in group.sessions] == ["mon 10:00-12:00", "wed 14:00-15:30"]
    assert group.capacity is not None
    assert (group.capacity.maximum, group.access, group.genders) == (12, ["step_free", "parking"], None)
    assert group.contact is not None
    assert (group.contact.name, group.contact.phone) == ("Ann", "+44 20")
    assert (group.latitude, group.longitude) == (25.7, -80.19)
    assert group.model_extra == {"note_to_self": "call back"}


@pytest.mark.parametrize(
    ("cell", "genders"),
    [
        *((word, None) for word in ("all", "Any", "MIXED", "Everyone", "both", "female; all", "Men and women", "male/female")),
        *((word, ["female"]) for word in ("female", "Women", "women only", "F", "woman", "Ladies", "women; girls")),
        *((word, ["male"]) for word in ("male", "Men", "men only", "M", "Man")),
        ("women; men", ["female", "male"]),
        ("women; non-binary", ["female", "non-binary"]),
    ],
)
def test_the_words_for_whom_a_group_is_are_understood_in_a_cell(cell: str, genders: list[str] | None) -> None:
    reading = read(f"group_id,name,genders\ng1,Choir,{cell}\n".encode())
    assert only(reading).genders == genders
    assert told(reading) == []


@pytest.mark.parametrize(("listed", "genders"), [(["All"], None), (["female", "any"], None), (["woman"], ["woman"])])
def test_a_list_of_genders_is_taken_by_the_letter_but_for_what_says_everybody(listed: list[str], genders: list[str] | None) -> None:
    assert only(read(json.dumps({"group_id": "g1", "name": "Choir", "genders": listed}).encode(), "jsonl")).genders == genders


def test_blank_cells_are_not_known_and_no_cell_is_an_empty_list_of_access() -> None:
    group = only(read(b"group_id,name,access,cost,capacity.maximum,sessions\ng1,Choir,,,,\n"))
    assert (group.access, group.cost, group.capacity, group.sessions) == (None, None, None, [])


def test_a_table_from_another_country_is_read_by_its_semicolons() -> None:
    assert only(read('group_id;name;tags\ng1;Chœur;"art;music"\n'.encode())).tags == ["art", "music"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "line 1: the file is empty"),
        (b"PK\x03\x04 and more", "this is a ZIP archive or a spreadsheet, not a text file; unpack it or save it as CSV or JSON first"),
        (b"what,is,this\n1,2,3\n", "line 1: neither JSON, nor a CSV with a column group_id, nor a table of HSDS"),
        (b"group_id,title\ng1,Choir\n", "line 1: there is no column name"),
        (b'{"contents": [', "line 1, column 15: this is not JSON (Expecting value)"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_refused_in_one_line_that_names_it(body: bytes, message: str) -> None:
    with pytest.raises(FeedUnreadable) as refused:
        read(body)
    assert str(refused.value).partition(": ")[2] == message
    assert str(refused.value).startswith(ADDRESS)


def test_openactive_is_refused_with_the_formats_that_are_read() -> None:
    for body, format in ((b"{}", "openactive"), ({"next": "x", "items": [{"state": "updated", "kind": "Event"}], "license": "y"}, "auto")):
        with pytest.raises(FeedUnreadable, match="hsds, oruk, csv and jsonl"):
            read(body, format)  # type: ignore[arg-type]  # a tuple of literals is a tuple of str to mypy
