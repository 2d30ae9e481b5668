"""The two clocks, both passed in: the domain clock (events, touches, quiet hours) and the wall clock (sign-in, transport, metrics).

This is the only module that asks the machine for the time.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol


class Clock(Protocol):
    """Tells the time, always with a zone."""

    def now(self) -> datetime:
        """The present moment in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """Starts at a given moment and runs at the speed of another clock: how a trial is set in the past or the future."""

    def __init__(self, start: datetime, by: Clock) -> None:
        self._shift = start - by.now()
        self._by = by

    def now(self) -> datetime:
        """The shifted moment in UTC."""
        return (self._by.now() + self._shift).astimezone(UTC)


class HandSetClock:
    """Stands still until it is set, and may be let run: simulated time, and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._running: ShiftedClock | None = None

    def now(self) -> datetime:
        """The moment it was last set to, and what has passed since it was let run."""
        return self._running.now() if self._running else self._now

    def set(self, moment: datetime) -> None:
        """Move on; time never runs backwards.

        Raises:
            ValueError: `moment` lies before the present.
        """
        if moment < self.now():
            raise ValueError(f"time does not run backwards: {moment.isoformat()} is before {self.now().isoformat()}")
        self._now = moment

    def run(self, by: Clock) -> None:
        """Go on from here at the speed of another clock."""
        self._running = ShiftedClock(self._now, by)


def last_time(now: datetime, at: time, zone: tzinfo) -> datetime:
    """The last moment up to now at which clocks in this zone showed this time."""
    local = now.astimezone(zone)
    moment = datetime.combine(local.date(), at, zone)
    return moment if moment <= now else datetime.combine(local.date() - timedelta(days=1), at, zone)
