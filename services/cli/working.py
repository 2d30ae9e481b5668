"""Runs one copy of one service, with its health and its metrics on a port."""

from collections.abc import Callable, Iterable
from contextlib import closing
from importlib.metadata import version

from fastapi import FastAPI

from schemas.streams import ServiceName
from services.chassis.backlog import Backlog
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.worker import Worker
from services.chassis.errors import UserError
from services.chassis.running import Running
from services.chassis.web.application import application
from services.chassis.web.guard import Guard, guard_of_a_monitored
from services.chassis.web.metrics import families
from services.chassis.web.serving import Server, address, listen
from services.cli.installation import Installation
from services.cli.serving import serve_beside


def work(running: Installation[Distributed], name: ServiceName, port: int, host: str) -> None:
    """Work until interrupted.

    Raises:
        UserError: the address cannot be had, or a fault in the service stopped it.
    """

    def stop() -> None:
        server.should_exit = True

    with closing(listen(host, port)) as listening:
        worker = Worker(running.services, name, stop)
        app = monitoring(running.services, _guard(running), worker.backlogs, lambda: worker.alive, lambda: worker.ready)
        server = Server(app, listening, lambda: print(f"ready {address(listening)}", flush=True))
        serve_beside(server, worker)
    if worker.failure:
        raise UserError(f"the {name} stopped because of a fault in it ({type(worker.failure).__name__}); nothing that was committed is lost")


def monitoring(
    running: Running, gate: Guard, backlogs: Callable[[], Iterable[Backlog]], alive: Callable[[], bool], ready: Callable[[], bool]
) -> FastAPI:
    """Health and metrics, and no page."""
    told, ours = families(running, backlogs), version("better-together")
    return application((), gate, None, running.clocks.wall, version=ours, alive=alive, ready=ready, concerns=running.concerns, metrics=told)


def _guard(running: Installation[Distributed]) -> Guard:
    return guard_of_a_monitored(running.api_token(), running.folder.key_encryption_key(), running.services.clocks.wall)
