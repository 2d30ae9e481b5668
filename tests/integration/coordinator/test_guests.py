"""Whom an organiser sees where there are very many: those whose places were given last."""

import pytest

from schemas.events.places import PlaceHeld, PlaceWaitlisted
from services.coordinator import reading
from services.coordinator.commands import ChooseGroup
from tests.integration.coordinator.desk import TUESDAY, Desk


def test_of_very_many_places_the_newest_are_shown(the_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [f"case-{number}" for number in range(2, 10)]
    for number, case in enumerate(cases):
        the_desk.later(minutes=1)
        the_desk.refer(f"p-{number}", case, f"REF-{case}")
        [_, requested] = the_desk.ask(ChooseGroup, case, group_id="choir")
        the_desk.place(PlaceWaitlisted if number % 2 else PlaceHeld, requested, **({} if number % 2 else {"session": TUESDAY}))
    with the_desk.embedded.reading("coordinator") as store:
        assert {guest.case_id for guest in reading.guests_of(store, "choir")} == set(cases)
        for most in range(1, 8):
            monkeypatch.setattr(reading, "GUESTS", most)
            assert {guest.case_id for guest in reading.guests_of(store, "choir")} == set(cases[-most:])
