"""Every row of a referral file is a referral or is told of, and nothing that is wrong with one row touches another."""

import io
import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.referral import Referral
from services.intake.reading import BadField, Format, Row, canonical, pointers, read_object, read_referral, read_referrals, required_problems
from services.intake.reading.cells import COLUMNS
from services.intake.reading.lines import MAX_LINE


def _read(content: str | bytes, format: Format = "auto") -> list[Row]:
    encoded = content if isinstance(content, bytes) else content.encode()
    return list(read_referrals(io.BytesIO(encoded), format=format, name="file"))


def _told(row: Row) -> list[tuple[str, str, str]]:
    return [(problem.field, problem.reason, problem.action) for problem in row.problems]


def _sent(row: Row) -> Any:
    assert row.sent is not None, row.problems
    return json.loads(row.sent)


def test_a_line_of_json_is_a_referral_with_what_was_sent() -> None:
    [row] = _read('{"referral_id": "R1", "interests": "choirs", "shoe_size": 9}\n')
    assert row.referral == Referral.model_validate({"referral_id": "R1", "interests": "choirs", "shoe_size": 9})
    assert row.sent == b'{"interests":"choirs","referral_id":"R1","shoe_size":9}'
    assert (row.file, row.row, row.problems) == ("file", 1, ())


def test_blank_lines_are_left_out_and_still_counted() -> None:
    rows = _read('\n  \n{"interests": "a"}\r\n\r\n{"interests": "b"}')
    assert [row.row for row in rows] == [3, 5]


def test_every_bad_field_of_a_row_is_told_and_no_value_is() -> None:
    [row] = _read(
        '{"age": 777, "contact": {"phone": 4477}, "availability": [{"weekday": "mon", "start": "25:61", "end": "10:00"}], "time_zone": "Mars/North"}'
    )
    assert row.referral is None
    assert _told(row) == [
        ("/age", "must be 130 or less", "rejected"),
        ("/availability/0/start", 'must be a time of day as "HH:MM"', "rejected"),
        ("/time_zone", 'must be an IANA time zone such as "Europe/London"', "rejected"),
        ("/contact/phone", "must be text", "rejected"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "must be an object"),
        (b'"text"', "must be an object"),
        (b"{", "is not valid JSON at character 2"),
        (b'{"age": NaN}', "has NaN or Infinity, which are not JSON"),
        (b'{"age": -Infinity}', "has NaN or Infinity, which are not JSON"),
        (b'{"age": 1e999}', "has a number too large to be one"),
        (b'{"age": ' + b"9" * 5000 + b"}", "has a number of more than 400 digits"),
        (b'{"consent": {"match": true, "match": false}}', 'gives "match" twice'),
        (b'{"Ann Smith": 1, "Ann Smith": 2}', "gives a name twice"),
        (b"[" * 100_000, "is nested more than 32 levels deep"),
        (b'{"a": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "is nested more than 32 levels deep"),
        (b'{"a": ' * 100_000, "is nested more than 32 levels deep"),
        (b'{"x": {"\\ud800": 1}}', "must be text of whole Unicode characters"),
        (b'{"interests": "' + b"x" * MAX_LINE + b'"}', "is longer than 1000000 bytes"),
    ],
)
def test_a_hostile_line_is_told_and_the_next_one_read(line: bytes, reason: str) -> None:
    bad, good = _read(line + b'\n{"interests": "walks"}', "jsonl")
    assert (bad.row, bad.referral, _told(bad)) == (1, None, [("", reason, "rejected")])
    assert good.row == 2
    assert good.referral is not None


def test_deep_enough_nesting_is_kept() -> None:
    [row] = _read('{"a": ' + '{"a":' * 20 + "1" + "}" * 21)
    assert row.referral is not None


def test_half_a_character_in_a_known_field_is_pointed_to() -> None:
    [row] = _read('{"contact": {"name": "\\ud83d"}}')
    assert _told(row) == [("/contact/name", "must be text of whole Unicode characters", "rejected")]


def test_a_whole_character_written_as_two_halves_is_kept() -> None:
    [row] = _read('{"interests": "\\ud83c\\udfb5"}')
    assert row.referral is not None
    assert row.referral.interests == "🎵"


def test_one_line_in_another_encoding_is_mended_alone() -> None:
    rows = _read('{"interests": "café"}\n'.encode() + '{"interests": "café – “tea”"}\n'.encode("cp1252") + '{"interests": "thé"}'.encode())
    assert [row.referral.interests for row in rows if row.referral] == ["café", "café – “tea”", "thé"]
    assert [_told(row) for row in rows] == [[], [("", "the line is not UTF-8 and was read as Windows-1252", "repaired")], []]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("content", ['{"interests": "café"}\n{"interests": "thé"}', "interests,age\ncafé,80\nthé,81\n"])
def test_a_byte_order_mark_says_the_encoding(encoding: str, content: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    rows = _read(mark + content.encode(encoding))
    assert [row.referral.interests for row in rows if row.referral] == ["café", "thé"]
    assert all(not row.problems for row in rows)


def test_nul_characters_are_left_out_and_told() -> None:
    [row] = _read(b'{"interests": "wa\x00lks"}')
    assert row.referral is not None
    assert row.referral.interests == "walks"
    assert _told(row) == [("", "NUL characters were left out", "repaired")]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_a_file_without_rows_has_none(content: str) -> None:
    assert _read(content) == []


def test_the_stream_stays_open() -> None:
    stream = io.BytesIO(b'{"interests": "a"}')
    list(read_referrals(stream))
    assert not stream.closed


WIDE = "referral_id,person_id,age,interests,consent.match,contact.phone\n"


def test_a_table_has_the_fields_names_flattened_and_every_cell_becomes_what_json_would_say() -> None:
    [row] = _read(
        "referral_id,urgency,tags,languages,latitude,longitude,travel.mode,travel.max_km,availability,loneliness.ucla3,loneliness.direct,consent.match,"
        "consent.sms,contact.safe_to_contact,contact.phone,attended,flags,max_cost,age,interests\n"
        'R1,Urgent,singing; walks ;,en-GB;cy,51.5,-2,Bus,3.5,"Mon 10:00-12:00; wednesday 2pm-4.30pm; Sat 9-11",2;3;1,2,YES,0,true,+44 7700 900123,'
        'choir; walks=3,self_harm;other,4,81,=HYPERLINK("x")\n'
    )
    assert _sent(row) == {
        "referral_id": "R1",
        "urgency": "urgent",
        "tags": ["singing", "walks"],
        "languages": ["en-GB", "cy"],
        "latitude": 51.5,
        "longitude": -2,
        "travel": {"mode": "bus", "max_km": 3.5},
        "availability": [
            {"weekday": "mon", "start": "10:00", "end": "12:00"},
            {"weekday": "wed", "start": "14:00", "end": "16:30"},
            {"weekday": "sat", "start": "09:00", "end": "11:00"},
        ],
        "loneliness": {"ucla3": [2, 3, 1], "direct": 2},
        "consent": {"match": True, "sms": False},
        "contact": {"safe_to_contact": True, "phone": "+44 7700 900123"},
        "attended": [{"group_id": "choir"}, {"group_id": "walks", "sessions": 3}],
        "flags": ["self_harm", "other"],
        "max_cost": 4,
        "age": 81,
        "interests": '=HYPERLINK("x")',
    }


def test_the_columns_are_all_fields_of_the_schema() -> None:
    assert {"contact.phone", "consent.learning", "travel.max_km", "referrer.organisation", "interests", "flags"} <= COLUMNS
    assert not {"contact", "consent", "travel", "loneliness", "referrer"} & COLUMNS


def test_the_same_referral_in_a_table_and_in_json_has_the_same_content() -> None:
    [table] = _read(WIDE + 'R1,P1,81,"walks, tea",yes,0123\n')
    [line] = _read(
        '{"person_id": "P1", "referral_id": "R1", "age": 81.0, "interests": "walks, tea", "contact": {"phone": "0123"}, "consent": {"match": true}}'
    )
    assert table.sent == line.sent


def test_unknown_columns_are_kept_as_text_in_their_place() -> None:
    [row] = _read("interests,Shoe Size,contact.nickname,a.b,,contact.Phone\nwalks,9,Bo,c,d,0123\n")
    assert _sent(row) == {"interests": "walks", "Shoe Size": "9", "contact": {"nickname": "Bo", "phone": "0123"}, "a.b": "c", "column 5": "d"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    [row] = _read(f"Referral ID{delimiter}interests\nR1{delimiter}walks\n")
    assert _sent(row) == {"referral_id": "R1", "interests": "walks"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_spreadsheet_ends_them(end: str) -> None:
    rows = _read(end.join(["referral_id,interests", "R1,walks", 'R2,"tea', 'and cake"', "R3,choirs", ""]))
    assert [(row.row, _sent(row)["interests"].replace("\r", "\n")) for row in rows] == [(2, "walks"), (3, "tea\nand cake"), (5, "choirs")]


@pytest.mark.parametrize(
    "broken",
    [
        'R2,P2,80,"never closed,yes,0123',
        'R2,P2,80,"closed "in the middle" of it",yes,0123',
        'R2,P2,80,"closed" too early,yes,0123',
        'R2,P2,80,walks,yes,"0123',
        '"R2,P2,80,walks,yes,0123',
        '"""',
        '","',
    ],
)
def test_a_broken_quotation_takes_no_good_row_with_it(broken: str) -> None:
    good = ['R3,P3,80,"tea, cake",yes,0123', "R4,P4,,walks,no,", 'R5,P5,81,"two\nlines",yes,"01""23"', "R6,P6,82,choirs,1,0123"]
    rows = _read(WIDE + "R1,P1,80,walks,yes,0123\n" + broken + "\n" + "\n".join(good) + "\n")
    kept = [row.referral.referral_id for row in rows if row.referral]
    assert kept == ["R1", "R3", "R4", "R5", "R6"]
    [told] = [row for row in rows if row.referral is None]
    assert told.row == 3
    assert "R2" not in str(told)


def test_a_quotation_that_never_closes_at_the_end_of_the_file_keeps_the_rows_after_it() -> None:
    rows = _read(WIDE + 'R1,P1,80,"open\n' + "".join(f"R{n},P{n},80,walks,yes,0123\n" for n in range(2, 500)))
    assert [row.referral is None for row in rows] == [True] + [False] * 498


def test_a_long_text_may_span_lines_with_commas_of_their_own() -> None:
    text = "Dear team,\nI like tea, cake, walks, dogs, and boats\n\nthanks"
    [row] = _read(WIDE + f'R1,P1,80,"{text}",yes,0123\n')
    assert _sent(row)["interests"] == text


def test_a_row_with_other_than_the_headers_number_of_cells_is_told() -> None:
    short, long, padded = _read(WIDE + "R1,P1,80\nR2,P2,80,tea, cake,yes,0123\nR3,P3,80,walks,yes,0123,,\n")
    assert _told(short) == [("", "has fewer cells than the header's 6", "rejected")]
    assert _told(long) == [("", "has more cells than the header's 6", "rejected")]
    assert (padded.referral is not None, padded.problems) == (True, ())


def test_a_row_of_empty_cells_is_a_blank_one() -> None:
    assert _read(WIDE + ",,,,,\n ,,,,,\n") == []


def test_a_file_whose_first_line_is_no_header_is_told_once_without_its_content() -> None:
    [row] = _read("Ann Smith,07700900123\nBob,0\n")
    assert _told(row) == [("", "none of the columns has the name of a field: the first line must be the header", "rejected")]


def test_cells_that_are_not_understood_are_told_in_a_tables_words() -> None:
    [row] = _read("availability,consent.match,age,loneliness.ucla3\nmornings,maybe,eighty,1;2;often\n")
    assert sorted(_told(row)) == [
        ("/age", "must be a whole number", "rejected"),
        ("/availability", 'must be written as "Mon 10:00-12:00; Wed 14:00-16:00"', "rejected"),
        ("/consent/match", "must be true or false", "rejected"),
        ("/loneliness/ucla3/2", "must be a whole number", "rejected"),
    ]


@pytest.mark.parametrize("window", ["Mon 10:00", "Mom 10:00-12:00", "Mon 24:30-25:00", "Mon 13pm-14pm", "Mon 10:60-11:00", "Mon 10:00-12:00; soon"])
def test_a_window_that_cannot_be_read_is_never_dropped_silently(window: str) -> None:
    [row] = _read(f"interests,availability\nwalks,{window}\n")
    assert row.referral is None


@pytest.mark.parametrize(("second", "kept"), [("match", True), ("other", False)])
def test_a_column_that_stands_twice_must_say_the_same_twice(second: str, kept: bool) -> None:
    [row] = _read(f"interests,gender,gender\nwalks,match,{second}\n")
    assert (row.referral is not None) is kept
    if not kept:
        assert _told(row) == [("/gender", "is given in two columns, differently", "rejected")]


def test_an_object_in_one_column_and_its_field_in_another_contradict_each_other() -> None:
    [row] = _read("interests,contact,contact.phone\nwalks,Ann,0123\n")
    assert _told(row) == [("/contact/phone", "is given in two columns, differently", "rejected")]


def test_a_line_too_long_for_a_row_is_told_and_the_next_one_read() -> None:
    bad, good = _read(WIDE + "x" * (MAX_LINE + 1) + "\nR1,P1,80,walks,yes,0123\n")
    assert _told(bad) == [("", "is longer than 1000000 bytes", "rejected")]
    assert (bad.row, good.row, good.referral is not None) == (2, 3, True)


def test_a_cell_longer_than_the_table_reader_takes_is_told_and_the_next_row_read() -> None:
    bad, good = _read(WIDE + f"R1,P1,80,{'x' * 200_000},yes,0123\nR2,P2,80,walks,yes,0123\n")
    assert _told(bad) == [("", "has a cell that is too long", "rejected")]
    assert good.referral is not None


def test_the_service_needs_both_ids_and_a_file_to_match_on_neither() -> None:
    nameless = read_referral({"interests": "walks"})
    assert isinstance(nameless, Referral)
    assert required_problems(nameless) == (BadField("/referral_id", "is required"), BadField("/person_id", "is required"))
    named = read_referral({"referral_id": "R1", "person_id": "P1"})
    assert isinstance(named, Referral)
    assert required_problems(named) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"a": 1, "b": [1, 2]}', '{ "b":[1.0,2e0] , "a":1 }'),
        ('{"a": "caf\\u00e9"}', '{"a": "café"}'),
        ('{"a": 100}', '{"a": 1e2}'),
        ('{"a": -0.0}', '{"a": 0}'),
        ('{"a": {"x": 1, "y": null}}', '{"a": {"y": null, "x": 1}}'),
    ],
)
def test_another_spelling_is_the_same_content(left: str, right: str) -> None:
    read = [read_object(left), read_object(right.encode())]
    assert all(isinstance(one, dict) for one in read)
    assert len({canonical(one) for one in read if isinstance(one, dict)}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [({"a": 1}, {"a": True}), ({"a": 1}, {"a": "1"}), ({"a": [1, 2]}, {"a": [2, 1]}), ({"a": None}, {}), ({"a": 10**20}, {"a": 10**20 + 1})],
)
def test_other_content_has_another_spelling(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert canonical(left) != canonical(right)


def test_a_body_that_is_not_utf_8_is_told() -> None:
    assert read_object(b'{"interests": "caf\xe9"}') == (BadField("", "must be UTF-8"),)


def test_a_body_may_begin_with_a_byte_order_mark() -> None:
    assert read_object(b'\xef\xbb\xbf{"age": 1}') == {"age": 1}


def test_half_a_position_points_to_the_whole_record_in_the_schemas_words() -> None:
    assert read_referral({"latitude": 51.5}) == (BadField("", "latitude and longitude belong together: give both or neither"),)


def test_a_row_of_ten_thousand_faults_is_told_in_a_hundred() -> None:
    [row] = _read(json.dumps({"attended": [{"group_id": "", "sessions": -1}] * 500}))
    assert len(row.problems) == 100


EVERY_FAULT: dict[str, Any] = {
    "referral_id": "secret\x00",
    "person_id": 12345678,
    "received_at": "secret",
    "urgency": "secret",
    "reason": "secret",
    "interests": ["secret"],
    "tags": [12345678],
    "age": "secret",
    "languages": ["secret secret"],
    "latitude": "secret",
    "longitude": 12345678,
    "travel": {"mode": "secret", "max_km": -12345678},
    "availability": [{"weekday": "secret", "start": "secret", "end": 12345678}, "secret"],
    "max_cost": 12345678,
    "attended": [{"group_id": 12345678, "sessions": 12345678}],
    "loneliness": {"ucla3": [12345678, "secret"], "direct": "secret"},
    "consent": {"match": "secret"},
    "contact": {"name": 12345678, "safe_to_contact": "secret"},
    "referrer": "secret",
    "flags": {"secret": 1},
    "time_zone": "secret",
    "postcode": "secret " * 10,
}


def test_no_detail_repeats_a_value_whatever_is_wrong() -> None:
    with pytest.raises(ValidationError) as caught:
        Referral.model_validate(EVERY_FAULT)
    found = pointers(caught.value)
    assert {bad.pointer.split("/")[1] for bad in found} == EVERY_FAULT.keys()
    assert not any("secret" in str(bad) or "12345678" in str(bad) for bad in found)
    assert not [bad for bad in found if bad.detail == "is not valid"], "a kind of error that no words were found for"
