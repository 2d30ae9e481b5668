"""Every row of a referral file is a referral or is told of, and nothing that is wrong with one row touches another."""

import io
import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.referral import Referral
from services.intake.reading import BadField, canonical, pointers, read_object, read_referral, read_referrals, required_problems
from services.intake.reading.lines import MAX_LINE
from tests.unit.intake.rows import rows_of, told


def test_a_line_of_json_is_a_referral_with_what_was_sent() -> None:
    [row] = rows_of('{"referral_id": "R1", "interests": "choirs", "shoe_size": 9}\n')
    assert row.referral == Referral.model_validate({"referral_id": "R1", "interests": "choirs", "shoe_size": 9})
    assert row.sent == b'{"interests":"choirs","referral_id":"R1","shoe_size":9}'
    assert (row.file, row.row, row.problems) == ("file", 1, ())


def test_blank_lines_are_left_out_and_still_counted() -> None:
    rows = rows_of('\n  \n{"interests": "a"}\r\n\r\n{"interests": "b"}')
    assert [row.row for row in rows] == [3, 5]


def test_every_bad_field_of_a_row_is_told_and_no_value_is() -> None:
    [row] = rows_of(
        '{"age": 777, "contact": {"phone": 4477}, "availability": [{"weekday": "mon", "start": "25:61", "end": "10:00"}], "time_zone": "Mars/North"}'
    )
    assert row.referral is None
    assert told(row) == [
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
    bad, good = rows_of(line + b'\n{"interests": "walks"}', "jsonl")
    assert (bad.row, bad.referral, told(bad)) == (1, None, [("", reason, "rejected")])
    assert good.row == 2
    assert good.referral is not None


def test_deep_enough_nesting_is_kept() -> None:
    [row] = rows_of('{"a": ' + '{"a":' * 20 + "1" + "}" * 21)
    assert row.referral is not None


def test_half_a_character_in_a_known_field_is_pointed_to() -> None:
    [row] = rows_of('{"contact": {"name": "\\ud83d"}}')
    assert told(row) == [("/contact/name", "must be text of whole Unicode characters", "rejected")]


def test_a_whole_character_written_as_two_halves_is_kept() -> None:
    [row] = rows_of('{"interests": "\\ud83c\\udfb5"}')
    assert row.referral is not None
    assert row.referral.interests == "🎵"


def test_one_line_in_another_encoding_is_mended_alone() -> None:
    rows = rows_of('{"interests": "café"}\n'.encode() + '{"interests": "café – “tea”"}\n'.encode("cp1252") + '{"interests": "thé"}'.encode())
    assert [row.referral.interests for row in rows if row.referral] == ["café", "café – “tea”", "thé"]
    assert [told(row) for row in rows] == [[], [("", "the line is not UTF-8 and was read as Windows-1252", "repaired")], []]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("content", ['{"interests": "café"}\n{"interests": "thé"}', "interests,age\ncafé,80\nthé,81\n"])
def test_a_byte_order_mark_says_the_encoding(encoding: str, content: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    rows = rows_of(mark + content.encode(encoding))
    assert [row.referral.interests for row in rows if row.referral] == ["café", "thé"]
    assert all(not row.problems for row in rows)


def test_nul_characters_are_left_out_and_told() -> None:
    [row] = rows_of(b'{"interests": "wa\x00lks"}')
    assert row.referral is not None
    assert row.referral.interests == "walks"
    assert told(row) == [("", "NUL characters were left out", "repaired")]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_a_file_without_rows_has_none(content: str) -> None:
    assert rows_of(content) == []


def test_the_stream_stays_open() -> None:
    stream = io.BytesIO(b'{"interests": "a"}')
    list(read_referrals(stream))
    assert not stream.closed


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
    [row] = rows_of(json.dumps({"attended": [{"group_id": "", "sessions": -1}] * 500}))
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
