"""Structured logs, and where the time goes. A log line is an event's name and ids: never a name, a phone number or free text."""

import logging
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

import structlog

Stage = Literal[
    "read",  # records out of the log
    "decode",  # bytes to events
    "open",  # sealed parts to plain ones
    "handle",  # the service's own rules and its store
    "seal",  # plain parts to sealed ones, and keys made
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


def configure_logs(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send structured logs to stderr, one event a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
