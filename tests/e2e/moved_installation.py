"""What a folder was moved to, as it can be read: over the services, and table by table."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, inspect

from services.chassis.distributed.running import Distributed
from services.chassis.distributed.topics import topics_wanted
from services.chassis.postgres import open_as_owner
from services.cli.installation import Installation, distributed_installation, settings_for
from tests.e2e.command_line import Ended, together
from tests.e2e.moved_town import told

EVERY_TOPIC = tuple(sorted(topics_wanted(replication=1)))


def move(data: Path) -> Ended:
    return together("streams", "move", "--to-kafka", "--data", data)


@contextmanager
def over_kafka() -> Iterator[Installation[Distributed]]:
    with distributed_installation(settings_for()) as running:
        yield running


def on_kafka() -> dict[str, int]:
    with over_kafka() as running:
        return told(running.services, EVERY_TOPIC).counts()


def on_postgresql(url: URL, schema: str, table: str) -> tuple[list[str], list[str]]:
    engine = open_as_owner(url)
    with engine.connect() as connection:
        columns = [column["name"] for column in inspect(connection).get_columns(table, schema=schema)]
        rows = connection.exec_driver_sql(f'SELECT * FROM "{schema}"."{table}"').all()
    engine.dispose()
    return sorted(repr(tuple(map(_plain, row))) for row in rows), columns


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else bytes(value) if isinstance(value, memoryview) else value
