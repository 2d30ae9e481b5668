"""Makes the two databases what the services need, as their owner: roles, schemas, grants, tables, and the keys granted by purpose. Safe to run again.

A service's role owns nothing. It reads and writes in its own schema alone; of the others it may see which streams they have facts on the way
for (column `stream` of their `outbox`), and nothing else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from sqlalchemy import URL, Connection, Engine, TextClause, bindparam, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from schemas.streams import ServiceName
from services.chassis.database import newest_migration, revision, upgrade
from services.chassis.errors import UserError
from services.chassis.keystore import PERSON_PURPOSES, REWRITE_KEYS, TABLES, KeyUse
from services.chassis.postgres import KEYS_SCHEMA, keys_owner_url, open_as_owner, owner_url, password, role_of
from services.chassis.settings import ChassisSettings

SERVICES: Final[tuple[ServiceName, ...]] = get_args(ServiceName)
ALL_SERVICES: Final = "together_services"
"""The group role that every service's role is in."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_MAY_OPEN: Final[Mapping[KeyUse, Mapping[ServiceName, str]]] = {
    "details": {"intake": "SELECT, INSERT, UPDATE", "coordinator": "SELECT", "followup": "SELECT"},
    "matching": {
        "intake": "SELECT, INSERT, UPDATE", "matcher": "SELECT", "coordinator": "SELECT", "followup": "SELECT", "learning": "SELECT",
    },
    "group": {"directory": "SELECT, INSERT", "coordinator": "SELECT", "followup": "SELECT"},
    "lookup": dict.fromkeys(SERVICES, "SELECT, INSERT"),
}  # fmt: skip
"""What each service may do with the keys of each use; intake makes and destroys a person's, the directory makes a group's."""

_ITS_OWN_ROW: Final = "'together_' || owner = current_user"
_CLUSTERED: Final = " ".join(f"CLUSTER {KEYS_SCHEMA}.{TABLES[use].name} USING {TABLES[use].name}_pkey;" for use in PERSON_PURPOSES)
_REWRITE: Final = f"""
    CREATE OR REPLACE FUNCTION {REWRITE_KEYS}() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = {KEYS_SCHEMA}, pg_temp SET lock_timeout = '2s' AS $$ BEGIN {_CLUSTERED} END $$
"""
"""PostgreSQL keeps the row as it was before a key was destroyed; the owner's right to write the tables' files anew is lent to intake for this."""

_AGAINST_THE_RULES: Final = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the tables of one schema that one folder of migrations makes are, and whether the role that uses them is there."""

    schema: str
    tables: str
    at: str | None
    newest: str
    role: bool

    @property
    def behind(self) -> bool:
        """Whether an upgrade has something to do."""
        return self.at != self.newest or not self.role


def provision(settings: ChassisSettings, migrations: Mapping[str, Path]) -> None:
    """Bring both databases to where the services of this version need them; `migrations` has a folder for each service with tables of its own.

    Raises:
        UserError: the server cannot be reached, the owner may not do this, or a database cannot be what it is to be.
    """
    with _database(owner_url(settings)) as engine:
        _make_roles(engine, settings.secrets)
        _make_schemas(engine)
        for service in SERVICES:
            for name, folder in _folders(service, migrations).items():
                upgrade(engine, name, folder, service)
        _grant_schemas(engine)
    with _database(keys_owner_url(settings)) as engine:
        _make_roles(engine, settings.secrets)  # the keys may be on a server of their own
        _make_key_schema(engine)
        upgrade(engine, "keys", _MIGRATIONS / "keys", KEYS_SCHEMA)
        _grant_keys(engine)


def standings(settings: ChassisSettings, migrations: Mapping[str, Path]) -> list[Standing]:
    """Where every schema stands, the key database's last.

    Raises:
        UserError: the server cannot be reached, or has no such databases yet.
    """
    with _told(owner_url(settings)) as engine, engine.connect() as connection:
        roles = _roles(connection)
        found = [
            Standing(service, name, revision(connection, name, service), newest_migration(folder), role_of(service) in roles)
            for service in SERVICES
            for name, folder in _folders(service, migrations).items()
        ]
    with _told(keys_owner_url(settings)) as engine, engine.connect() as connection:
        at, complete = revision(connection, "keys", KEYS_SCHEMA), len(_roles(connection)) == len(SERVICES) + 1
    return [*found, Standing(KEYS_SCHEMA, "keys", at, newest_migration(_MIGRATIONS / "keys"), complete)]


def refuse_behind(connection: Connection, service: ServiceName, migrations: Mapping[str, Path]) -> None:
    """See to it that a service's tables are there, as this version needs them or a later one left them; asked with the service's own rights.

    Raises:
        UserError: an upgrade has something to do.
    """
    for name, folder in _folders(service, migrations).items():
        at, newest = revision(connection, name, service), newest_migration(folder)
        if at is None or at < newest:
            raise UserError(f"the {service}'s tables are at {at or 'nothing'} and not at {newest} yet: run `together database upgrade`")


def _folders(service: ServiceName, migrations: Mapping[str, Path]) -> dict[str, Path]:
    found = {"service": _MIGRATIONS / "service"}
    return found | {service: migrations[service]} if service in migrations else found


@contextmanager
def _database(url: URL) -> Iterator[Engine]:
    """The owner's engine on a database, which is made where the server has none of that name."""
    with _told(url) as engine:
        try:
            engine.connect().close()
        except OperationalError:
            if not _make_database(url):
                raise
        _check_order(engine, url)
        yield engine


@contextmanager
def _told(url: URL) -> Iterator[Engine]:
    """The owner's engine, and in one line what the server has against the owner."""
    engine = open_as_owner(url)
    try:
        yield engine
    except OperationalError as fault:
        raise UserError(f"database {url.database}, as {url.username}: {str(fault.orig).splitlines()[0]}") from fault
    except ProgrammingError as fault:
        if getattr(fault.orig, "sqlstate", None) != "42501":  # insufficient_privilege
            raise
        raise UserError(f"the owner {url.username} may not do this: {str(fault.orig).splitlines()[0]}") from fault
    finally:
        engine.dispose()


def _make_database(url: URL) -> bool:
    """Make the database; False where it is there already, and so was not what was wrong."""
    engine = open_as_owner(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": url.database}).first():
                return False
            connection.exec_driver_sql(_creation(connection, url))
            return True
    finally:
        engine.dispose()


def _creation(connection: Connection, url: URL) -> str:
    return f"CREATE DATABASE {_quoted(connection, url.database or '')} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"


def _check_order(engine: Engine, url: URL) -> None:
    """Pages follow one another by the order of their ids, which has to be the order of bytes as in SQLite, whatever the language."""
    with engine.connect() as connection:
        if connection.execute(text("SELECT 'Z' < 'a' AND current_setting('server_encoding') = 'UTF8'")).scalar():
            return
        raise UserError(
            f"the database {url.database} does not keep text as UTF-8 in the order of its bytes; make it with: {_creation(connection, url)}"
        )


def _make_roles(engine: Engine, secrets: Path | None) -> None:
    with engine.begin() as connection:
        there = _roles(connection)
        if ALL_SERVICES not in there:
            connection.exec_driver_sql(f"CREATE ROLE {ALL_SERVICES} NOLOGIN")
        for role in map(role_of, SERVICES):
            if role not in there:
                connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
            connection.exec_driver_sql(f"GRANT {ALL_SERVICES} TO {role}")
            if secret := password(secrets, role):
                connection.exec_driver_sql(f"ALTER ROLE {role} PASSWORD '{_scrambled(connection, role, secret)}'")
        if mighty := connection.execute(_of_our_roles(f"({_AGAINST_THE_RULES}) AND rolname")).scalars().all():
            raise UserError(f"no grant holds these roles back, so they are not to be the services': {', '.join(sorted(mighty))}")


def _roles(connection: Connection) -> set[str]:
    return set(connection.execute(_of_our_roles("rolname")).scalars())


def _of_our_roles(condition: str) -> TextClause:
    roles = [ALL_SERVICES, *map(role_of, SERVICES)]
    return text(f"SELECT rolname FROM pg_roles WHERE {condition} IN :roles").bindparams(bindparam("roles", roles, expanding=True))


def _scrambled(connection: Connection, role: str, secret: str) -> str:
    """The password as the server keeps it (SCRAM-SHA-256), so that what it logs of the statement opens nothing."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    return str(raw.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode())  # its alphabet has no quote


def _make_schemas(engine: Engine) -> None:
    with engine.begin() as connection:
        _close(connection)
        for service in SERVICES:
            role = role_of(service)
            _run(
                connection,
                f"CREATE SCHEMA IF NOT EXISTS {service}",
                f"GRANT USAGE ON SCHEMA {service} TO {ALL_SERVICES}",
                f"ALTER ROLE {role} IN DATABASE {_name(connection)} SET search_path = {service}",
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT USAGE ON SEQUENCES TO {role}",
            )


def _grant_schemas(engine: Engine) -> None:
    """Grant what was there before the default privileges were; of `outbox` everyone may see the streams."""
    with engine.begin() as connection:
        for service in SERVICES:
            role = role_of(service)
            _run(
                connection,
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {service} TO {role}",
                f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {service} TO {role}",
                f"GRANT SELECT (stream) ON {service}.outbox TO {ALL_SERVICES}",
            )


def _make_key_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        _close(connection)
        _run(connection, f"CREATE SCHEMA IF NOT EXISTS {KEYS_SCHEMA}", f"GRANT USAGE ON SCHEMA {KEYS_SCHEMA} TO {ALL_SERVICES}")
        for role in map(role_of, SERVICES):
            _run(connection, f"ALTER ROLE {role} IN DATABASE {_name(connection)} SET search_path = {KEYS_SCHEMA}")


def _grant_keys(engine: Engine) -> None:
    """Each use to whom it concerns, and nothing that an older version may have granted besides; a look-up key to its own service."""
    with engine.begin() as connection:
        for use, table in TABLES.items():
            name = f"{KEYS_SCHEMA}.{table.name}"
            _run(connection, *(f"REVOKE ALL ON {name} FROM {role_of(service)}" for service in SERVICES))
            _run(connection, *(f"GRANT {privileges} ON {name} TO {role_of(service)}" for service, privileges in _MAY_OPEN[use].items()))
        lookup = f"{KEYS_SCHEMA}.{TABLES['lookup'].name}"
        _run(
            connection,
            f"ALTER TABLE {lookup} ENABLE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS its_own ON {lookup}",
            f"CREATE POLICY its_own ON {lookup} USING ({_ITS_OWN_ROW}) WITH CHECK ({_ITS_OWN_ROW})",
            _REWRITE,
            f"REVOKE ALL ON FUNCTION {REWRITE_KEYS}() FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {REWRITE_KEYS}() TO {role_of('intake')}",
        )


def _close(connection: Connection) -> None:
    """Let nobody into the database, or into its public schema, who is not let in by name."""
    name = _name(connection)
    _run(
        connection,
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {ALL_SERVICES}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    )


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _name(connection: Connection) -> str:
    """The database's name, to stand in a statement."""
    return _quoted(connection, str(connection.execute(text("SELECT current_database()")).scalar_one()))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
