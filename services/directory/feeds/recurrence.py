"""The weekly sessions of an HSDS schedule: iCalendar fields in HSDS 2 and 3, one row a weekday in HSDS 1.x, or a sentence.

What a schedule says by the month is kept as the nearest number of weeks, and reported; what it says by the day of the month or the year cannot be
said in weeks, and is reported and left out.
"""

import re
from collections.abc import Iterator
from datetime import date

from schemas.group import Session
from schemas.record import WEEKDAYS, Weekday
from services.directory.feeds.clocks import CLOCK, Moment, clock, moment, span, start_of
from services.directory.feeds.entity import Entity
from services.directory.feeds.reading import Findings
from services.directory.feeds.text import plain
from services.directory.feeds.times import MONTHLY, Times, parse_days, parse_times

MISSING = "is missing"
NOT_UNDERSTOOD = "time not understood, left unknown"

_CODES: dict[str, Weekday] = {day[:2].upper(): day for day in WEEKDAYS}
_BYDAY = re.compile(r"([+-]?\d)?\s*(MO|TU|WE|TH|FR|SA|SU)")
_CLOCK = re.compile(rf"({CLOCK})(.*)", re.DOTALL)
_ISO_TIME = re.compile(r"(\d{1,2}:\d{2}):\d{2}(?:\.\d+)?|(\d{1,2}:\d{2})(?:Z|[+-]\d{2}:?\d{2})|(\d{1,2}:\d{2}):\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?")


def sessions_of(schedule: Entity, findings: Findings, today: date | None) -> list[Session]:
    """The sessions that a schedule certainly means; the rest is noted. With `today` a schedule that has ended gives none."""
    findings.include(schedule.problems)
    if today and _ended(schedule, findings, today):
        return []
    if not schedule.text("opens_at", "closes_at"):
        return _from_text(schedule, findings)
    days, every_weeks = _days(schedule, findings)
    hours = _hours(schedule, findings) if days else None
    if hours is None:
        return []
    start, end = hours
    return [Session(weekday=day, start=clock(start), end=None if end is None else clock(end), every_weeks=every_weeks) for day in days]


def _ended(schedule: Entity, findings: Findings, today: date) -> bool:
    for name in ("valid_to", "until"):
        last = _date(schedule.text(name))
        if last and last < today:
            findings.repaired(schedule.spot, schedule.field(name), "the schedule has ended, left out")
            return True
    return False


def _from_text(schedule: Entity, findings: Findings) -> list[Session]:
    """Sessions from a sentence; of a row of HSDS 1.x only those of the row's own weekday, for every weekday has its row."""
    name, said = schedule.said("original_text", "description")
    times = parse_times(plain(said, 4_000).text) if said else Times()
    own_day = parse_days(schedule.text("weekday"))
    sessions = [session for session in times.sessions if not own_day or session.weekday in own_day]
    if sessions:
        _note(times.notes, schedule, name, findings)
    elif schedule.text("weekday", "byday", "freq"):
        findings.repaired(schedule.spot, schedule.field("opens_at"), MISSING)
    if times.unread:
        _note((f"{NOT_UNDERSTOOD}: {times.unread[0]}",), schedule, name, findings)
    return sessions


def _note(notes: tuple[str, ...], schedule: Entity, name: str, findings: Findings) -> None:
    for note in notes:
        findings.repaired(schedule.spot, schedule.field(name), note)


def _days(schedule: Entity, findings: Findings) -> tuple[list[Weekday], int]:
    """The weekdays, and every how many weeks; no day where the rule cannot be said in weeks."""
    frequency = schedule.text("freq").upper()
    interval = _interval(schedule)
    named = list(_named_days(schedule))
    if frequency in ("", "WEEKLY", "DAILY") and not any(ordinal for _, ordinal in named):
        return _weekly_days(schedule, findings, frequency, interval, [day for day, _ in named])
    if frequency in ("", "WEEKLY", "MONTHLY") and interval == 1 and (named or not schedule.text("bymonthday")):
        days = [day for day, _ in named] or _start_day(schedule)
        findings.repaired(schedule.spot, schedule.field("freq"), MONTHLY)
        return list(dict.fromkeys(days)), 2 if len(set(days)) == 1 and len(named) == 2 else 4
    findings.repaired(schedule.spot, schedule.field("freq"), f"not a weekly rule, {NOT_UNDERSTOOD}: {frequency[:20]} {interval}")
    return [], 1


def _weekly_days(schedule: Entity, findings: Findings, frequency: str, interval: int, days: list[Weekday]) -> tuple[list[Weekday], int]:
    if frequency == "DAILY" and interval % 7 == 0:
        frequency, interval = "WEEKLY", interval // 7
    if frequency == "DAILY":
        days = (days or list(WEEKDAYS)) if interval == 1 else []
    days = list(dict.fromkeys(days or (_start_day(schedule) if frequency != "DAILY" else [])))
    if not days:
        findings.repaired(schedule.spot, schedule.field("weekday" if "weekday" in schedule.values else "byday"), f"no weekday, {NOT_UNDERSTOOD}")
    return days, min(interval, 52)


def _interval(schedule: Entity) -> int:
    said = schedule.text("interval")
    return int(float(said)) if re.fullmatch(r"[1-9]\d{0,2}(?:\.0)?", said) else 1


def _named_days(schedule: Entity) -> Iterator[tuple[Weekday, str | None]]:
    byday = schedule.text("byday").upper()
    if byday and not _BYDAY.sub("", byday).strip(" ,;"):
        for ordinal, code in _BYDAY.findall(byday):
            yield _CODES[code], ordinal or None
    else:
        for day in parse_days(byday or schedule.text("weekday", "day")):
            yield day, None


def _start_day(schedule: Entity) -> list[Weekday]:
    """Without `byday` a rule repeats the weekday on which it starts (RFC 5545, 3.3.10)."""
    start = _date(schedule.text("dtstart"))
    return [WEEKDAYS[start.weekday()]] if start else []


def _hours(schedule: Entity, findings: Findings) -> tuple[int, int | None] | None:
    opens, closes = schedule.text("opens_at"), schedule.text("closes_at")
    start, end = (_moment(schedule, name, findings) for name in ("opens_at", "closes_at"))
    if start and end and (both := span(start, end)):
        return both
    contradictory = bool(start and end and start.spoken and end.spoken)
    alone = start_of(start) if start and not contradictory else None
    if alone is None:
        findings.repaired(schedule.spot, schedule.field("opens_at"), f"{NOT_UNDERSTOOD}: {opens[:40]}" if opens else MISSING)
        return None
    if closes:
        findings.repaired(schedule.spot, schedule.field("closes_at"), f"{NOT_UNDERSTOOD}: {closes[:40]}")
    return alone, None


def _moment(schedule: Entity, name: str, findings: Findings) -> Moment | None:
    """The time in a field; words after it ("5:00pm (counter closes at 4:30)") are noted."""
    said = schedule.text(name).lower()
    if iso := _ISO_TIME.fullmatch(said.upper()):
        said = next(part for part in iso.groups() if part)
    found = _CLOCK.fullmatch(
        plain(said, 200).text.replace("noon", "12:00pm").replace("midnight", "12:00am").replace("a.m.", "am").replace("p.m.", "pm")
    )
    if found is None:
        return None
    if found[2].strip(" ."):
        findings.repaired(schedule.spot, schedule.field(name), f"words after the time were left out: {found[2].strip()[:40]}")
    return moment(found[1])


def _date(said: str) -> date | None:
    found = _DATE.fullmatch(said)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
