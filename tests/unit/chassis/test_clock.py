"""The clocks that are passed in."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import HandSetClock, ShiftedClock, SystemClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_system_clock_tells_utc_and_does_not_run_backwards() -> None:
    clock = SystemClock()
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first


def test_a_clock_set_by_hand_stands_still_and_never_runs_backwards() -> None:
    clock = HandSetClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.set(NOON + timedelta(hours=1))
    with pytest.raises(ValueError, match="time does not run backwards"):
        clock.set(NOON)


def test_a_clock_set_by_hand_may_be_let_run_from_where_it_stands() -> None:
    wall, clock = HandSetClock(NOON), HandSetClock(NOON - timedelta(days=30))
    clock.run(wall)
    wall.set(NOON + timedelta(minutes=5))
    assert clock.now() == NOON - timedelta(days=30) + timedelta(minutes=5)


def test_a_shifted_clock_starts_where_it_is_told_and_keeps_pace() -> None:
    wall = HandSetClock(NOON)
    clock = ShiftedClock(datetime(2030, 1, 1, tzinfo=UTC), wall)
    wall.set(NOON + timedelta(hours=2))
    assert clock.now() == datetime(2030, 1, 1, 2, tzinfo=UTC)
