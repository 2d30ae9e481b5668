"""A desk of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.events.places import PlaceRequested
from services.coordinator.commands import ChooseGroup
from tests.integration.coordinator.desk import Desk, desk


@pytest.fixture
def the_desk(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as opened:
        opened.refer()
        yield opened


@pytest.fixture
def place(the_desk: Desk) -> PlaceRequested:
    """The place that was asked for."""
    requested: PlaceRequested = the_desk.ask(ChooseGroup, group_id="choir")[1]
    return requested
