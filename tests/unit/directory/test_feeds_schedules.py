"""An HSDS schedule of any version becomes the weekly sessions that it certainly means."""

from datetime import date
from typing import Any

import pytest

from services.directory.feeds.entity import Entity
from services.directory.feeds.reading import Findings, Spot
from services.directory.feeds.recurrence import sessions_of
from tests.unit.directory.feed_cases import weekly

TIMES: dict[str, Any] = {"opens_at": "10:00", "closes_at": "12:00"}


def read(today: date | None = None, **fields: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """The sessions in short, and field and reason of everything that was noted."""
    findings = Findings()
    sessions = sessions_of(Entity(fields, Spot("f", 1)), findings, today)
    return [weekly(session) for session in sessions], [(problem.field, problem.reason.partition(":")[0]) for problem in findings]


@pytest.mark.parametrize(
    ("fields", "sessions"),
    [
        (
            {"freq": "WEEKLY", "interval": 1, "byday": "TH,FR", "opens_at": "10:00:00", "closes_at": "18:00:00"},
            ["thu 10:00-18:00", "fri 10:00-18:00"],
        ),
        ({"freq": "WEEKLY", "interval": 2, "byday": "MO", **TIMES}, ["mon 10:00-12:00/2"]),
        ({"freq": "WEEKLY", "dtstart": "2005-01-01", **TIMES}, ["sat 10:00-12:00"]),
        ({"freq": "WEEKLY", "byday": "MO", "opens_at": "10:00Z", "closes_at": "12:00+01:00"}, ["mon 10:00-12:00"]),
        ({"freq": "WEEKLY", "byday": "MO", "opens_at": "20:00", "closes_at": "00:00"}, ["mon 20:00-24:00"]),
        ({"freq": "DAILY", "byday": "MO,TU", **TIMES}, ["mon 10:00-12:00", "tue 10:00-12:00"]),
        ({"freq": "DAILY", "interval": 14, "dtstart": "2026-01-05", **TIMES}, ["mon 10:00-12:00/2"]),
        ({"weekday": "Monday", "opens_at": "1:50pm", "closes_at": "6:00pm", "original_text": "whatever"}, ["mon 13:50-18:00"]),
        ({"weekday": "Monday", "opens_at": "9:30", "closes_at": "5:00 PM"}, ["mon 09:30-17:00"]),
        ({"weekday": "Monday", "opens_at": "8:00", "closes_at": "5:00"}, ["mon 08:00-17:00"]),
        ({"weekday": "Tuesday", "opens_at": "", "closes_at": "", "original_text": "8:30amGÇô5:00pm, Mon-Fri"}, ["tue 08:30-17:00"]),
        ({"description": "Tuesdays 7pm-8pm"}, ["tue 19:00-20:00"]),
        ({"id": "says nothing"}, []),
    ],
)
def test_a_schedule_is_read_as_weekly_sessions(fields: dict[str, Any], sessions: list[str]) -> None:
    assert read(**fields) == (sessions, [])


@pytest.mark.parametrize(
    ("fields", "sessions", "notes"),
    [
        ({"freq": "MONTHLY", "byday": "1SA", **TIMES}, ["sat 10:00-12:00/4"], [("freq", "meets by the month, kept as the nearest number of weeks")]),
        (
            {"freq": "MONTHLY", "byday": "1TH,3TH", **TIMES},
            ["thu 10:00-12:00/2"],
            [("freq", "meets by the month, kept as the nearest number of weeks")],
        ),
        ({"freq": "MONTHLY", "bymonthday": "2,3", **TIMES}, [], [("freq", "not a weekly rule, time not understood, left unknown")]),
        ({"freq": "YEARLY", **TIMES}, [], [("freq", "not a weekly rule, time not understood, left unknown")]),
        ({"freq": "DAILY", "interval": 3, **TIMES}, [], [("byday", "no weekday, time not understood, left unknown")]),
        (TIMES, [], [("byday", "no weekday, time not understood, left unknown")]),
        ({"weekday": "Monday", "opens_at": "8:00m", "closes_at": "5pm"}, [], [("opens_at", "time not understood, left unknown")]),
        ({"weekday": "Monday", "opens_at": "10:00pm", "closes_at": "4:00pm"}, [], [("opens_at", "time not understood, left unknown")]),
        ({"weekday": "Monday", "opens_at": "9am", "closes_at": "6:300pm"}, ["mon 09:00-?"], [("closes_at", "time not understood, left unknown")]),
        ({"weekday": "Monday", "opens_at": "9am", "closes_at": ""}, ["mon 09:00-?"], []),
        (
            {"weekday": "Monday", "opens_at": "9am", "closes_at": "5pm (desk 4pm)"},
            ["mon 09:00-17:00"],
            [("closes_at", "words after the time were left out")],
        ),
        (
            {"weekday": "Monday", "opens_at": "", "closes_at": "", "original_text": "Dismissal bell - 6:00pm, Mon-Fri"},
            [],
            [("opens_at", "is missing"), ("original_text", "time not understood, left unknown")],
        ),
    ],
)
def test_what_is_not_certain_of_a_schedule_is_left_out_and_told(fields: dict[str, Any], sessions: list[str], notes: list[tuple[str, str]]) -> None:
    assert read(**fields) == (sessions, notes)


def test_a_schedule_that_has_ended_is_left_out_once_the_day_is_known() -> None:
    term: dict[str, Any] = {"freq": "WEEKLY", "byday": "MO", "valid_to": "2026-07-10", **TIMES}
    assert read(**term) == (["mon 10:00-12:00"], [])
    assert read(today=date(2026, 7, 10), **term) == (["mon 10:00-12:00"], [])
    assert read(today=date(2026, 7, 11), **term) == ([], [("valid_to", "the schedule has ended, left out")])
