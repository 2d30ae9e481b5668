"""What migrations promise over either database: the tables are those that the stores know, down and up again on data, and what that loses."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, inspect, text

from schemas.streams import ServiceName
from services.chassis import keystore
from services.chassis.database import downgrade, newest_migration, open_database, revision, upgrade
from services.chassis.keystore import KeyStore
from services.chassis.postgres import open_as_owner
from services.chassis.vault import Vault
from services.cli.database import migrations
from services.coordinator.domain import Arrival, Case, CaseFact, CasePlace
from services.coordinator.store import tables as coordinator
from services.directory.domain import Listing
from services.directory.places.book import Book, Place
from services.directory.places.room import Room
from services.directory.store import tables as directory
from services.followup.store import tables as followup
from services.intake import store as intake
from services.learning import store as learning
from services.matcher import store as matcher
from tests.contract.conftest import BACKENDS, MIGRATIONS, OPENS, STORES
from tests.contract.test_followup_store import touch
from tests.contract.test_matcher_store import flag
from tests.postgres_server import database, execute
from tests.unit.directory.store_in_memory import listing

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KNOWN: dict[str, MetaData] = {
    "intake": intake.metadata,
    "directory": directory.metadata,
    "matcher": matcher.metadata,
    "coordinator": coordinator.metadata,
    "followup": followup.metadata,
    "learning": learning.metadata,
    "keys": keystore.metadata,
}
FOLDERS: dict[str, Path] = {**migrations(), **{name: MIGRATIONS / name for name in ("keys", "service")}}


@dataclass
class Moving:
    """One folder of migrations, and the tables that it makes."""

    name: str
    engine: Engine
    schema: str | None
    keys: KeyStore

    def up(self) -> None:
        """To the newest."""
        upgrade(self.engine, self.name, FOLDERS[self.name], self.schema)

    def down(self, to: str) -> None:
        """To an older one."""
        downgrade(self.engine, self.name, FOLDERS[self.name], to, self.schema)

    def at(self) -> str | None:
        """Where the tables are."""
        with self.engine.connect() as connection:
            return revision(connection, self.name, self.schema)

    def tables(self) -> set[str]:
        """Their names."""
        return set(inspect(self.engine).get_table_names(schema=self.schema)) - {f"{self.name}_migrations"}

    def run(self, statement: str, **values: Any) -> None:
        """A statement of a service that is older than its store."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    @contextmanager
    def store(self) -> Iterator[Any]:
        """The service's store in one transaction."""
        service: ServiceName = self.name  # type: ignore[assignment]
        with self.engine.begin() as connection:
            yield STORES[service](connection, Vault(service, self.keys, OPENS[service]))


@pytest.fixture(params=BACKENDS)
def moving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Makes the tables of a folder of migrations."""
    with ExitStack() as ends:
        keys = open_database(tmp_path / "keys.sqlite3", writes=True)
        ends.callback(keys.dispose)
        upgrade(keys, "keys", FOLDERS["keys"])

        def made(name: str) -> Moving:
            if request.param == "sqlite":
                engine, schema = open_database(tmp_path / "moving.sqlite3", writes=True), None
            else:
                url, schema = ends.enter_context(database()), f"of_{name}"
                execute(url, f"CREATE SCHEMA {schema}")
                engine = open_as_owner(url, schema=schema)
            ends.callback(engine.dispose)
            found = Moving(name, engine, schema, KeyStore(keys, bytes(32)))
            found.up()
            return found

        yield made


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_everything_goes_down_to_nothing_and_up_again(moving: Any, name: str) -> None:
    its = moving(name)
    there = its.tables()
    assert its.at() == newest_migration(FOLDERS[name])
    its.up()
    its.down("base")
    assert its.tables() == set()
    assert its.at() is None
    its.up()
    assert its.tables() == there


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_tables_are_those_that_the_store_knows(moving: Any, name: str) -> None:
    its = moving(name)
    seen = inspect(its.engine)
    assert its.tables() == set(KNOWN[name].tables)
    for table in KNOWN[name].tables.values():
        columns = {column["name"]: column["nullable"] for column in seen.get_columns(table.name, schema=its.schema)}
        assert columns == {column.name: column.nullable for column in table.c}
        assert seen.get_pk_constraint(table.name, schema=its.schema)["constrained_columns"] == [column.name for column in table.primary_key]
        indexes = {str(index["name"]) for index in seen.get_indexes(table.name, schema=its.schema) if "duplicates_constraint" not in index}
        assert indexes == {str(index.name) for index in table.indexes}


def test_the_directory_loses_its_places_and_keeps_what_is_listed(moving: Any) -> None:
    its = moving("directory")
    command = listing("choir", capacity={"maximum": 9})
    with its.store() as store:
        store.save([Listing(command, b"content")])
        store.keep([Book("choir", None, Room(9, shut="full"), 1, {}, {"p": Place("p", "ada", "case-1", 1)}, touched={"p"})])
    its.down("0001")
    its.up()
    with its.store() as store:
        assert store.get("choir").group == command.prepared.group
        said = store.said(["choir"])["choir"]
        assert (said.told, said.standing, said.revision) == (command.prepared.group.capacity, command.prepared.group.capacity, 0)
        assert store.books({"choir": ["p"]})["choir"].waiting == {}


def test_the_matcher_takes_open_flags_over_and_loses_facts_on_the_way_back(moving: Any) -> None:
    its = moving("matcher")
    with its.store() as store:
        store.keep([flag("1", "bo")], ["bo"])
    its.down("0001")
    its.run("INSERT INTO open_flags VALUES ('flag-1', 'ada')")
    its.up()
    with its.store() as store:
        facts = store.facts_about(["ada", "bo"])
        assert [(event.id, event.data.flag_id) for event in facts["ada"]] == [("flag-1", "flag-1")]
        assert "bo" not in facts


def test_the_coordinator_keeps_cases_and_facts_and_loses_decisions(moving: Any) -> None:
    its = moving("coordinator")
    cases = [Case("open", "ada", NOW, "agreed", False, 2, version=1), Case("over", "ada", NOW, "closed", False, 2, version=1)]
    fact = CaseFact("1", "open", "ada", "better-together.X", NOW, b"sealed", needs_human=True)
    with its.store() as store:
        store.put([Arrival(one.case_id, "ada", NOW, False, b"hash") for one in cases], cases)
        store.add([fact])
        store.put_places([CasePlace("p", "open", "ada", "choir", "held")])
    its.down("0002")
    its.up()
    with its.store() as store:
        assert [store.cases_called(one.case_id) for one in cases] == [[one] for one in cases]
        assert store.history("open") == [fact]
        assert len(store.places_of(["ada"])) == 1
    its.down("0001")
    its.up()
    with its.store() as store:
        assert [(one.case_id, one.version) for one in store.queue(None, NOW, 9, None)] == [("open", 0)]
        assert [one.case_id for one in store.queue("new", NOW, 9, None)] == ["open"]
        assert [one.case_id for one in store.queue("closed", NOW, 9, None)] == ["over"]
        assert store.history("open") == [fact]
        assert store.places_of(["ada"]) == []


def test_follow_up_keeps_its_touches_and_forgets_what_was_said_last(moving: Any) -> None:
    its = moving("followup")
    planned = [touch("a", over=True), touch("b", session=None)]
    with its.store() as store:
        store.plan(planned)
        assert store.measure("a")
    its.down("0001")
    its.up()
    with its.store() as store:
        assert sorted(store.touches_of(["ada"]), key=lambda one: str(one.touch_id)) == planned
        assert store.measure("a")


def test_intake_has_no_way_back_on_data(moving: Any) -> None:
    its = moving("intake")
    with its.store() as store:
        store.begin_erasure("ada", NOW)
    its.down("base")
    its.up()
    with its.store() as store:
        assert store.erasures_open() == []
