"""The year as a command lives it, in small: sixty people over the change of the clocks, with everything going wrong that can."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.year.__main__ import by_promise, report
from benchmarks.year.living import Lived, Plan, live
from schemas.events.outcomes import ContactLost
from services.coordinator.handlers import facts
from services.followup.domain import gate
from tests.integration.followup.unsteady import FAULTS

AUTUMN = datetime(2026, 9, 28, 8, tzinfo=UTC)
HAPPENED = ("said STOP", "closed", "delisted", "moved", "capacity changed", "sms unknown", "email refused")
"""What must have come about at least once, so that the weeks were not idle."""


def lived(folder: Path, people: int = 60, days: int = 60) -> Lived:
    """Some weeks of the autumn in a town of few groups."""
    return live(Plan(people, days, seed=4, start=AUTUMN, groups=80, faults=FAULTS), folder)


def found(told: Lived) -> set[str]:
    """The promises that were found to be broken."""
    return {promise for promise, times in by_promise(told.broken).items() if times}


@pytest.mark.timeout(300)
def test_every_promise_holds_over_sixty_days(tmp_path: Path) -> None:
    told = lived(tmp_path)
    assert told.broken == []
    assert told.messages > 50
    assert told.restarts > 0
    assert told.silences > 0
    assert told.tasks["silent"] > 0
    assert told.clock_changes == ["2026-10-25 Europe/London", "2026-11-01 America/New_York", "2026-10-25 Europe/Paris"]
    assert set(HAPPENED) <= told.happened.keys()
    assert "  sent out of hours                                0" in list(report(told))


@pytest.mark.timeout(300)
def test_a_gate_without_one_of_its_rules_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "RULES", tuple(rule for rule in gate.RULES if rule.__name__ != "_hours"))
    assert found(lived(tmp_path, people=20, days=20)) == {"sent out of hours"}


@pytest.mark.timeout(300)
def test_a_coordinator_who_hears_nothing_of_silence_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf: dict[Any, Any] = {kind: follow for kind, follow in facts._FOLLOWS.items() if kind is not ContactLost}
    monkeypatch.setattr(facts, "_FOLLOWS", deaf)
    assert found(lived(tmp_path, people=20, days=35)) == {"silent, and no human told"}
