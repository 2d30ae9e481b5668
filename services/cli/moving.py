"""An embedded folder into Kafka and PostgreSQL by one command; what the folder holds is left as it was, and the folder is marked as moved.

Nothing is written anywhere before everything that can be refused was looked at. Then come the keys, then the streams, then the rest in one
transaction, and the folder is marked before that is committed: so it is never run beside what was made of it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, select, text

from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.database import open_database
from services.chassis.distributed import moving
from services.chassis.distributed.cluster import cluster
from services.chassis.distributed.moving import Places
from services.chassis.distributed.topics import topics_wanted
from services.chassis.errors import UserError
from services.chassis.folder import DataFolder
from services.chassis.keystore import TABLES, KeyStore
from services.chassis.log import Stored
from services.chassis.postgres import KEYS_SCHEMA, keys_owner_url, open_as_owner, owner_url
from services.chassis.provisioning import SERVICES, standings
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from services.cli.installation import embedded_installation, settings_for
from services.cli.output import progress

_AT_ONCE = 2_000


def move_to_kafka(data: Path | None) -> dict[str, Any]:
    """Move the folder's streams, state and keys; returns what was moved, by stream, table and key table.

    Raises:
        UserError: something runs on the folder, the place to move to is not empty, or is not ready.
        Transient: Kafka does not take it; asking again goes on.
    """
    settings = settings_for(data)
    if not settings.distributed or settings.kafka_bootstrap is None:
        raise UserError("TOGETHER_KAFKA_BOOTSTRAP and TOGETHER_DATABASE_URL say where to move to: set both")
    folder = DataFolder(settings.data, settings.key_file)
    if not folder.database.exists():
        raise UserError(f"{settings.data} holds no services' data")
    folder.refuse_if_moved(unless_cut_short=True)
    with folder.held() as holds:
        if not holds:
            raise UserError(f"another `together` holds {settings.data}: end it first")
        _refuse_unready(settings, settings.kafka_bootstrap)
        if folder.is_being_moved and _arrived(settings):
            folder.mark_moved()
            return {"ended": True}
        folder.mark_not_moving()
        with embedded_installation(settings):  # its tables are at the newest migrations, as PostgreSQL's are
            pass
        return _move(folder, settings, settings.kafka_bootstrap)


def _refuse_unready(settings: ChassisSettings, bootstrap: str) -> None:
    if any(one.behind for one in standings(settings, migrations())):
        raise UserError("PostgreSQL is not ready: run `together database upgrade`")
    with cluster(bootstrap) as there:
        there.refuse_missing(topics_wanted(replication=1))


def _arrived(settings: ChassisSettings) -> bool:
    with _owned(owner_url(settings), "public") as engine, engine.connect() as target:
        return moving.arrived(target, SERVICES)


def _move(folder: DataFolder, settings: ChassisSettings, bootstrap: str) -> dict[str, Any]:
    with ExitStack() as ends:
        source = open_database(folder.database, writes=True)  # its write lock keeps out whoever would still decide something in the folder
        keys = open_database(folder.keys, writes=False, write_ahead=False)
        ends.callback(source.dispose)
        ends.callback(keys.dispose)
        _refuse_other_key(keys, folder.key_encryption_key(make=False))
        move = _Move(
            ends.enter_context(source.connect()), bootstrap, [name for name in SERVICES if name in migrations()],
            ends.enter_context(_owned(owner_url(settings), "public")), ends.enter_context(_owned(keys_owner_url(settings), KEYS_SCHEMA)),
        )  # fmt: skip
        return move.make(folder, keys)


def _refuse_other_key(keys: Engine, key_encryption_key: bytes) -> None:
    """Open one key of each use: services with another key-encryption key could read nothing of what was moved."""
    store = KeyStore(keys, key_encryption_key)
    for use, table in TABLES.items():
        with keys.connect() as connection:
            owner = connection.execute(select(table.c.owner).where(table.c.wrapped.is_not(None)).limit(1)).scalar()
        if owner is not None:
            store.fetch(use, [owner])


@dataclass(frozen=True)
class _Move:
    """One move, the source locked against whoever else would write."""

    source: Connection
    bootstrap: str
    services: list[ServiceName]
    database: Engine
    key_database: Engine

    def make(self, folder: DataFolder, keys: Engine) -> dict[str, Any]:
        """Look, then write."""
        with self.database.connect() as target:
            for name in SERVICES:
                moving.refuse_filled(target, name)
        there = moving.standing(self.bootstrap, sorted(topics_wanted(replication=1)))
        places = moving.places(self._log(), self._cursors(), there)
        for _ in there.missing(self._log()):
            pass
        with self.key_database.begin() as target:
            moved_keys = moving.move_keys(keys, target, [table.name for table in TABLES.values()])
        with progress("Streams are moved", log.end(self.source)) as bar:
            moving.move_streams(self.bootstrap, there.missing(self._log()), bar.advance)
        tables = self._tables(folder, places)
        folder.mark_moved()
        moving.tell_groups(self.bootstrap, places)
        return {"streams": _by_stream(places), "keys": moved_keys, "tables": tables}

    def _tables(self, folder: DataFolder, places: Places) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        with self.database.begin() as target:
            for name in self.services:
                target.exec_driver_sql(f"SET LOCAL search_path = {name}")
                counts[name] = moving.move_tables(self.source, target, name)
                moving.move_positions(target, name, places)
            folder.mark_moving()
        return counts

    def _log(self) -> Iterator[Stored]:
        position = 0
        while some := log.read_all(self.source, position, _AT_ONCE):
            yield from some
            position = some[-1].position

    def _cursors(self) -> dict[ServiceName, dict[str, int]]:
        streams = [row[0] for row in self.source.execute(text("SELECT DISTINCT stream FROM log ORDER BY stream"))]
        return {name: log.cursors(self.source, name, streams) for name in self.services}


def _by_stream(places: Places) -> dict[str, int]:
    streams: dict[str, int] = {}
    for (stream, _), end in sorted(places.ends.items()):
        streams[stream] = streams.get(stream, 0) + end
    return streams


@contextmanager
def _owned(url: URL, schema: str) -> Iterator[Engine]:
    """The owner's engine, given back at the end."""
    engine = open_as_owner(url, schema=schema)
    try:
        yield engine
    finally:
        engine.dispose()
