"""An embedded folder into Kafka and PostgreSQL by one command; the folder itself is left as it was, and marked as moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, text

from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.database import open_database
from services.chassis.distributed import moving
from services.chassis.distributed.moving import Places
from services.chassis.errors import UserError
from services.chassis.folder import DataFolder
from services.chassis.keystore import TABLES
from services.chassis.log import Stored
from services.chassis.postgres import KEYS_SCHEMA, keys_owner_url, open_as_owner, owner_url
from services.chassis.provisioning import SERVICES
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from services.cli.installation import embedded_installation, settings_for
from services.cli.output import progress

_AT_ONCE = 2_000


def move_to_kafka(data: Path | None) -> dict[str, Any]:
    """Move the folder's streams, state and keys; returns what was moved, by stream, table and key table.

    Raises:
        UserError: something runs on the folder, the place to move to is not empty, or is not ready.
    """
    settings = settings_for(data)
    if not settings.distributed or settings.kafka_bootstrap is None:
        raise UserError("TOGETHER_KAFKA_BOOTSTRAP and TOGETHER_DATABASE_URL say where to move to: set both")
    folder = DataFolder(settings.data, settings.key_file)
    if not folder.database.exists():
        raise UserError(f"{settings.data} holds no services' data")
    folder.refuse_if_moved()
    with embedded_installation(settings):  # its tables are at the newest migrations, as PostgreSQL's are
        pass
    with folder.held() as holds:
        if not holds:
            raise UserError(f"another `together` holds {settings.data}: end it first")
        moved = _move(folder, settings, settings.kafka_bootstrap)
        folder.mark_moved()
    return moved


def _move(folder: DataFolder, settings: ChassisSettings, bootstrap: str) -> dict[str, Any]:
    source = open_database(folder.database, writes=False)
    keys = open_database(folder.keys, writes=False, write_ahead=False)
    names: list[ServiceName] = [name for name in SERVICES if name in migrations()]
    try:
        with source.connect() as reading:
            places = _streams(reading, bootstrap, names)
            counts = {"keys": _keys(keys, settings), "tables": _tables(reading, settings, names, places)}
    finally:
        source.dispose()
        keys.dispose()
    streams: dict[str, int] = {}
    for (stream, _), end in places.ends.items():
        streams[stream] = streams.get(stream, 0) + end
    return {"streams": dict(sorted(streams.items())), **counts}


def _streams(reading: Connection, bootstrap: str, names: list[ServiceName]) -> Places:
    streams = [row[0] for row in reading.execute(text("SELECT DISTINCT stream FROM log ORDER BY stream"))]
    cursors = {name: log.cursors(reading, name, streams) for name in names}
    with progress("Streams are moved", log.end(reading)) as bar:
        return moving.move_streams(bootstrap, _in_order(reading), cursors, streams, bar.advance)


def _in_order(reading: Connection) -> Iterator[Stored]:
    position = 0
    while some := log.read_all(reading, position, _AT_ONCE):
        yield from some
        position = some[-1].position


def _keys(source: Engine, settings: ChassisSettings) -> dict[str, int]:
    with _owned(keys_owner_url(settings), KEYS_SCHEMA) as target:
        return moving.move_keys(source, target, [table.name for table in TABLES.values()])


def _tables(reading: Connection, settings: ChassisSettings, names: list[ServiceName], places: Places) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    with _owned(owner_url(settings), "public") as engine, engine.begin() as target:
        for name in names:
            target.exec_driver_sql(f"SET LOCAL search_path = {name}")
            counts[name] = moving.move_tables(reading, target, name)
            moving.move_positions(target, name, places)
    return counts


@contextmanager
def _owned(url: URL, schema: str) -> Iterator[Engine]:
    """The owner's engine, given back at the end."""
    engine = open_as_owner(url, schema=schema)
    try:
        yield engine
    finally:
        engine.dispose()
