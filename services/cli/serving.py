"""Serves an installation: the pump in its thread, every service's routes in one application, and the address to sign in at."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from jinja2 import BaseLoader, FileSystemLoader

import services
from services.chassis.embedded import Embedded
from services.chassis.errors import UserError
from services.chassis.ids import MACHINE
from services.chassis.pump import Pump
from services.chassis.running import Running
from services.chassis.web.application import application
from services.chassis.web.commands import PumpCommands
from services.chassis.web.guard import Guard, guard
from services.chassis.web.metrics import families
from services.chassis.web.pages import Link, pages
from services.chassis.web.serving import Server, address, address_here, listen
from services.cli.installation import Installation
from services.cli.listing import group_preparer
from services.cli.preparing import preparer
from services.coordinator import web as coordinator_web
from services.coordinator.pages import Office
from services.coordinator.pages import page_routes as coordinator_pages
from services.directory import web as directory_web
from services.followup import web as followup_web
from services.followup.pages import page_routes as followup_pages
from services.intake import web as intake_web
from services.intake.pages import page_routes as intake_pages

if TYPE_CHECKING:
    from services.chassis.distributed.running import Distributed

PAGES_OF = ("coordinator", "followup", "intake")
NAVIGATION = (Link("Queue", "/"), Link("Refer a person", "/refer"), Link("Unmet need", "/unmet"))


def serve(running: Installation[Embedded], port: int, host: str) -> None:
    """Serve until interrupted; the address with its sign-in key is printed and never logged.

    Raises:
        UserError: another process serves this folder, the address cannot be had, or a service stopped because of a fault in it.
    """
    with _held(running), closing(listen(host, port)) as listening:
        _run(running, listening, host, str(running.folder.logs))


def serve_on(running: Installation[Embedded], listening: socket, host: str) -> None:
    """The same on an address that is had already.

    Raises:
        UserError: another process serves this folder, or a service stopped because of a fault in it.
    """
    with _held(running):
        _run(running, listening, host, str(running.folder.logs))


@contextmanager
def _held(running: Installation[Embedded]) -> Iterator[None]:
    with running.folder.held() as holds:
        if not holds:
            raise UserError(f"another `together` holds {running.settings.data}: end it first, or name another folder with --data")
        yield


def serve_web(running: "Installation[Distributed]", port: int, host: str) -> None:
    """Serve every service's routes until interrupted; commands are decided here, each with its service's rights.

    Raises:
        UserError: the address cannot be had, or a command met a fault of ours.
    """
    with closing(listen(host, port)) as listening:
        _run(running, listening, host, "the log")


def _run(running: "Installation[Embedded] | Installation[Distributed]", listening: socket, host: str, log: str) -> None:
    running.served_at(address_here(listening))
    failures: list[BaseException] = []

    def failed(failure: BaseException) -> None:
        failures.append(failure)
        server.should_exit = True

    pump, gate = Pump(running.services, failed), guard_of(running, host)
    server = Server(compose(running, pump, gate), listening, lambda: _say_ready(running, listening, gate))
    serve_beside(server, pump)
    if failures:
        raise UserError(f"a service stopped because of a fault in it; {log} says which; nothing that was committed is lost")


class Work(Protocol):
    """What goes on beside a server: it begins, and ends when the server has."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


def serve_beside(server: Server, work: Work) -> None:
    """Serve while the work goes on. An interrupt ends both and is no failure: also one that comes before the server listens for it."""

    def stop(*_: object) -> None:
        server.should_exit = True

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, stop)
    work.start()
    try:
        server.run_until_stopped()
    finally:
        work.stop()


def compose(running: Installation[Running], pump: Pump, gate: Guard) -> FastAPI:
    """Every service's routes in one application."""
    commands, embedded, now = PumpCommands(pump), running.services, running.services.clocks.domain.now
    look = partial(embedded.reading_what_was_written, "coordinator")
    office = Office(look, running.groups, coordinator_web.Desk(commands, now, MACHINE), now, ZoneInfo(running.settings.time_zone))
    take, prepare = partial(embedded.reading, "intake"), preparer(running)
    routers = (
        intake_web.routes(commands, take, prepare),
        intake_pages(commands, take, prepare, MACHINE),
        directory_web.routes(partial(embedded.reading, "directory"), commands, group_preparer(running).prepare, now),
        coordinator_web.routes(look, running.groups, commands, now, MACHINE),
        coordinator_pages(office, running.links),
        followup_web.routes(commands, partial(embedded.reading, "followup"), now),
        followup_pages(commands, partial(embedded.reading, "followup"), running.links, now),
    )
    templates: dict[str, BaseLoader] = {name: FileSystemLoader(Path(services.__path__[0]) / name / "templates") for name in PAGES_OF}
    return application(
        routers,
        gate,
        pages(templates, NAVIGATION),
        embedded.clocks.wall,
        version=version("better-together"),
        alive=lambda: pump.alive,
        ready=lambda: pump.alive and running.services.ready,
        concerns=embedded.concerns,
        metrics=(commands.metrics, *families(embedded, embedded.backlogs)),
        tracing=embedded.tracing,
    )


def guard_of(running: "Installation[Embedded] | Installation[Distributed]", host: str) -> Guard:
    """Who may call this installation."""
    key, wall = running.folder.key_encryption_key(), running.services.clocks.wall
    return guard(running.api_token(), key, wall, public_url=running.settings.public_url, bound_to=host)


def _say_ready(running: "Installation[Embedded] | Installation[Distributed]", listening: socket, gate: Guard) -> None:
    public, key = running.settings.public_url, gate.new_sign_in_key()
    where = f"{public.rstrip('/')}/sign-in?key={key}" if public else address(listening, key)
    print(f"ready {where}", flush=True)
