"""Structured logs, and where the time goes. A log line is an event's name and ids: never a name, a phone number or free text."""

import logging
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TextIO

import structlog

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
    """Seconds spent in each stage since the start, and how often it was entered."""

    def __init__(self) -> None:
        self.seconds: dict[Stage, float] = defaultdict(float)
        self.entered: dict[Stage, int] = defaultdict(int)

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Count the time of the enclosed block under this stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += perf_counter() - start
            self.entered[name] += 1


Counted = Literal[
    "taken",  # records read from a stream and dealt with
    "relayed",  # records moved from the outbox to a stream
    "dead",  # records refused, and kept as dead letters
]
BATCH_SIZES = (1, 10, 50, 100, 250, 500)


class Tally:
    """What one process has counted since its start."""

    def __init__(self) -> None:
        self.counted: dict[tuple[Counted, str], int] = defaultdict(int)
        self.batches: dict[int, int] = defaultdict(int)

    def add(self, what: Counted, stream: str, number: int = 1) -> None:
        """Count so many of a stream."""
        if number:
            self.counted[what, stream] += number

    def batch(self, size: int) -> None:
        """Count a batch of so many records, under the first bound that holds it."""
        self.batches[next((bound for bound in BATCH_SIZES if size <= bound), size)] += 1


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
        structlog.reset_defaults()
