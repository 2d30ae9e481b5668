"""Services at work in this process over Kafka and PostgreSQL, each copy a worker with its threads, while a test asks for things beside them."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from schemas.streams import ServiceName
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.worker import Worker
from services.cli.installation import Installation
from tests.contract.sites import DistributedSite


@contextmanager
def at_work(running: Installation[Distributed], *names: ServiceName) -> Iterator[list[Worker]]:
    """A worker for each service that is named, as often as it is, or one for each there is; yields once all are ready, and none may have failed.

    They log to this process's stderr as it was when the installation was opened. A command that runs in this process meanwhile leaves it so, and
    what the workers log is never taken for what the command says.
    """
    workers = [Worker(running.services, name, lambda: None) for name in names or running.services.names]
    with patch("services.cli.installation.logs_on_screen", nullcontext):
        try:
            for worker in workers:
                worker.start()
            DistributedSite.wait_until(lambda: all(worker.ready for worker in workers))
            yield workers
        finally:
            for worker in workers:
                worker.stop()
    assert [worker.failure for worker in workers if worker.failure] == []
