"""When messages may go: by day in the reader's own zone, one a day, three a week. All moments are absolute; days are those of a zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

OPENS: Final = time(8)
CLOSES: Final = time(20)
A_DAY: Final = timedelta(hours=24)
A_WEEK: Final = 7 * A_DAY
IN_A_WEEK: Final = 3
_MORE_THAN: Final = timedelta(seconds=1)  # so that no stretch of exactly a day or a week holds one too many


def at(day: date, hour: time, zone: tzinfo) -> datetime:
    """This hour of this day, in UTC."""
    return datetime.combine(day, hour, zone).astimezone(UTC)


def next_open(moment: datetime, zone: tzinfo) -> datetime:
    """The first moment from here on that lies within the hours."""
    local = moment.astimezone(zone)
    if OPENS <= local.time() < CLOSES:
        return moment
    return at(local.date() if local.time() < OPENS else local.date() + timedelta(days=1), OPENS, zone)


def closing(moment: datetime, zone: tzinfo) -> datetime:
    """The end of the hours on this day."""
    return at(moment.astimezone(zone).date(), CLOSES, zone)


def next_day(last: datetime, zone: tzinfo) -> datetime:
    """The first moment that is another day than `last`, by the calendar and by the hours."""
    tomorrow = at(last.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    return max(tomorrow, last + A_DAY + _MORE_THAN)


def within_limits(claims: Iterable[datetime], zone: tzinfo) -> datetime | None:
    """From when on one more message keeps to one a day and three a week; None where nothing was sent."""
    newest_first = sorted(claims, reverse=True)
    if not newest_first:
        return None
    tomorrow = next_day(newest_first[0], zone)
    if len(newest_first) < IN_A_WEEK:
        return tomorrow
    return max(tomorrow, newest_first[IN_A_WEEK - 1] + A_WEEK + _MORE_THAN)
