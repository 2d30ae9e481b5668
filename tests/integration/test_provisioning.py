"""What each service's role may do on a real PostgreSQL after `together database upgrade`, and what stands in that command's way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from schemas.streams import ServiceName
from services.chassis.errors import Transient, UserError
from services.chassis.keystore import PERSON_PURPOSES, REWRITE_KEYS, TABLES, KeyStore, KeyUse
from services.chassis.postgres import keys_owner_url, keys_role_url, open_as_owner, open_postgres, owner_url, role_url, told_transient
from services.chassis.provisioning import provision, standings
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from tests.postgres_installation import installed
from tests.postgres_server import cluster, database, execute, programs, superuser

SERVICES: Final[tuple[ServiceName, ...]] = get_args(ServiceName)
READS, MAKES, DESTROYS = frozenset({"SELECT"}), frozenset({"SELECT", "INSERT"}), frozenset({"SELECT", "INSERT", "UPDATE"})
MAY: Final[dict[ServiceName, dict[KeyUse, frozenset[str]]]] = {
    "intake": {"details": DESTROYS, "matching": DESTROYS, "lookup": MAKES},
    "directory": {"group": MAKES, "lookup": MAKES},
    "matcher": {"matching": READS, "lookup": MAKES},
    "coordinator": {"details": READS, "matching": READS, "group": READS, "lookup": MAKES},
    "followup": {"details": READS, "matching": READS, "group": READS, "lookup": MAKES},
    "learning": {"matching": READS, "lookup": MAKES},
}
ATTEMPTS: Final = {
    "SELECT": "SELECT * FROM {table}",
    "INSERT": "INSERT INTO {table} (owner, wrapped) VALUES ('together', 'x')",
    "UPDATE": "UPDATE {table} SET wrapped = NULL",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table}",
    "DROP": "DROP TABLE {table}",
    "ALTER": "ALTER TABLE {table} ADD COLUMN more text",
}
WRITES: Final = ("DELETE FROM {table}", "TRUNCATE {table}", "DROP TABLE {table}", "INSERT INTO {table} DEFAULT VALUES", "LOCK TABLE {table}")


@pytest.fixture(scope="module")
def settings() -> Iterator[ChassisSettings]:
    """A new installation."""
    with installed(to_change=True) as made:
        yield made


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> ServiceName:
    """Each service."""
    found: ServiceName = request.param
    return found


@pytest.fixture
def mine(settings: ChassisSettings, service: ServiceName) -> Iterator[Engine]:
    """What the service comes to its tables by."""
    engine = open_postgres(role_url(settings, service), service)
    yield engine
    engine.dispose()


@pytest.fixture
def my_keys(settings: ChassisSettings, service: ServiceName) -> Iterator[Engine]:
    """What the service comes to its keys by."""
    engine = open_postgres(keys_role_url(settings, service), service)
    yield engine
    engine.dispose()


def refused(connection: Connection, statement: str) -> bool:
    """Whether the role may not do this; whatever it did is undone."""
    with connection.begin_nested() as savepoint:
        try:
            connection.execute(text(statement))
        except ProgrammingError as fault:
            if isinstance(fault.orig, InsufficientPrivilege):
                return True
            raise
        finally:
            savepoint.rollback()
    return False


def tables_of(settings: ChassisSettings) -> dict[str, str]:
    """Every table of a schema of ours, with its schema."""
    engine = open_as_owner(owner_url(settings))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"))
        return {f"{schema}.{table}": schema for schema, table in found}


def test_each_service_opens_the_keys_of_its_purposes_and_no_others(my_keys: Engine, service: ServiceName) -> None:
    with my_keys.connect() as connection:
        for use, table in TABLES.items():
            attempts = {name: attempt.format(table=table.name) for name, attempt in ATTEMPTS.items() if (use, name) != ("lookup", "INSERT")}
            allowed = {name for name, attempt in attempts.items() if not refused(connection, attempt)}
            assert allowed == MAY[service].get(use, frozenset()) & attempts.keys(), use


def test_the_matcher_is_given_no_details_key(settings: ChassisSettings) -> None:
    intake = open_postgres(keys_role_url(settings, "intake"), "intake")
    matcher = open_postgres(keys_role_url(settings, "matcher"), "matcher")
    for use in PERSON_PURPOSES:
        KeyStore(intake, bytes(32)).make(use, ["ada"])
    keys = KeyStore(matcher, bytes(32))
    assert keys.fetch("matching", ["ada"])["ada"]
    with pytest.raises(ProgrammingError, match="permission denied for table details_keys"):
        keys.fetch("details", ["ada"])
    for engine in (intake, matcher):
        engine.dispose()


def test_only_who_destroys_keys_has_the_tables_written_anew(my_keys: Engine, service: ServiceName) -> None:
    with my_keys.connect() as connection:
        assert refused(connection, f"SELECT {REWRITE_KEYS}()") == (service != "intake")


def test_a_look_up_key_is_seen_by_its_own_service_alone(my_keys: Engine, service: ServiceName, settings: ChassisSettings) -> None:
    other: ServiceName = "learning" if service == "intake" else "intake"
    theirs = open_postgres(keys_role_url(settings, other), other)
    mine = KeyStore(my_keys, bytes(32)).lookup_key(service)
    assert KeyStore(theirs, bytes(32)).lookup_key(other) != mine
    theirs.dispose()
    with my_keys.connect() as connection:
        assert connection.execute(text("SELECT owner FROM lookup_keys")).scalars().all() == [service]
        assert refused(connection, f"INSERT INTO lookup_keys (owner, wrapped) VALUES ('{other}x', 'planted')")
        assert refused(connection, "ALTER TABLE lookup_keys DISABLE ROW LEVEL SECURITY")


def test_no_service_reads_or_writes_in_a_schema_that_is_not_its_own(mine: Engine, service: ServiceName, settings: ChassisSettings) -> None:
    others = {table for table, schema in tables_of(settings).items() if schema != service}
    assert len(others) > 20
    with mine.connect() as connection:
        for table in others:
            assert refused(connection, f"SELECT * FROM {table}"), table
            assert all(refused(connection, attempt.format(table=table)) for attempt in WRITES), table


def test_of_the_others_facts_on_the_way_only_the_stream_is_seen(mine: Engine, service: ServiceName) -> None:
    with mine.connect() as connection:
        for other in SERVICES:
            assert not refused(connection, f"SELECT stream FROM {other}.outbox WHERE stream = 'referrals'")
            for column in ("subject", "data", "number"):
                assert refused(connection, f"SELECT {column} FROM {other}.outbox") == (other != service)


def test_a_service_writes_in_its_own_tables_and_changes_none(mine: Engine, service: ServiceName, settings: ChassisSettings) -> None:
    with mine.connect() as connection:
        for table in (table for table, schema in tables_of(settings).items() if schema == service):
            assert not refused(connection, f"DELETE FROM {table}")
            assert refused(connection, f"DROP TABLE {table}")
        assert not refused(connection, "INSERT INTO inbox VALUES ('event-1')")
        assert not refused(connection, "INSERT INTO positions VALUES ('referrals', 0, 7, NULL)")
        row = "'referrals', 'ada', 'event-1', 'T', 's', 't', 'c', NULL, NULL, 'data', 'now'"
        assert not refused(connection, f"INSERT INTO outbox VALUES (DEFAULT, {row})")


@pytest.mark.parametrize("making", ["TABLE {schema}.more (id int)", "TABLE public.more (id int)", "TEMPORARY TABLE more (id int)", "SCHEMA more"])
def test_a_service_makes_nothing(mine: Engine, service: ServiceName, making: str) -> None:
    with mine.connect() as connection:
        assert refused(connection, f"CREATE {making.format(schema=service)}")


def test_nobody_else_is_let_in(settings: ChassisSettings) -> None:
    execute(superuser(), "CREATE ROLE together_passer_by LOGIN")
    try:
        for url in (owner_url(settings), keys_owner_url(settings)):
            engine = open_postgres(url.set(username="together_passer_by"), "test")
            with pytest.raises(Transient), told_transient():
                engine.connect()
            engine.dispose()
    finally:
        execute(superuser(), "DROP ROLE together_passer_by")


def test_a_role_that_no_grant_holds_back_is_not_taken_for_a_services(settings: ChassisSettings) -> None:
    execute(superuser(), "ALTER ROLE together_learning CREATEDB")
    try:
        with pytest.raises(UserError, match="together_learning"):
            provision(settings, migrations())
    finally:
        execute(superuser(), "ALTER ROLE together_learning NOCREATEDB")
    provision(settings, migrations())


def test_a_database_that_sorts_by_a_language_is_refused() -> None:
    with database() as url:
        name = f"{url.database}_icu"
        execute(url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'")
        try:
            text_ = url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
            with pytest.raises(UserError, match=f'CREATE DATABASE "{name}" TEMPLATE template0'):
                provision(ChassisSettings(database_url=text_), migrations())
        finally:
            execute(url, f"DROP DATABASE {name}")


def test_where_no_server_answers_the_reason_is_told() -> None:
    with pytest.raises(UserError, match=r"database town, as together: .*127\.0\.0\.1.*refused"):
        standings(ChassisSettings(database_url="postgresql://together:hidden@127.0.0.1:1/town"), migrations())


def test_an_owner_who_is_no_superuser_makes_all_of_it_from_nothing_and_everyone_needs_their_password(tmp_path: Path) -> None:
    if (folder := programs()) is None:
        pytest.skip("PostgreSQL's own programs are not installed")
    for role in ("town_owner", *(f"together_{service}" for service in SERVICES)):
        (tmp_path / f"database-{role}").write_text(f"secret of {role}'s\n", encoding="utf-8")
    with cluster(folder) as url:
        execute(url, "CREATE ROLE town_owner LOGIN CREATEROLE CREATEDB PASSWORD 'secret of town_owner''s'")
        ask_for_passwords(url)
        settings = ChassisSettings(database_url=f"postgresql://town_owner@127.0.0.1:{url.port}/the-town", secrets=tmp_path)
        for _ in range(2):
            provision(settings, migrations())
        assert not any(one.behind for one in standings(settings, migrations()))
        for service in SERVICES:
            engine = open_postgres(role_url(settings, service), service)
            with engine.connect() as connection:
                assert connection.execute(text("SELECT current_user || ' ' || current_schema()")).scalar() == f"together_{service} {service}"
            engine.dispose()
        (tmp_path / "database-together_matcher").write_text("guessed", encoding="utf-8")
        engine = open_postgres(role_url(settings, "matcher"), "matcher")
        with pytest.raises(Transient), told_transient():
            engine.connect()
        engine.dispose()


def ask_for_passwords(url: URL) -> None:
    """Have the server trust its superuser alone."""
    engine = open_as_owner(url)
    with engine.begin() as connection:
        file = Path(str(connection.execute(text("SHOW hba_file")).scalar_one()))
        file.write_text("host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
