"""Calls to the outside that are under way: beside the pump while it serves, so that a slow mail server never keeps a STOP waiting.

There is one call at a time for each errand, so nothing more is claimed before what was claimed is recorded.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from threading import Thread
from typing import Any

ENDS_WITHIN = 20.0
"""Seconds that the end waits for calls; what takes longer is found as cut short at the next start."""


class Calls:
    """The calls of one installation, by their errands."""

    def __init__(self, *, beside: bool = False) -> None:
        self.beside = beside
        self._under_way: dict[int, Future[Sequence[Any]]] = {}

    def make(self, errand: object, run: Callable[[Sequence[Any]], Sequence[Any]], work: Sequence[Any]) -> None:
        """Begin a call; where nothing else is to go on meanwhile, it is made when this returns."""
        call: Future[Sequence[Any]] = Future()
        self._under_way[id(errand)] = call
        if self.beside:
            # A daemon: the process may end while a server is silent.
            Thread(target=_make, args=(call, run, work), name="call", daemon=True).start()
        else:
            _make(call, run, work)

    def is_under_way(self, errand: object) -> bool:
        """Whether a call of this errand was begun and is not yet recorded."""
        return id(errand) in self._under_way

    def result(self, errand: object) -> Sequence[Any] | None:
        """What came of the errand's call; None while it goes on. Raises what the call raised."""
        call = self._under_way[id(errand)]
        return call.result() if call.done() else None

    def forget(self, errand: object) -> None:
        """What came of it is recorded: the errand may be run again."""
        del self._under_way[id(errand)]

    def wait(self) -> None:
        """Wait for what is under way, for a bounded time."""
        wait(self._under_way.values(), ENDS_WITHIN)


def _make(call: "Future[Sequence[Any]]", run: Callable[[Sequence[Any]], Sequence[Any]], work: Sequence[Any]) -> None:
    try:
        call.set_result(run(work))
    except BaseException as failure:  # it is raised where the result is taken, and stops the services
        call.set_exception(failure)
