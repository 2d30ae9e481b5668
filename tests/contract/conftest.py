"""The backends over which the contracts of streams, keys and stores are tested; each is the real thing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

from schemas.events.base import Purpose
from schemas.streams import ServiceName
from services.chassis.database import open_database, upgrade
from services.chassis.keystore import KeyStore
from services.chassis.postgres import keys_owner_url, keys_role_url, open_as_owner, open_postgres, role_url
from services.chassis.vault import Vault
from services.cli.database import migrations
from services.coordinator.store import SqlCoordinatorStore
from services.directory.store import SqlDirectoryStore
from services.followup.store import SqlFollowupStore
from services.intake.store import SqlIntakeStore
from services.learning.store import SqlLearningStore
from services.matcher.store import SqlMatcherStore
from tests.contract.sites import Site, distributed_site, embedded_site
from tests.postgres_installation import installed

MIGRATIONS = Path(__file__).parents[2] / "services" / "chassis" / "migrations"
LONDON = ZoneInfo("Europe/London")
BACKENDS = ("sqlite", "postgresql")
STORES: dict[ServiceName, Callable[[Connection, Vault], Any]] = {
    "intake": SqlIntakeStore,
    "directory": SqlDirectoryStore,
    "matcher": SqlMatcherStore,
    "coordinator": SqlCoordinatorStore,
    "followup": lambda connection, vault: SqlFollowupStore(connection, vault, LONDON),
    "learning": SqlLearningStore,
}
OPENS: dict[ServiceName, frozenset[Purpose]] = {
    "intake": frozenset({"details", "matching"}),
    "directory": frozenset({"group"}),
    "matcher": frozenset({"matching"}),
    "coordinator": frozenset({"details", "matching", "group"}),
    "followup": frozenset({"details", "matching", "group"}),
    "learning": frozenset({"matching"}),
}
MAKES: dict[ServiceName, frozenset[Purpose]] = {"intake": frozenset({"details", "matching"}), "directory": frozenset({"group"})}


@dataclass
class Ground:
    """One backend with every service's tables in it; each service comes to them as it does in an installation."""

    engine_of: Callable[[ServiceName], Engine]
    keys_of: Callable[[ServiceName], KeyStore]
    _engines: dict[ServiceName, Engine] = field(default_factory=dict)
    _keys: dict[ServiceName, KeyStore] = field(default_factory=dict)

    def engine(self, service: ServiceName) -> Engine:
        """What the service writes by."""
        if service not in self._engines:
            self._engines[service] = self.engine_of(service)
        return self._engines[service]

    def vault(self, service: ServiceName) -> Vault:
        """A vault for one turn of the service."""
        if service not in self._keys:
            self._keys[service] = self.keys_of(service)
        return Vault(service, self._keys[service], OPENS[service], MAKES.get(service, ()))

    @contextmanager
    def turn(self, service: ServiceName) -> Iterator[Any]:
        """The service's store in one transaction."""
        with self.engine(service).begin() as connection:
            yield STORES[service](connection, self.vault(service))


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[Ground]:
    with ExitStack() as ends:

        def opened(name: str, folders: dict[str, Path]) -> Engine:
            engine = open_database(folder / name, writes=True)
            ends.callback(engine.dispose)
            for made_by, migrations_ in folders.items():
                upgrade(engine, made_by, migrations_)
            return engine

        engine, keys = opened("stores.sqlite3", migrations()), opened("keys.sqlite3", {"keys": MIGRATIONS / "keys"})
        yield Ground(lambda _: engine, lambda _: KeyStore(keys, bytes(32)))


@contextmanager
def _on_postgresql() -> Iterator[Ground]:
    with installed() as settings, ExitStack() as ends:

        def opened(engine: Engine) -> Engine:
            ends.callback(engine.dispose)
            return engine

        yield Ground(
            lambda service: opened(open_postgres(role_url(settings, service), service)),
            lambda service: KeyStore(opened(open_postgres(keys_role_url(settings, service), service)), bytes(32)),
        )


@pytest.fixture(params=["sqlite"])
def log_engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with an empty log in it."""
    engine = open_database(tmp_path / "log.sqlite3", writes=True)
    upgrade(engine, "log", MIGRATIONS / "log")
    yield engine
    engine.dispose()


@pytest.fixture(params=BACKENDS)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Every service's tables, empty."""
    with _on_sqlite(tmp_path) if request.param == "sqlite" else _on_postgresql() as made:
        yield made


@pytest.fixture(params=BACKENDS)
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    """An empty key store, as its owner."""
    with ExitStack() as ends:
        if request.param == "sqlite":
            engine = open_database(tmp_path / "keys.sqlite3", writes=True, write_ahead=False)
            upgrade(engine, "keys", MIGRATIONS / "keys")
        else:
            engine = open_as_owner(keys_owner_url(ends.enter_context(installed())), schema="keys")
        ends.callback(engine.dispose)
        yield KeyStore(engine, bytes(32))


@pytest.fixture(params=["embedded", "distributed"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """The two tiny services, on each of the runners."""
    with ExitStack() as ends:
        if request.param == "embedded":
            yield ends.enter_context(embedded_site(tmp_path))
        else:
            kafka: str = request.getfixturevalue("kafka")
            yield ends.enter_context(distributed_site(tmp_path, ends.enter_context(installed()), kafka))
