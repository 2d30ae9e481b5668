"""The sample town's folder, and places to move it to."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.moved_town import ENDS, live
from tests.postgres_installation import installed
from tests.postgres_server import execute, superuser

numbers = count(1)


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's folder as it was left."""
    data = tmp_path_factory.mktemp("town") / "data"
    live(data)
    return data


@pytest.fixture
def data(lived: Path, tmp_path: Path, kafka: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and a broker to move to."""
    copy = tmp_path / "data"
    shutil.copytree(lived, copy)
    for name, value in {"TOGETHER_KAFKA_BOOTSTRAP": kafka, "TOGETHER_DATA": str(copy), "TOGETHER_CLOCK": ENDS.isoformat()}.items():
        monkeypatch.setenv(name, value)
    return copy


@pytest.fixture
def ready(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, and empty databases that are ready."""
    with installed() as settings:
        told_to(monkeypatch, settings.database_url, settings.keys_database_url)
        yield data


@pytest.fixture
def no_database(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, and a server that has no such database yet."""
    name = f"moved_{os.getpid()}_{next(numbers)}"
    url = superuser().set(drivername="postgresql", database=name)
    told_to(monkeypatch, url.render_as_string(hide_password=False), None)
    yield data
    execute(superuser(), *(f"DROP DATABASE IF EXISTS {one} WITH (FORCE)" for one in (name, f"{name}_keys")))


def told_to(monkeypatch: pytest.MonkeyPatch, database: str | None, keys: str | None) -> None:
    monkeypatch.setenv("TOGETHER_DATABASE_URL", database or "")
    monkeypatch.setenv("TOGETHER_KEYS_DATABASE_URL", keys or "")
