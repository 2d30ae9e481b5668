"""A desk of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.coordinator.desk import Desk, desk


@pytest.fixture
def the_desk(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as opened:
        opened.refer()
        yield opened
