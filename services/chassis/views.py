"""Keeps a service's view of the compacted streams in step with the log: from its snapshot or whole at the start, then whatever was added."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, Engine

from services.chassis import log
from services.chassis.opening import open_records
from services.chassis.service import KeptView, Service
from services.chassis.snapshots import Snapshot, Snapshots
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault

_AT_ONCE: Final = 2_000
LOADED_AT_ONCE: Final = 4_000
"""So many records are in memory at a time while a view is read whole: a view takes many at once for less, and each weighs some kilobytes."""

WORTH_KEEPING: Final = 1_000
"""A snapshot saves the next start at least so many records, or it is not made."""

logger = structlog.get_logger()


class Feed(Protocol):
    """Keeps a view in step with its streams."""

    def catch_up(self, connection: Connection, /) -> None:
        """Have the view take in what was added since the last call."""


class Keeper:
    """The snapshot of a service's view in a folder; without a folder, and for a view that cannot be kept, there is never one."""

    def __init__(self, service: Service[Any], folder: Path | None) -> None:
        self._name = service.name
        self._view = service.view if isinstance(service.view, KeptView) and folder is not None else None
        if self._view is not None and folder is not None:
            self._file = Snapshots(folder / f"{service.name}.view", self._view.made_by)

    @property
    def keeps(self) -> bool:
        """Whether the view is kept at all."""
        return self._view is not None

    def read(self) -> Snapshot | None:
        """The snapshot, where there is one that counts."""
        return None if self._view is None else self._file.read()

    def take_up(self, snapshot: Snapshot) -> None:
        """Have the view know what the snapshot holds."""
        assert self._view is not None
        self._view.take_up(snapshot.arrays)
        logger.info("view_taken_up", service=self._name)

    def freeze(self, marks: Mapping[str, Any]) -> Snapshot:
        """The view as it is, which is where these marks stand; nothing may change it meanwhile."""
        assert self._view is not None
        return Snapshot(marks, self._view.frozen())

    def write(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; a disk that does not take it costs the next start its time, and nothing else."""
        try:
            self._file.write(snapshot)
        except OSError as fault:
            logger.warning("view_not_kept", service=self._name, fault=type(fault).__name__)


class ViewFeed:
    """Reads the view's streams outside the cursors, from the view's snapshot on or whole: the view lives in memory."""

    def __init__(self, service: Service[Any], engine: Engine, vault: Vault, timings: Timings, folder: Path | None = None) -> None:
        self._service, self._vault, self._timings = service, vault, timings
        self._keeper, self._taken = Keeper(service, folder), 0
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
        snapshot = self._keeper.read()
        if snapshot is not None and _fits(connection, snapshot.marks, streams):
            self._keeper.take_up(snapshot)
            self._read_to = {stream: position for stream, (position, _) in snapshot.marks.items()}
            self.catch_up(connection)
        else:
            for stream in streams:
                self._read_to[stream] = log.end(connection, [stream])
                newest = log.newest_by_subject(connection, stream)
                while some := list(islice(newest, LOADED_AT_ONCE)):
                    self._take(some)
        if self._keeper.keeps and self._taken >= WORTH_KEEPING:
            self._keeper.write(self._keeper.freeze(dict(_marks(connection, self._read_to))))

    def _take(self, stored: list[log.Stored]) -> None:
        events, refused = open_records(stored, self._vault.fresh(), self._service.opens, self._timings)
        for one, reason in refused:
            logger.error("record_left_out_of_view", service=self._service.name, position=one.position, reason=reason)
        if self._service.view is not None and events:
            self._service.view.apply(events)
        self._taken += len(stored)


def _marks(connection: Connection, read_to: Mapping[str, int]) -> Iterator[tuple[str, tuple[int, str]]]:
    """Each stream's position and the id of the record there, by which another log, or an older copy of this one, is told apart."""
    for stream, position in read_to.items():
        [last] = log.read(connection, {stream: position - 1}, 1) if position else [None]
        yield stream, (position, last.record.id if last else "")


def _fits(connection: Connection, marks: Mapping[str, Any], streams: tuple[str, ...]) -> bool:
    """Whether these marks are of this log."""
    if marks.keys() != set(streams):
        return False
    return all(_is_there(connection, stream, position, id_) for stream, (position, id_) in marks.items())


def _is_there(connection: Connection, stream: str, position: int, id_: str) -> bool:
    found = log.read(connection, {stream: position - 1}, 1) if position else []
    return position == 0 or [(one.position, one.record.id) for one in found] == [(position, id_)]
