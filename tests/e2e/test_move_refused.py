"""What a move refuses, in one line, before it has written anything."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from services.chassis.clock import HandSetClock
from services.chassis.distributed.relay import producer_for, send
from services.chassis.errors import UserError
from services.chassis.folder import DataFolder
from services.chassis.postgres import keys_owner_url, open_as_owner, owner_url
from services.chassis.settings import ChassisSettings
from services.cli.installation import embedded_installation, settings_for
from tests.e2e.moved_installation import move, on_kafka, on_postgresql
from tests.e2e.moved_town import ENDS
from tests.unit.chassis.distributed.test_wire import RECORD

pytestmark = pytest.mark.timeout(900)


def test_nothing_is_moved_to_where_something_stands(ready: Path) -> None:
    send(producer_for(os.environ["TOGETHER_KAFKA_BOOTSTRAP"]), [RECORD])
    assert f"on Kafka's stream {RECORD.stream} already: a move needs empty streams" in refused(ready)
    assert on_kafka() == {RECORD.stream: 1}
    assert key_rows() == 0


def key_rows() -> int:
    return sum(len(on_postgresql(keys_owner_url(settings_for()), "keys", f"{use}_keys")[0]) for use in ("details", "matching", "group"))


@pytest.mark.parametrize(("schema", "table"), [("intake", "inbox"), ("learning", "positions"), ("matcher", "held_back")])
def test_nothing_is_moved_into_tables_with_rows(ready: Path, schema: str, table: str) -> None:
    engine = open_as_owner(owner_url(settings_for()))
    with engine.begin() as connection:
        _some_row(connection, schema, table)
    engine.dispose()
    assert refused(ready) == f"rows stand in {schema}.{table} already: a move needs empty tables"
    assert on_kafka() == {}


def _some_row(connection: Connection, schema: str, name: str) -> None:
    columns = [column["name"] for column in inspect(connection).get_columns(name, schema=schema) if not column["nullable"]]
    values = ", ".join("'1'" for _ in columns)
    connection.exec_driver_sql(f"""INSERT INTO "{schema}"."{name}" ({", ".join(f'"{column}"' for column in columns)}) VALUES ({values})""")


def test_nothing_is_moved_into_another_key_store(ready: Path) -> None:
    engine = open_as_owner(keys_owner_url(settings_for()), schema="keys")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO details_keys (owner, wrapped) VALUES ('somebody', 'x')")
    engine.dispose()
    assert refused(ready) == "other keys stand in details_keys already: a move needs an empty key store"
    assert on_kafka() == {}


def test_a_folder_is_not_moved_with_another_key_encryption_key(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").write_text("ab" * 32)
    monkeypatch.setenv("TOGETHER_KEY_FILE", str(tmp_path / "other"))
    assert refused(ready).startswith("the key-encryption key is not the one that the key store was made with")
    assert on_kafka() == {}


def test_what_is_not_ready_is_told(no_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not exist" in refused(no_database)
    with DataFolder(no_database).held():
        assert refused(no_database) == f"another `together` holds {no_database}: end it first"
    assert refused(no_database.parent / "elsewhere").endswith("holds no services' data")
    monkeypatch.delenv("TOGETHER_DATABASE_URL")
    assert "TOGETHER_DATABASE_URL is not set" in refused(no_database)


def refused(data: Path) -> str:
    """The one line with which a move is refused."""
    ended = move(data)
    assert ended.code == 1
    assert ended.told_in_one_line(), ended
    return ended.err.removeprefix("together: ").rstrip("\n")


def test_whoever_waited_for_a_move_to_end_decides_nothing_in_the_folder(ready: Path) -> None:
    with embedded_installation(ChassisSettings(data=ready), HandSetClock(ENDS)) as running:
        assert move(ready).code == 0
        with pytest.raises(UserError, match="was moved"):
            running.decide("coordinator", [])
