"""A caller of the directory's routes, inside the web's shell and over a real data folder."""

from collections.abc import Sequence
from typing import Any

from starlette.testclient import TestClient

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import ServiceName
from services.chassis.clock import SystemClock
from services.chassis.errors import Rejected
from services.chassis.web.application import application
from services.chassis.web.guard import guard
from services.chassis.web.pages import pages
from services.directory.web import routes
from tests.integration.directory_folder import Folder

TOKEN = {"Authorization": "Bearer let-me-in"}
CONTACT = {"name": "Zebedee Quillfeather", "email": "zebedee@knitting.example", "phone": None}


class AtOnce:
    """Decides every command as it comes."""

    def __init__(self, town: Folder) -> None:
        self._town = town

    async def put(self, service: ServiceName, command: Any) -> Sequence[Event[Data]]:
        """The facts that followed, committed."""
        [answer] = self._town.embedded.decide(service, [command])
        if isinstance(answer, Rejected):
            raise answer
        return answer


def client_of(town: Folder) -> TestClient:
    """A caller without credential."""
    router = routes(town.reading, AtOnce(town), town.prepare, town.clock.now)
    app = application(
        [router], guard("let-me-in", b"k" * 32, SystemClock()), pages(), SystemClock(), version="0", alive=lambda: True, ready=lambda: True
    )
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
