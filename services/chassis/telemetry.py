"""Structured logs, and where the time goes. A log line is an event's name and ids: never a name, a phone number or free text."""

import logging
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, Final, Literal, TextIO

import structlog

from schemas.streams import ServiceName

Stage = Literal[
    "read",  # records out of the log
    "decode",  # bytes to events
    "keys",  # keys made, and brought into memory
    "open",  # sealed parts to plain ones
    "handle",  # the service's own rules and its store
    "encode",  # facts to JSON, and to records
    "seal",  # plain parts to sealed ones
    "append",  # records into the log
    "commit",  # the write to disk
    "prepare",  # what intake and directory do before a command: texts to vectors, postcodes to places
]


class Timings:
    """Seconds spent in each stage since the start, and how often it was entered: of one service, or of all of them."""

    def __init__(self, whole: "Timings | None" = None) -> None:
        self.seconds: dict[Stage, float] = defaultdict(float)
        self.entered: dict[Stage, int] = defaultdict(int)
        self._whole, self._parts = whole, dict[ServiceName, Timings]()
        self._counting: Lock = whole._counting if whole else Lock()

    def of(self, service: ServiceName) -> "Timings":
        """Those of one service, which count here too."""
        with self._counting:
            return self._parts.setdefault(service, Timings(self))

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Count the time of the enclosed block under this stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self._count(name, perf_counter() - start)

    def stages(self) -> list[tuple[Stage, float, int]]:
        """Every stage that was entered, its seconds, and how often."""
        with self._counting:
            return [(name, self.seconds[name], times) for name, times in self.entered.items()]

    def services(self) -> list[tuple[ServiceName, "Timings"]]:
        """The services that count apart."""
        with self._counting:
            return list(self._parts.items())

    def _count(self, name: Stage, spent: float) -> None:
        with self._counting:
            self.seconds[name] += spent
            self.entered[name] += 1
            if self._whole:
                self._whole.seconds[name] += spent
                self._whole.entered[name] += 1


Counted = Literal[
    "taken",  # records read from a stream and dealt with, by stream
    "relayed",  # records moved from the outbox to a stream, by stream
    "dead",  # records refused, and kept as dead letters
    "commands",  # commands decided, by outcome
    "models",  # promoted models, by whether they were taken up
]
Outcome = Literal["done", "refused", "failed"]
BATCH_SIZES: Final = (1, 10, 50, 100, 250, 500)


@dataclass
class Sizes:
    """How many batches of one service were no larger than each of `BATCH_SIZES`, how many there were, and of how many records in all."""

    up_to: list[int] = field(default_factory=lambda: [0] * len(BATCH_SIZES))
    batches: int = 0
    records: int = 0


class Tally:
    """What one process has counted since its start, whichever of its threads did."""

    def __init__(self) -> None:
        self._counted: dict[tuple[Counted, ServiceName, str], int] = defaultdict(int)
        self._sizes: dict[ServiceName, Sizes] = defaultdict(Sizes)
        self._counting = Lock()

    def add(self, what: Counted, service: ServiceName, label: str = "", number: int = 1) -> None:
        """Count so many of a stream or with an outcome."""
        if number:
            with self._counting:
                self._counted[what, service, label] += number

    def batch(self, service: ServiceName, size: int) -> None:
        """Count a batch of so many records."""
        with self._counting:
            sizes = self._sizes[service]
            sizes.batches += 1
            sizes.records += size
            sizes.up_to = [count + (size <= bound) for count, bound in zip(sizes.up_to, BATCH_SIZES, strict=True)]

    def counted(self, what: Counted) -> list[tuple[ServiceName, str, int]]:
        """What was counted: the service, the stream or outcome, and how many."""
        with self._counting:
            return [(service, label, number) for (counted, service, label), number in self._counted.items() if counted == what]

    def sizes(self) -> list[tuple[ServiceName, Sizes]]:
        """The sizes of each service's batches."""
        with self._counting:
            return [(service, replace(sizes)) for service, sizes in self._sizes.items()]


class _FileAndScreen:
    """Writes every line to the folder's log, and those that somebody should see at once to stderr too."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        """A line for the file alone."""
        print(line, file=self._file, flush=True)

    debug = info = msg

    def warning(self, line: str) -> None:
        """A line for the file and for the screen."""
        self.msg(line)
        print(line, file=sys.stderr, flush=True)

    error = critical = fatal = exception = failure = warning


@contextmanager
def logs_in(file: Path) -> Iterator[None]:
    """Keep structured logs, one JSON object a line, in a file that only its owner can read, while the block runs."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as opened, _logs_by(lambda *_: _FileAndScreen(opened)):
        yield


@contextmanager
def logs_on_screen() -> Iterator[None]:
    """Write structured logs, one JSON object a line, to stderr while the block runs: whoever runs the process keeps them."""
    with _logs_by(structlog.PrintLoggerFactory(sys.stderr)):
        yield


@contextmanager
def _logs_by(factory: Callable[..., Any]) -> Iterator[None]:
    before = structlog.get_config() if structlog.is_configured() else None
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=factory,
    )
    try:
        yield
    finally:
        structlog.reset_defaults() if before is None else structlog.configure(**before)
