"""A whole installation served without a network: the pump in its thread, the routes in one application, the sample town's groups listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from models.town.groups import town_groups
from services.chassis.embedded import Embedded
from services.chassis.pump import Pump
from services.chassis.web.guard import guard
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.serving import compose

TOKEN = "an-access-key-for-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Served:
    """The installation and its application."""

    running: Installation[Embedded]
    app: FastAPI

    def client(self, *, signed_in: bool = True) -> TestClient:
        """A client that shows what the server raises as the answer that a user would get."""
        headers = BEARER if signed_in else {}
        return TestClient(self.app, base_url="http://127.0.0.1", headers=headers, raise_server_exceptions=False, follow_redirects=False)


@contextmanager
def served(folder: Path, groups: int = 20) -> Iterator[Served]:
    """Serve a folder in which so many of the sample town's groups are listed."""
    with embedded_installation(settings_for(folder)) as running:
        list_groups(running, "sample-town", town_groups(1)[:groups])
        pump = Pump(running.services)
        gate = guard(TOKEN, running.services.folder.key_encryption_key(), running.services.clocks.wall)
        pump.start()
        try:
            yield Served(running, compose(running, pump, gate))
        finally:
            pump.stop()
