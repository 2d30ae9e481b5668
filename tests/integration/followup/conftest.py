"""A town with one person who has a place on Thursday week."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.integration.followup.town import Town, local, town

THURSDAY = local(date(2026, 3, 12), 14)


@pytest.fixture
def the_town(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as opened:
        yield opened


@pytest.fixture
def placed(the_town: Town) -> Town:
    """Ada was referred, and has her place: the details are on their way."""
    the_town.refer()
    the_town.hold(session=THURSDAY)
    return the_town
