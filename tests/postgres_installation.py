"""An installation's two databases on PostgreSQL, fresh for a test: roles, schemas, tables and grants as `together database upgrade` makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import URL

from services.chassis.provisioning import provision
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from tests.postgres_server import database, template


@contextmanager
def installed() -> Iterator[ChassisSettings]:
    """The settings of a new installation, its owner a superuser."""
    own, keys = _templates()
    with database(own) as url, database(keys) as keys_url:
        settings = told(url, keys_url)
        provision(settings, migrations())  # what belongs to a database itself is not copied with its template
        yield settings


@cache
def _templates() -> tuple[str, str]:
    keys: list[URL] = []
    keys_template = template("keys", keys.append)
    return template("services", lambda url: provision(told(url, keys[0]), migrations())), keys_template


def told(url: URL, keys_url: URL) -> ChassisSettings:
    """The settings that name these databases."""
    texts = [one.set(drivername="postgresql").render_as_string(hide_password=False) for one in (url, keys_url)]
    return ChassisSettings(database_url=texts[0], keys_database_url=texts[1])
