"""Keeps a service's view of the compacted streams in step with the log: whole at the start, then whatever was added."""

from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, Engine

from services.chassis import log
from services.chassis.opening import open_records
from services.chassis.service import Service
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault

_AT_ONCE = 2_000
logger = structlog.get_logger()


class Feed(Protocol):
    """Keeps a view in step with its streams."""

    def catch_up(self, connection: Connection, /) -> None:
        """Have the view take in what was added since the last call."""


class ViewFeed:
    """Reads every record of the view's streams, outside the cursors: the view lives in memory, so a start begins anew."""

    def __init__(self, service: Service[Any], engine: Engine, vault: Vault, timings: Timings) -> None:
        self._service, self._vault, self._timings = service, vault, timings
        self._read_to: dict[str, int] = {}
        if service.view is not None:
            with engine.connect() as connection:
                self._load(connection, service.view.streams)

    def catch_up(self, connection: Connection) -> None:
        """Take in what was added since the last call."""
        while stored := log.read(connection, self._read_to, _AT_ONCE):
            self._take(stored)
            self._read_to |= {one.record.stream: one.position for one in stored}

    def _load(self, connection: Connection, streams: tuple[str, ...]) -> None:
        for stream in streams:
            self._read_to[stream] = log.end(connection, [stream])
            self._take(log.newest_by_subject(connection, stream))

    def _take(self, stored: list[log.Stored]) -> None:
        events, refused = open_records(stored, self._vault.fresh(), self._service.opens, self._timings)
        for one, reason in refused:
            logger.error("record_left_out_of_view", service=self._service.name, position=one.position, reason=reason)
        if self._service.view is not None and events:
            self._service.view.apply(events)
