"""Every row of a table of referrals is a referral or is told of, however a spreadsheet wrote it."""

import pytest

from services.intake.reading.cells import COLUMNS
from services.intake.reading.lines import MAX_LINE
from tests.unit.intake.rows import rows_of, sent, told

WIDE = "referral_id,person_id,age,interests,consent.match,contact.phone\n"


def test_a_table_has_the_fields_names_flattened_and_every_cell_becomes_what_json_would_say() -> None:
    [row] = rows_of(
        "referral_id,urgency,tags,languages,latitude,longitude,travel.mode,travel.max_km,availability,loneliness.ucla3,loneliness.direct,consent.match,"
        "consent.sms,contact.safe_to_contact,contact.phone,attended,flags,max_cost,age,interests\n"
        'R1,Urgent,singing; walks ;,en-GB;cy,51.5,-2,Bus,3.5,"Mon 10:00-12:00; wednesday 2pm-4.30pm; Sat 9-11",2;3;1,2,YES,0,true,+44 7700 900123,'
        'choir; walks=3,self_harm;other,4,81,=HYPERLINK("x")\n'
    )
    assert sent(row) == {
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
    [table] = rows_of(WIDE + 'R1,P1,81,"walks, tea",yes,0123\n')
    [line] = rows_of(
        '{"person_id": "P1", "referral_id": "R1", "age": 81.0, "interests": "walks, tea", "contact": {"phone": "0123"}, "consent": {"match": true}}'
    )
    assert table.sent == line.sent


def test_unknown_columns_are_kept_as_text_in_their_place() -> None:
    [row] = rows_of("interests,Shoe Size,contact.nickname,a.b,,contact.Phone\nwalks,9,Bo,c,d,0123\n")
    assert sent(row) == {"interests": "walks", "Shoe Size": "9", "contact": {"nickname": "Bo", "phone": "0123"}, "a.b": "c", "column 5": "d"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    [row] = rows_of(f"Referral ID{delimiter}interests\nR1{delimiter}walks\n")
    assert sent(row) == {"referral_id": "R1", "interests": "walks"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_spreadsheet_ends_them(end: str) -> None:
    rows = rows_of(end.join(["referral_id,interests", "R1,walks", 'R2,"tea', 'and cake"', "R3,choirs", ""]))
    assert [(row.row, sent(row)["interests"].replace("\r", "\n")) for row in rows] == [(2, "walks"), (3, "tea\nand cake"), (5, "choirs")]


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
    rows = rows_of(WIDE + "R1,P1,80,walks,yes,0123\n" + broken + "\n" + "\n".join(good) + "\n")
    kept = [row.referral.referral_id for row in rows if row.referral]
    assert kept == ["R1", "R3", "R4", "R5", "R6"]
    [told] = [row for row in rows if row.referral is None]
    assert told.row == 3
    assert "R2" not in str(told)


def test_a_quotation_that_never_closes_at_the_end_of_the_file_keeps_the_rows_after_it() -> None:
    rows = rows_of(WIDE + 'R1,P1,80,"open\n' + "".join(f"R{n},P{n},80,walks,yes,0123\n" for n in range(2, 500)))
    assert [row.referral is None for row in rows] == [True] + [False] * 498


def test_a_long_text_may_span_lines_with_commas_of_their_own() -> None:
    text = "Dear team,\nI like tea, cake, walks, dogs, and boats\n\nthanks"
    [row] = rows_of(WIDE + f'R1,P1,80,"{text}",yes,0123\n')
    assert sent(row)["interests"] == text


def test_a_row_with_other_than_the_headers_number_of_cells_is_told() -> None:
    short, long, padded = rows_of(WIDE + "R1,P1,80\nR2,P2,80,tea, cake,yes,0123\nR3,P3,80,walks,yes,0123,,\n")
    assert told(short) == [("", "has fewer cells than the header's 6", "rejected")]
    assert told(long) == [("", "has more cells than the header's 6", "rejected")]
    assert (padded.referral is not None, padded.problems) == (True, ())


def test_a_row_of_empty_cells_is_a_blank_one() -> None:
    assert rows_of(WIDE + ",,,,,\n ,,,,,\n") == []


def test_a_file_whose_first_line_is_no_header_is_told_once_without_its_content() -> None:
    [row] = rows_of("Ann Smith,07700900123\nBob,0\n")
    assert told(row) == [("", "none of the columns has the name of a field: the first line must be the header", "rejected")]


def test_cells_that_are_not_understood_are_told_in_a_tables_words() -> None:
    [row] = rows_of("availability,consent.match,age,loneliness.ucla3\nmornings,maybe,eighty,1;2;often\n")
    assert sorted(told(row)) == [
        ("/age", "must be a whole number", "rejected"),
        ("/availability", 'must be written as "Mon 10:00-12:00; Wed 14:00-16:00"', "rejected"),
        ("/consent/match", "must be true or false", "rejected"),
        ("/loneliness/ucla3/2", "must be a whole number", "rejected"),
    ]


@pytest.mark.parametrize("window", ["Mon 10:00", "Mom 10:00-12:00", "Mon 24:30-25:00", "Mon 13pm-14pm", "Mon 10:60-11:00", "Mon 10:00-12:00; soon"])
def test_a_window_that_cannot_be_read_is_never_dropped_silently(window: str) -> None:
    [row] = rows_of(f"interests,availability\nwalks,{window}\n")
    assert row.referral is None


@pytest.mark.parametrize(("second", "kept"), [("match", True), ("other", False)])
def test_a_column_that_stands_twice_must_say_the_same_twice(second: str, kept: bool) -> None:
    [row] = rows_of(f"interests,gender,gender\nwalks,match,{second}\n")
    assert (row.referral is not None) is kept
    if not kept:
        assert told(row) == [("/gender", "is given in two columns, differently", "rejected")]


def test_an_object_in_one_column_and_its_field_in_another_contradict_each_other() -> None:
    [row] = rows_of("interests,contact,contact.phone\nwalks,Ann,0123\n")
    assert told(row) == [("/contact/phone", "is given in two columns, differently", "rejected")]


def test_a_line_too_long_for_a_row_is_told_and_the_next_one_read() -> None:
    bad, good = rows_of(WIDE + "x" * (MAX_LINE + 1) + "\nR1,P1,80,walks,yes,0123\n")
    assert told(bad) == [("", "is longer than 1000000 bytes", "rejected")]
    assert (bad.row, good.row, good.referral is not None) == (2, 3, True)


def test_a_cell_longer_than_the_table_reader_takes_is_told_and_the_next_row_read() -> None:
    bad, good = rows_of(WIDE + f"R1,P1,80,{'x' * 200_000},yes,0123\nR2,P2,80,walks,yes,0123\n")
    assert told(bad) == [("", "has a cell that is too long", "rejected")]
    assert good.referral is not None
