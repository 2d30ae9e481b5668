"""Two tiny services over a real data folder."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.chassis.clock import HandSetClock
from services.chassis.embedded import Embedded
from services.chassis.folder import DataFolder
from services.chassis.running import Clocks
from tests.two_services import NOW, Answering, two_services


@dataclass
class Town:
    """An installation that can be stopped and started again over the same folder."""

    folder: Path
    migrations: Path
    answering: Answering = field(default_factory=Answering)
    clock: HandSetClock = field(default_factory=lambda: HandSetClock(NOW))

    def open(self) -> Embedded:
        """The services as a process that starts finds them."""
        embedded = Embedded(DataFolder(self.folder), Clocks(self.clock, self.clock))
        for service in two_services(self.answering, self.migrations):
            embedded.add(service)
        return embedded


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A folder with the two services."""
    return Town(tmp_path / "data", tmp_path / "migrations")


@pytest.fixture
def embedded(town: Town) -> Iterator[Embedded]:
    """The two services, started."""
    running = town.open()
    running.start()
    yield running
    running.close()
