"""The backends over which the contract of streams and keys is tested; each is the real thing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.chassis.database import open_database, upgrade
from services.chassis.keystore import KeyStore

MIGRATIONS = Path(__file__).parents[2] / "services" / "chassis" / "migrations"


@pytest.fixture(params=["sqlite"])
def log_engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with an empty log in it."""
    engine = open_database(tmp_path / "log.sqlite3", writes=True)
    upgrade(engine, "log", MIGRATIONS / "log")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite"])
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    """An empty key store."""
    engine = open_database(tmp_path / "keys.sqlite3", writes=True, write_ahead=False)
    upgrade(engine, "keys", MIGRATIONS / "keys")
    yield KeyStore(engine, bytes(32))
    engine.dispose()
