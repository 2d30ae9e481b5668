"""SQLite as the folder's store: write-ahead log, every commit on the disk, one writer at a time; and migrations of it and of PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, column, create_engine, event, func, inspect, select
from sqlalchemy import table as table_called

from services.chassis.telemetry import Timings

_ENVIRONMENT = Path(__file__).parent / "migrations"
_MIGRATING = 0x746F676574686572  # the number of the lock that PostgreSQL is asked for: "together"
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


def upgrade(engine: Engine, name: str, folder: Path, schema: str | None = None) -> None:
    """Bring the tables of one folder of migrations to the newest; does nothing where they are there. On PostgreSQL they are those of a schema."""
    with engine.connect() as connection:
        reached = revision(connection, name, schema)
    if reached != newest_migration(folder):
        _migrate(engine, name, folder, schema, "upgrade", "head")


def downgrade(engine: Engine, name: str, folder: Path, to: str, schema: str | None = None) -> None:
    """Take the tables back to an older migration, or to `base`, where there is nothing; a migration says what that loses."""
    _migrate(engine, name, folder, schema, "downgrade", to)


def revision(connection: Connection, name: str, schema: str | None = None) -> str | None:
    """The newest migration that was run; None where none was."""
    table = f"{name}_migrations"
    if not inspect(connection).has_table(table, schema=schema):
        return None
    return connection.execute(select(column("version_num")).select_from(table_called(table, schema=schema))).scalar()


def _migrate(engine: Engine, name: str, folder: Path, schema: str | None, way: Literal["upgrade", "downgrade"], to: str) -> None:
    from alembic import command  # only here: it takes a quarter of a second to import, and is needed once for a folder
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            _enter(connection, schema)
        config.attributes.update(connection=connection, version_table=f"{name}_migrations", schema=schema)
        getattr(command, way)(config, to)


def _enter(connection: Connection, schema: str | None) -> None:
    """Have this transaction make what it makes in the schema, and wait for whoever migrates this database at the moment."""
    connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
    if schema is not None:
        connection.execute(select(func.set_config("search_path", connection.dialect.identifier_preparer.quote(schema), True)))
