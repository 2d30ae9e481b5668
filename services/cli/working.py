"""Runs one copy of one service, with its health and its metrics on a port."""

from contextlib import closing
from importlib.metadata import version

from schemas.streams import ServiceName
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.worker import Worker
from services.chassis.errors import UserError
from services.chassis.web.application import application
from services.chassis.web.metrics import timings_metrics, worker_metrics
from services.chassis.web.pages import pages
from services.chassis.web.serving import Server, address, listen
from services.cli.installation import Installation
from services.cli.serving import guard_of, until_interrupted


def work(running: Installation[Distributed], name: ServiceName, port: int, host: str) -> None:
    """Work until interrupted.

    Raises:
        UserError: the address cannot be had, or a fault in the service stopped it.
    """
    servers: list[Server] = []

    def stop() -> None:
        for one in servers:
            one.should_exit = True

    with closing(listen(host, port)) as listening, until_interrupted():
        worker = Worker(running.services, name, stop)
        app = application(
            (), guard_of(running, host), pages({}, ()), running.services.clocks.wall, version=version("better-together"),
            alive=lambda: worker.alive, ready=lambda: worker.ready,
            metrics=lambda: [*timings_metrics(running.services.timings), *worker_metrics(worker.name, worker.tally)],
        )  # fmt: skip
        worker.start()
        try:
            servers.append(Server(app, listening, lambda: print(f"ready {address(listening)}", flush=True)))
            servers[0].run_until_stopped()
        finally:
            worker.stop()
    if worker.failure:
        raise UserError(f"the {name} stopped because of a fault in it ({type(worker.failure).__name__}); nothing that was committed is lost")
