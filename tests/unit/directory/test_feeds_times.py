"""Times as people write them are understood whole, or handed back."""

import pytest

from schemas.record import WEEKDAYS
from services.directory.feeds.times import LONGEST_TEXT, parse_days, parse_times

EVERY_DAY = " ".join(WEEKDAYS)
WORKING_DAYS = "mon tue wed thu fri"


def said(text: str) -> str:
    """The sessions in one line: days, hours and, where it is not every week, the number of weeks."""
    hours: dict[str, list[str]] = {}
    for session in parse_times(text).sessions:
        weeks = f"/{session.every_weeks}" if session.every_weeks > 1 else ""
        hours.setdefault(f"{session.start}-{session.end or '?'}{weeks}", []).append(session.weekday)
    return "; ".join(f"{' '.join(days)} {at}" for at, days in hours.items())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mon 10:00-12:00; Wed 14:00-15:30", "mon 10:00-12:00; wed 14:00-15:30"),
        ("9:00am-5:00pm, Mon-Fri", f"{WORKING_DAYS} 09:00-17:00"),
        ("Mon-Tue 12-6; Wed 12-7", "mon tue 12:00-18:00; wed 12:00-19:00"),
        ("Mondays and Thursdays, 10am to 12pm", "mon thu 10:00-12:00"),
        ("Tuesdays 7pm", "tue 19:00-?"),
        ("Monday 1:50pm-6:00pm", "mon 13:50-18:00"),
        ("Mon–Fri 9–5", f"{WORKING_DAYS} 09:00-17:00"),
        ("Mon 9.00 — 17.00", "mon 09:00-17:00"),
        ("Sat-Mon 10-2", "sat sun mon 10:00-14:00"),
        ("Mon, Wed-Sun 9:30am-4:30pm", "mon wed thu fri sat sun 09:30-16:30"),
        ("Sat & Sun noon-4pm", "sat sun 12:00-16:00"),
        ("8pm-midnight Fri", "fri 20:00-24:00"),
        ("Fri 22:00-01:00", "fri 22:00-01:00"),
        ("between 10am and 12 noon on Fridays", "fri 10:00-12:00"),
        ("Every Monday, 7:30 p.m.", "mon 19:30-?"),
        ("Sat 6-8pm", "sat 18:00-20:00"),
        ("Sat 9-5pm", "sat 09:00-17:00"),
        ("Tue 0900-1300", "tue 09:00-13:00"),
        ("Wed 830am-1030am", "wed 08:30-10:30"),
        ("weekdays 9am-noon", f"{WORKING_DAYS} 09:00-12:00"),
        ("daily 9-5", f"{EVERY_DAY} 09:00-17:00"),
        ("24 hours", f"{EVERY_DAY} 00:00-24:00"),
        ("24 hours a day, 7 days a week", f"{EVERY_DAY} 00:00-24:00"),
        ("24/7, Sat, Sun", "sat sun 00:00-24:00"),
        ("8:00am-12:00pm; 1:00pm-5:00pm, Mon", "mon 08:00-12:00; mon 13:00-17:00"),
        ("9:00am-1:00pm / 2:00pm-6:00pm, Tue;\\n10am-1pm, Fri", "tue 09:00-13:00; tue 14:00-18:00; fri 10:00-13:00"),
        ("9:00am & 1:00pm, Tue", "tue 09:00-?; tue 13:00-?"),
        ("Mon 10-12, Tue 1-3", "mon 10:00-12:00; tue 13:00-15:00"),
        ("10-12 Mon, 1-3 Tue", "mon 10:00-12:00; tue 13:00-15:00"),
        ("Opening hours: Mon 9-5", "mon 09:00-17:00"),
        ("fortnightly on Tuesdays 2-4pm", "tue 14:00-16:00/2"),
        ("every other Wed 10:30am", "wed 10:30-?/2"),
        ("every 3 weeks, Thu 10am-11am", "thu 10:00-11:00/3"),
    ],
)
def test_a_time_is_understood(text: str, meant: str) -> None:
    assert said(text) == meant
    assert parse_times(text).unread == ()
    assert parse_times(text).notes == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("First Monday of month 6pm", "mon 18:00-?/4"),
        ("7:00pm-8:30pm, 1st Tuesday every month", "tue 19:00-20:30/4"),
        ("10:00am-11:00am, Every 1st and 3rd Thursday of the month", "thu 10:00-11:00/2"),
        ("Monthly on Tuesday 7pm", "tue 19:00-?/4"),
    ],
)
def test_a_monthly_meeting_is_kept_in_weeks_and_said_to_be_only_nearly_so(text: str, meant: str) -> None:
    assert said(text) == meant
    assert parse_times(text).notes == ("meets by the month, kept as the nearest number of weeks",)


@pytest.mark.parametrize(
    "text",
    [
        "Mon 8-10",
        "Mon 7:30",
        "Monday 10",
        "1:50pm",
        "Monday",
        "by appointment, Mon 9-5",
        "Mon 10am-12pm (term time)",
        "Mon-Thru 10:00am-5:30pm",
        "mon 25:00-26:00",
        "9:30pm-5:00pm, Fri",
        "Mon 10:00-10:00",
        "9:00am-12:00pm, Sat (Feb 9, 16, 23)",
        "Mon 10-12 fortnightly, Tue 1-3",
        "1st, 2nd and 3rd Monday 6pm",
        "Ages 5-17",
    ],
)
def test_what_is_not_certain_is_handed_back_and_not_guessed(text: str) -> None:
    times = parse_times(text)
    assert times.sessions == ()
    assert times.unread == (text.lower(),)


def test_a_piece_that_is_not_understood_does_not_take_the_others_with_it() -> None:
    assert said("Mon 10-12; Tue by appointment") == "mon 10:00-12:00"
    assert parse_times("Mon 10-12; Tue by appointment").unread == ("tue by appointment",)


def test_hours_under_a_heading_that_changes_their_meaning_are_not_taken_for_the_usual_ones() -> None:
    times = parse_times("9am-5pm, Mon\\n\\nSummer Hours:\\n8am-2pm, Mon")
    assert [session.start for session in times.sessions] == ["09:00"]
    assert times.unread == ("summer hours:", "8am-2pm, mon")


def test_a_text_without_end_is_handed_back_shortened() -> None:
    times = parse_times("Mon 10-12; " * LONGEST_TEXT)
    assert times.sessions == ()
    assert len(times.unread[0]) == 80


@pytest.mark.parametrize(("text", "days"), [("Monday", ("mon",)), ("Mon-Wed", ("mon", "tue", "wed")), ("Tue, Thur", ("tue", "thu"))])
def test_weekdays_are_read_alone(text: str, days: tuple[str, ...]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "Someday", "Monday evening", "Mon 10-12"])
def test_what_is_not_only_weekdays_is_none(text: str) -> None:
    assert parse_days(text) == ()
