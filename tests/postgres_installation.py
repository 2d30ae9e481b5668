"""An installation's two databases on PostgreSQL: roles, schemas, tables and grants as `together database upgrade` makes them, every table empty.

To make them takes a second or more, so whoever had them leaves them empty for the next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from sqlalchemy import URL, Connection, text

from services.chassis.postgres import keys_owner_url, open_as_owner, owner_url
from services.chassis.provisioning import provision
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from tests.postgres_server import kept_database, template

_OTHERS: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_TABLES: Final = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""

_free: list[ChassisSettings] = []
_own_tables: set[str] = set()
"""Those that an installation has; a test may bring services of its own, and leave theirs."""


@contextmanager
def installed(*, to_change: bool = False) -> Iterator[ChassisSettings]:
    """The settings of a new installation, its owner a superuser; one that is to be changed in more than its rows is nobody else's."""
    settings = _free.pop() if _free and not to_change else _made()
    yield settings
    if not to_change:
        for url in (owner_url(settings), keys_owner_url(settings)):
            _empty(url)
        _free.append(settings)


def _made() -> ChassisSettings:
    own, keys = _templates()
    settings = told(kept_database(own), kept_database(keys))
    provision(settings, migrations())  # what belongs to a database itself is not copied with its template
    for url in (owner_url(settings), keys_owner_url(settings)):
        engine = open_as_owner(url)
        with engine.connect() as connection:
            _own_tables.update(_tables(connection))
        engine.dispose()
    return settings


def _empty(url: URL) -> None:
    engine = open_as_owner(url)
    with engine.begin() as connection:
        connection.execute(text(_OTHERS))
        tables = _tables(connection)
        for foreign in tables - _own_tables:
            connection.execute(text(f"DROP TABLE {foreign}"))
        filled = [name for name in tables & _own_tables if not name.endswith("_migrations")]
        connection.execute(text(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY"))
    engine.dispose()


def _tables(connection: Connection) -> set[str]:
    return {str(name) for name in connection.execute(text(_TABLES)).scalars()}


@cache
def _templates() -> tuple[str, str]:
    keys: list[URL] = []
    keys_template = template("keys", keys.append)
    return template("services", lambda url: provision(told(url, keys[0]), migrations())), keys_template


def told(url: URL, keys_url: URL) -> ChassisSettings:
    """The settings that name these databases."""
    texts = [one.set(drivername="postgresql").render_as_string(hide_password=False) for one in (url, keys_url)]
    return ChassisSettings(database_url=texts[0], keys_database_url=texts[1])
