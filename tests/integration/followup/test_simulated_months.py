"""Fifty people through the change of the clocks in spring and in autumn, with faults: every promise holds for every message."""

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from services.followup.domain import gate
from tests.integration.followup.oracle import Oracle
from tests.integration.followup.simulation import simulate
from tests.integration.followup.town import LONDON, NOW, Town, local

HAPPENED = (
    "cancelled closed", "cancelled moved", "cancelled place_lost", "cancelled stopped", "cancelled too_late", "cancelled withdrawn",
    "failed unknown", "failed unreachable", "reply red_flag", "reply start", "reply stop",
)  # fmt: skip
"""What must have come about at least once, so that the months were not idle."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("start", [datetime(2026, 2, 20, 9, tzinfo=UTC), datetime(2026, 9, 20, 9, tzinfo=UTC)], ids=["spring", "autumn"])
def test_every_promise_holds_for_fifty_people_over_months(tmp_path: Path, start: datetime) -> None:
    came_of_it = simulate(tmp_path, people=50, start=start, days=110, seed=start.month)
    assert came_of_it.broken == []
    assert came_of_it.undone == []
    assert came_of_it.missing == []
    assert came_of_it.ends["sent"] > 100
    assert came_of_it.kills > 0
    assert set(HAPPENED) <= came_of_it.ends.keys()


@pytest.mark.parametrize(("left_out", "told"), [("_hours", "out of hours"), ("_limits", "asked twice a day"), ("_red_flag", "under a red flag")])
def test_a_gate_without_one_of_its_rules_is_found_out(tmp_path: Path, left_out: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "RULES", tuple(rule for rule in gate.RULES if rule.__name__ != left_out))
    came_of_it = simulate(tmp_path, people=20, start=datetime(2026, 2, 20, 9, tzinfo=UTC), days=30, seed=3)
    assert told in " ".join(came_of_it.broken)


@pytest.mark.parametrize(("hours", "told"), [(None, []), (1, ["twice a day", "four times a week"]), (25, ["four times a week"])])
def test_what_messages_say_of_when_they_were_written_is_looked_into(placed: Town, hours: int | None, told: list[str]) -> None:
    for day in (12, 13, 14, 28):
        placed.at(local(date(2026, 3, day - 1), 14) if day == 12 else local(date(2026, 3, day), 10))
    oracle = Oracle(LONDON)
    for event in placed.log():
        oracle.read(event)
    outbox = placed.outbox()
    for number, message in enumerate(outbox.values()):
        if hours:
            message.replace_header("Date", format_datetime(NOW + timedelta(hours=hours * number)))
    oracle.look_into(outbox)
    assert [one for one in ("twice a day", "four times a week") if one in " ".join(oracle.broken)] == told
