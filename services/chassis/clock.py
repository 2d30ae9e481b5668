"""The two clocks, both passed in: the domain clock (events, touches, quiet hours) and the wall clock (sign-in, transport, metrics).

This is the only module that asks the machine for the time.
"""

from datetime import UTC, datetime
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
    """Stands still until it is set: simulated time, and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Move on; time never runs backwards.

        Raises:
            ValueError: `moment` lies before the present.
        """
        if moment < self._now:
            raise ValueError(f"time does not run backwards: {moment.isoformat()} is before {self._now.isoformat()}")
        self._now = moment
