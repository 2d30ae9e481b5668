"""Faults that pass: a database that restarts, a broker that is away, two turns in each other's way. They are waited out, whatever it takes."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

PASSING: Final = (OperationalError, InterfaceError, TimeoutError)
"""What PostgreSQL's driver raises where the same may succeed when tried again: no connection, a restart, a deadlock, no room."""

FIRST_WAIT: Final = 0.1  # seconds, doubled each time
LONGEST_WAIT: Final = 5.0  # seconds
logger = structlog.get_logger()
T = TypeVar("T")


class Patience:
    """How long to wait between tries of the same; one loop's own."""

    def __init__(self, what: str, stopping: threading.Event) -> None:
        self._what, self._stopping, self._tries = what, stopping, 0

    @property
    def tried(self) -> bool:
        """Whether the last try failed."""
        return self._tries > 0

    def seconds(self, fault: BaseException) -> float:
        """How long to wait after this fault."""
        self._tries += 1
        seconds: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._tries - 1, 10))
        logger.warning("put_off", what=self._what, attempt=self._tries, fault=type(fault).__name__)
        return seconds

    def wait(self, fault: BaseException) -> None:
        """Wait after this fault, or until it is to stop."""
        self._stopping.wait(self.seconds(fault))

    def over(self) -> None:
        """It went well."""
        self._tries = 0


def waited_out(do: Callable[[], T], stopping: threading.Event) -> T:
    """Do it, again and again for as long as PostgreSQL does not answer; what the driver has against it is logged."""
    patience = Patience("start", stopping)
    while True:
        try:
            return do()
        except PASSING as fault:
            logger.warning("postgresql_does_not_answer", reason=str(getattr(fault, "orig", fault)).strip().splitlines()[-1])
            patience.wait(fault)
