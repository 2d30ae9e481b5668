"""SQLite as the folder's store: write-ahead log, every commit on the disk, one writer at a time, and migrations from inside the package."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text

from services.chassis.telemetry import Timings

_ENVIRONMENT = Path(__file__).parent / "migrations"
_WAIT_FOR_THE_WRITER = 60_000  # milliseconds
_WRITE_AHEAD_AT_MOST = 16_384  # pages, 64 MB: so many batches change the same pages of the indexes that fewer moves into the file save a third


def open_database(file: Path, *, writes: bool, write_ahead: bool = True) -> Engine:
    """An engine on one SQLite file; one that writes takes the write lock when a transaction begins, so that it never fails half-way.

    `secure_delete` overwrites what is deleted: erasure must reach the free pages too.
    """
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"check_same_thread": False, "cached_statements": 512})
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    pragmas = (
        f"busy_timeout={_WAIT_FOR_THE_WRITER}", f"journal_mode={'WAL' if write_ahead else 'DELETE'}", "synchronous=FULL",
        "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536",
        f"wal_autocheckpoint={_WRITE_AHEAD_AT_MOST}",
    )  # fmt: skip

    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


@contextmanager
def transaction(engine: Engine, timings: Timings) -> Iterator[Connection]:
    """One transaction: committed when the block ends, undone when it raises."""
    with engine.connect() as connection, connection.begin() as begun:
        yield connection
        with timings.stage("commit"):
            begun.commit()


def truncate_write_ahead_log(engine: Engine) -> bool:
    """Move the write-ahead log into the file and cut it to nothing; False where a reader still needs it."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        connection.rollback()
        return bool(raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


def newest_migration(folder: Path) -> str:
    """The revision a service's schema should be at: the file name's part before the underscore."""
    return max(file.name.split("_", 1)[0] for file in folder.glob("[0-9]*_*.py"))


def upgrade(engine: Engine, name: str, folder: Path) -> None:
    """Bring the tables of one service to the newest migration of its folder; does nothing where they are there."""
    version_table = f"{name}_migrations"
    with engine.connect() as connection:
        if _version(connection, version_table) == newest_migration(folder):
            return
    from alembic import command  # only here: it takes a quarter of a second to import, and is needed once for a folder
    from alembic.config import Config

    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(_ENVIRONMENT))
        config.set_main_option("version_locations", str(folder))
        config.set_main_option("path_separator", "os")
        config.attributes.update(connection=connection, version_table=version_table)
        command.upgrade(config, "head")


def _version(connection: Connection, version_table: str) -> str | None:
    if not inspect(connection).has_table(version_table):
        return None
    return connection.execute(text(f"SELECT version_num FROM {version_table}")).scalar()
