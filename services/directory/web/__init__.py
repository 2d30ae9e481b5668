"""The directory over HTTP: our own group records at `/v1/groups`, and the same groups as HSDS 3 at `/hsds`.

Reading is open to everybody and shows no contact; a change needs the caller's credential.
"""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.chassis.web.commands import Commands
from services.directory.web import capacity, groups, hsds
from services.directory.web.groups import Prepare
from services.directory.web.queries import Reading


def routes(reading: Reading, commands: Commands, prepare: Prepare, now: Callable[[], datetime]) -> APIRouter:
    """All routes of the directory. `reading()` opens its store, `prepare` makes groups ready to be listed, `now` is the domain clock's."""
    router = APIRouter(tags=["directory"])
    router.include_router(groups.routes(reading, commands, prepare, now))
    router.include_router(capacity.routes(commands, now))
    router.include_router(hsds.routes(reading))
    return router
