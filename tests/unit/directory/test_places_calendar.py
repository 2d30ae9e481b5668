"""First sessions: which of a group's, when, in whose time, and over the changes of the clocks."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.events.places import HeldSession, WeeklySession
from services.directory.places.calendar import week_of
from tests.unit.directory.place_desk import calendar, choir


def first(now: str, sessions: list[dict[str, Any]], wanted: tuple[str, str] | None = None, time_zone: str | None = None) -> str | None:
    """The first session of whoever gets a place now (UTC), as RFC 3339."""
    weekly = WeeklySession.model_validate({"weekday": wanted[0], "start": wanted[1]}) if wanted else None
    group = choir(sessions=sessions, time_zone=time_zone)
    found = calendar(datetime.fromisoformat(now).replace(tzinfo=UTC)).first_session(group, weekly, lambda _: True)
    if found is None:
        return None
    assert found.date.isoformat() == found.start.isoformat()[:10]
    return found.start.isoformat()


def at(weekday: str, start: str, every_weeks: int = 1) -> dict[str, Any]:
    return {"weekday": weekday, "start": start, "every_weeks": every_weeks}


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2026-03-02T14:00", "2026-03-03T14:00:00+00:00"),
        ("2026-03-02T14:01", "2026-03-10T14:00:00+00:00"),
        ("2026-03-28T12:00", "2026-03-31T14:00:00+01:00"),
        ("2026-03-30T13:00", "2026-03-31T14:00:00+01:00"),
        ("2026-03-30T13:01", "2026-04-07T14:00:00+01:00"),
        ("2026-10-24T12:00", "2026-10-27T14:00:00+00:00"),
        ("2026-12-31T12:00", "2027-01-05T14:00:00+00:00"),
    ],
)
def test_the_next_session_a_day_ahead_with_the_offset_that_holds_then(now: str, session: str) -> None:
    assert first(now, [at("tue", "14:00")]) == session


def test_an_hour_that_the_clocks_leap_over_is_told_as_they_show_it_then() -> None:
    assert first("2026-03-26T12:00", [at("sun", "01:30")]) == "2026-03-29T02:30:00+01:00"


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert first("2026-10-22T12:00", [at("sun", "01:30")]) == "2026-10-25T01:30:00+01:00"


def test_a_day_ahead_is_24_hours_also_where_a_day_has_23_or_25() -> None:
    assert first("2026-03-28T14:00", [at("sun", "14:30")]) == "2026-04-05T14:30:00+01:00"
    assert first("2026-10-24T13:30", [at("sun", "13:30")]) == "2026-10-25T13:30:00+00:00"


def test_24_00_is_the_beginning_of_the_day_that_follows() -> None:
    assert first("2026-03-02T23:00", [at("tue", "24:00")]) == "2026-03-04T00:00:00+00:00"
    assert first("2026-03-03T00:00", [at("tue", "24:00")]) == "2026-03-04T00:00:00+00:00"
    assert first("2026-03-03T00:01", [at("tue", "24:00")]) == "2026-03-11T00:00:00+00:00"


def test_a_session_at_24_00_counts_in_the_week_of_the_day_that_follows() -> None:
    group = choir(sessions=[at("sun", "24:00")])

    in_the_next = calendar().first_session(group, None, lambda week: week != (2026, 10))
    in_the_one_after = calendar().first_session(group, None, lambda week: week not in ((2026, 10), (2026, 11)))

    assert in_the_next
    assert in_the_one_after
    assert (in_the_next.date, in_the_one_after.date) == (date(2026, 3, 9), date(2026, 3, 16))


def test_a_group_meets_in_its_own_time_zone() -> None:
    assert first("2026-03-02T09:00", [at("tue", "14:00")], time_zone="America/New_York") == "2026-03-03T14:00:00-05:00"
    assert first("2026-03-02T09:00", [at("tue", "14:00")], time_zone="Pacific/Auckland") == "2026-03-10T14:00:00+13:00"


def test_the_session_that_was_asked_for_comes_before_a_nearer_one() -> None:
    assert first("2026-03-02T09:00", [at("wed", "10:00"), at("fri", "10:00")], ("fri", "10:00")) == "2026-03-06T10:00:00+00:00"
    assert first("2026-03-02T09:00", [at("wed", "10:00"), at("fri", "10:00")], ("fri", "11:00")) == "2026-03-04T10:00:00+00:00"


def test_what_is_not_every_week_has_no_date() -> None:
    assert first("2026-03-02T09:00", [at("wed", "10:00", 2)]) is None
    assert first("2026-03-02T09:00", [at("wed", "10:00", 2), at("fri", "10:00")], ("wed", "10:00")) is None
    assert first("2026-03-02T09:00", [at("wed", "10:00", 2), at("fri", "10:00")]) == "2026-03-06T10:00:00+00:00"
    assert first("2026-03-02T09:00", []) is None


def test_a_week_is_an_iso_week() -> None:
    assert [week_of(date(2026, 12, 31)), week_of(date(2027, 1, 3)), week_of(date(2027, 1, 4))] == [(2026, 53), (2026, 53), (2027, 1)]


@pytest.mark.parametrize(
    ("start", "still"),
    [
        ("2026-10-25T01:30:00+01:00", True),
        ("2026-10-25T00:30:00+00:00", True),
        ("2026-10-25T01:30:00+00:00", False),
        ("2026-10-26T00:00:00+00:00", True),
        ("2026-10-25T02:30:00+00:00", False),
        ("2026-10-24T01:30:00+01:00", False),
    ],
)
def test_a_group_still_meets_at_exactly_the_moments_of_its_schedule(start: str, still: bool) -> None:
    group = choir(sessions=[at("sun", "01:30"), at("sun", "24:00"), at("sun", "02:30", 2)])
    moment = datetime.fromisoformat(start)

    assert calendar().still_meets(group, HeldSession(date=moment.date(), start=moment)) is still
