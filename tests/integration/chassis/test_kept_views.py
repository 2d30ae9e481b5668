"""A start reads a view's snapshot and what stands in the log behind it; a snapshot of another log, or of other code, is never used."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.chassis import log
from services.chassis.database import open_database, upgrade
from services.chassis.embedded import _MIGRATIONS
from services.chassis.keystore import KeyStore
from services.chassis.service import Service
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault
from services.chassis.views import ViewFeed
from tests.kept_view import Erased, erasure
from tests.two_services import Seen


@pytest.fixture(autouse=True)
def _worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.views.WORTH_KEEPING", 1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = database(tmp_path / "log.sqlite3")
    yield made
    made.dispose()


def database(file: Path) -> Engine:
    engine = open_database(file, writes=True)
    upgrade(engine, "log", _MIGRATIONS / "log")
    return engine


def erase(engine: Engine, *persons: str) -> None:
    with engine.begin() as connection:
        log.append(connection, [erasure(person) for person in persons], "2026-03-02T09:00:00+00:00")


def started(engine: Engine, folder: Path | None, made_by: str = "this") -> Erased:
    view = Erased(made_by)
    ViewFeed(
        Service("matcher", Seen, Path(), view=view), engine, Vault("matcher", KeyStore(engine, bytes(32)), (), lookup=bytes(32)), Timings(), folder
    )
    return view


def test_the_next_start_is_told_only_what_came_since(engine: Engine, tmp_path: Path) -> None:
    erase(engine, "ada", "bo")
    assert started(engine, tmp_path).told == ["ada", "bo"]
    erase(engine, "cy")
    next_one = started(engine, tmp_path)
    assert (next_one.persons, next_one.told) == (["ada", "bo", "cy"], ["cy"])
    assert started(engine, tmp_path).told == []


def test_other_code_reads_everything_again(engine: Engine, tmp_path: Path) -> None:
    erase(engine, "ada")
    started(engine, tmp_path)
    assert started(engine, tmp_path, "that").told == ["ada"]


@pytest.mark.parametrize("others", [["bo", "dee"], ["bo"], []])
def test_a_snapshot_of_another_log_is_not_used(engine: Engine, tmp_path: Path, others: list[str]) -> None:
    erase(engine, "ada", "cy")
    started(engine, tmp_path)
    another = database(tmp_path / "another.sqlite3")
    erase(another, *others)
    found = started(another, tmp_path)
    another.dispose()
    assert found.persons == found.told == others


def test_without_a_folder_and_for_little_nothing_is_written(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(engine, "ada")
    assert started(engine, None).told == ["ada"]
    monkeypatch.setattr("services.chassis.views.WORTH_KEEPING", 2)
    started(engine, tmp_path / "views")
    assert not (tmp_path / "views").exists()


def test_a_disk_that_takes_nothing_stops_nobody(engine: Engine, tmp_path: Path) -> None:
    erase(engine, "ada")
    (tmp_path / "views").write_text("a file where a folder should be")
    assert started(engine, tmp_path / "views").persons == ["ada"]
