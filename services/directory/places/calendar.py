"""When a group meets: its weekly schedule as moments, in its own time zone or the installation's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.events.places import HeldSession, WeeklySession
from schemas.group import Group, Session
from schemas.record import MINUTES_A_DAY, WEEKDAYS, minutes

WEEKS_AHEAD: Final = 52

Week = tuple[int, int]
"""An ISO year and week."""

HasRoom = Callable[[Week], bool]
"""Whether one more person may come for the first time in this week."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What first sessions are reckoned from: the present, how much time a person needs before one, and the installation's time zone."""

    now: datetime
    lead: timedelta
    time_zone: str

    def first_session(self, group: Group, wanted: WeeklySession | None, has_room: HasRoom) -> HeldSession | None:
        """The next session that suits, in a week with room, at most a year ahead.

        None where there is no such session, or where it is not known on which dates it takes place.
        """
        zone, earliest = self._zone(group), self.now + self.lead
        suiting = _suiting(group.sessions, wanted)
        for day in _days_from(earliest.astimezone(zone).date(), suiting):
            for start in sorted(_starts_on(day, suiting, zone)) if _may_have_room(day, has_room) else ():
                if start >= earliest and has_room(week_of(start.date())):
                    return HeldSession(date=start.date(), start=start)
        return None

    def still_meets(self, group: Group, session: HeldSession) -> bool:
        """Whether the group's schedule still has this session."""
        zone = self._zone(group)
        day = session.start.astimezone(zone).date()
        weekly = _suiting(group.sessions, None)
        return any(start == session.start for before in (0, 1) for start in _starts_on(day - timedelta(days=before), weekly, zone))

    def _zone(self, group: Group) -> ZoneInfo:
        return ZoneInfo(group.time_zone or self.time_zone)


def week_of(day: date) -> Week:
    """The ISO week of a day."""
    year, week, _ = day.isocalendar()
    return year, week


def _suiting(sessions: Sequence[Session], wanted: WeeklySession | None) -> list[Session]:
    """The sessions at the wanted time, or all where there is none; of these, those that are every week, because no date is known of the others."""
    asked_for = [one for one in sessions if wanted and (one.weekday, one.start) == (wanted.weekday, wanted.start)]
    return [one for one in asked_for or sessions if one.every_weeks == 1]


def _days_from(first: date, sessions: Sequence[Session]) -> Iterator[date]:
    """Every day of a year that has one of the sessions, from the day before: a session at 24:00 is on the day that follows."""
    weekdays = {one.weekday for one in sessions}
    days = (first + timedelta(days=ahead) for ahead in range(-1, 7 * WEEKS_AHEAD + 1))
    return (day for day in days if WEEKDAYS[day.weekday()] in weekdays)


def _may_have_room(day: date, has_room: HasRoom) -> bool:
    """Whether it is worth working out when the sessions of this day start; one at 24:00 is in the week of the day that follows."""
    return has_room(week_of(day)) or has_room(week_of(day + timedelta(days=1)))


def _starts_on(day: date, sessions: Sequence[Session], zone: ZoneInfo) -> Iterator[datetime]:
    return (_start(day, session, zone) for session in sessions if WEEKDAYS[day.weekday()] == session.weekday)


def _start(day: date, session: Session, zone: ZoneInfo) -> datetime:
    """The moment with its offset, fixed. What the clocks leap over is told as they show it after the leap; of two, the first is meant."""
    days, minute = divmod(minutes(session.start), MINUTES_A_DAY)
    local = datetime.combine(day + timedelta(days=days), time(*divmod(minute, 60)), zone)
    return datetime.fromisoformat(local.astimezone(UTC).astimezone(zone).isoformat())
