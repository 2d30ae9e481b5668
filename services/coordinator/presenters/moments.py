"""Times as people say them: the clock of a place, days by name, and how long somebody has waited."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from models.explain import DAYS, MONTHS, WEEKDAY_NAMES
from schemas.group import Session
from schemas.record import WEEKDAYS, Weekday, minutes
from schemas.referral import Window

_NOON, _MIDNIGHTS = 12 * 60, (0, 24 * 60)
_HOUR: Final = timedelta(hours=1)
_IN_DAYS, _IN_WEEKS = timedelta(days=14), timedelta(days=61)


def clock(time: str) -> str:
    """A time of day "HH:MM" as 9am, 5:30pm, midday, midnight."""
    at = minutes(time)
    if at in _MIDNIGHTS:
        return "midnight"
    if at == _NOON:
        return "midday"
    hour, minute = divmod(at, 60)
    return f"{(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''}{'am' if at < _NOON else 'pm'}"


def date_in_words(moment: datetime, zone: tzinfo) -> str:
    """The day of a moment in a zone, as "2 March 2026"."""
    there = moment.astimezone(zone)
    return f"{there.day} {MONTHS[there.month - 1]} {there.year}"


def moment_in_words(moment: datetime, zone: tzinfo) -> str:
    """A moment in a zone, as "Monday 2 March 2026, 9:14am"."""
    there = moment.astimezone(zone)
    return f"{DAYS[there.weekday()]} {date_in_words(moment, zone)}, {clock(there.strftime('%H:%M'))}"


def day_in_words(day: date) -> str:
    """A day that is near, as "Tuesday 10 March"."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def soon_in_words(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment that is near, as "Tuesday 10 March, 10:30am": in a zone, else by its own offset."""
    there = moment.astimezone(zone) if zone else moment
    return f"{day_in_words(there.date())}, {clock(there.strftime('%H:%M'))}"


def month_in_words(month: str) -> str:
    """A month "2026-03" as March 2026."""
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def waited(since: datetime, now: datetime) -> str:
    """How long it is from then to now, in the largest unit that says enough."""
    passed = max(now - since, timedelta())
    if passed < _HOUR:
        return "less than an hour"
    for unit, length, until in (("hour", _HOUR, timedelta(days=1)), ("day", timedelta(days=1), _IN_DAYS), ("week", timedelta(weeks=1), _IN_WEEKS)):
        if passed < until:
            return _counted(passed // length, unit)
    return _counted(int(passed / timedelta(days=30.44)), "month")


def sessions_in_words(sessions: Sequence[Session]) -> tuple[str, ...]:
    """When a group meets, the days with the same hours together: "Tuesdays, 10am to 12:30pm", "Every 2 weeks on Tuesday, from 7pm"."""
    days: dict[tuple[str, int], list[Weekday]] = {}
    for session in sessions:
        hours = f"{clock(session.start)} to {clock(session.end)}" if session.end else f"from {clock(session.start)}"
        days.setdefault((hours, session.every_weeks), []).append(session.weekday)
    return tuple(f"{_meets(on, every)}, {hours}" for (hours, every), on in days.items())


def windows_in_words(windows: Sequence[Window]) -> tuple[str, ...]:
    """When a person is free, the days with the same hours together: "Monday, Tuesday: 9am to 1pm"."""
    days: dict[str, list[Weekday]] = {}
    for window in windows:
        days.setdefault(f"{clock(window.start)} to {clock(window.end)}", []).append(window.weekday)
    return tuple(f"{_run(on) or ', '.join(WEEKDAY_NAMES[day] for day in on)}: {hours}" for hours, on in days.items())


def _meets(on: list[Weekday], every_weeks: int) -> str:
    if every_weeks > 1:
        return f"Every {every_weeks} weeks on {', '.join(WEEKDAY_NAMES[day] for day in on)}"
    return _run(on) or ", ".join(f"{WEEKDAY_NAMES[day]}s" for day in on)


def _run(on: list[Weekday]) -> str | None:
    """The name of the whole week or of its working days."""
    return {WEEKDAYS: "Every day", WEEKDAYS[:5]: "Monday to Friday"}.get(tuple(on))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
