"""The ledger of unmet need counts whom nothing fitted, and whose every place was refused or declined and who never held one."""

from typing import Any

import pytest

from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.places import PlaceRefused
from services.cli.unmet import unmet
from services.coordinator.commands import ChooseGroup, DeclineGroups
from services.coordinator.store import ledger as ledger_store
from tests.integration.coordinator.desk import Desk

NEEDS: dict[str, Any] = {"words": ["singing"], "tags": ["whatever a clinic typed"], "area": "LE2"}


def ledger(desk: Desk) -> list[tuple[str, str, str, str, int]]:
    with desk.embedded.reading("coordinator") as store:
        return list(store.unmet())


def test_whoever_never_held_a_place_is_counted_once_a_kind_under_the_first_reason(the_desk: Desk) -> None:
    for number in range(2, 5):
        the_desk.refer(f"p-{number}", f"case-{number}", f"REF-{number}", **NEEDS)
    refused = the_desk.ask(ChooseGroup, "case-2", group_id="choir")[1]
    the_desk.place(PlaceRefused, refused, reason="full")
    the_desk.later(minutes=1)
    the_desk.ask(DeclineGroups, "case-2", reason="too_far")
    the_desk.ask(DeclineGroups, "case-3", reason="too_far")
    unmet = Unmet(model="m", directory_version="d", ruled_out={"reach": 3}, kinds=["painting"], area="LE2")
    the_desk.say(NoMatchFound(person="p-4", case_id="case-4", matching=unmet))
    assert ledger(the_desk) == [
        ("painting", "LE2", "2026-07", "reach", 1),
        ("singing", "LE2", "2026-07", "declined", 1),
        ("singing", "LE2", "2026-07", "full", 1),
    ]


def test_who_held_a_place_after_all_is_not_in_it(the_desk: Desk) -> None:
    the_desk.refer("p-2", "case-2", "REF-2", **NEEDS)
    the_desk.ask(DeclineGroups, "case-2", reason="too_far")
    assert len(ledger(the_desk)) == 1
    the_desk.held(the_desk.ask(ChooseGroup, "case-2", group_id="choir")[1])
    assert ledger(the_desk) == []


def test_the_command_line_says_since_when_it_counts_where_the_ledger_is_cut(
    the_desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (2, 3):
        the_desk.refer(f"p-{number}", f"case-{number}", f"REF-{number}", **NEEDS)
        the_desk.ask(DeclineGroups, f"case-{number}", reason="too_far")
    told = []
    for most in (2, 1):
        monkeypatch.setattr(ledger_store, "MOST_FACTS", most)
        unmet(the_desk.embedded.folder.path)
        told.append(capsys.readouterr().err)
    assert told == ["", "There is more than this counts: it tells of what was sought since 2026-07-01.\n"]
