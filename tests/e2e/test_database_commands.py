"""`together database` as an operator meets it, over PostgreSQL and over a data folder."""

import json
from pathlib import Path

import pytest

from services.chassis.postgres import sqlalchemy_url
from services.cli.database import migrations
from tests.e2e.command_line import together
from tests.postgres_installation import installed
from tests.postgres_server import database, execute

EVERY_SCHEMA = {"intake", "directory", "matcher", "coordinator", "followup", "learning", "keys"}


def standings(out: str) -> dict[tuple[str, str], bool]:
    """Whether each schema's tables are where they should be."""
    rows = [json.loads(line) for line in out.splitlines()]
    return {(row["schema"], row["tables"]): row["at"] == row["newest"] and row["role"] for row in rows}


def test_an_upgrade_makes_what_is_missing_and_status_tells_what_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with database() as url:
        monkeypatch.setenv("TOGETHER_DATABASE_URL", url.render_as_string(hide_password=False))
        try:
            assert together("database", "status").told_in_one_line()  # no key database yet
            done = together("database", "upgrade")
            assert (done.code, done.err) == (0, "")
            assert {schema for schema, _ in standings(done.out)} == EVERY_SCHEMA
            assert all(standings(done.out).values())
            assert together("database", "status").out == together("database", "upgrade").out == done.out
            execute(url, "UPDATE matcher.matcher_migrations SET version_num = '0001'")
            behind = together("database", "status")
            assert behind.code == 1
            assert [at for at, well in standings(behind.out).items() if not well] == [("matcher", "matcher")]
        finally:
            execute(url.set(database="postgres"), f"DROP DATABASE IF EXISTS {url.database}_keys WITH (FORCE)")


@pytest.mark.parametrize("done", ["UPDATE matcher.matcher_migrations SET version_num = '0001'", "DROP TABLE matcher.service_migrations"])
def test_a_service_whose_tables_are_behind_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: str) -> None:
    (tmp_path / "key").write_text("00" * 32)
    with installed(to_change=True) as settings:
        url = sqlalchemy_url(str(settings.database_url))
        execute(url, done)
        monkeypatch.setenv("TOGETHER_DATABASE_URL", str(settings.database_url))
        monkeypatch.setenv("TOGETHER_KEYS_DATABASE_URL", str(settings.keys_database_url))
        monkeypatch.setenv("TOGETHER_KAFKA_BOOTSTRAP", "127.0.0.1:1")
        monkeypatch.setenv("TOGETHER_KEY_FILE", str(tmp_path / "key"))
        told = together("service", "matcher", "--port", "0")
    assert (told.code, told.told_in_one_line()) == (1, True)
    assert "run `together database upgrade`" in told.err


def test_without_a_database_it_is_the_data_folder_that_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOGETHER_DATABASE_URL", raising=False)
    data = tmp_path / "data"
    before = together("database", "status", "--data", data)
    assert (before.code, set(standings(before.out).values())) == (1, {False})
    assert not data.exists()
    done = together("database", "upgrade", "--data", data)
    assert (done.code, f"the tables in the data folder {data} are up to date" in done.err) == (0, True)
    assert {tables for _, tables in standings(done.out)} == {"log", "keys", *migrations()}
    after = together("database", "status", "--data", data)
    assert (after.code, set(standings(after.out).values())) == (0, {True})


@pytest.mark.parametrize("url", ["sqlite:///town", "together"])
def test_what_is_no_database_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TOGETHER_DATABASE_URL", url)
    told = together("database", "upgrade")
    assert (told.code, told.told_in_one_line()) == (1, True)
