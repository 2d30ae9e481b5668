"""What is said where a data folder, or what is around it, is not as it should be: one line, and nothing is made worse."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.chassis.database import downgrade, open_database
from services.cli.database import migrations
from tests.e2e.command_line import ids, in_its_own_process, referral, small_folder, together


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return small_folder(tmp_path)


def _folder_in_place_of(file: Path) -> None:
    file.unlink()
    file.mkdir()


LETTER = b"This is a letter.\n" * 500
BREAKS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "another key": ("keys/key-encryption-key", lambda file: file.write_text("5" * 64 + "\n")),
    "half a key": ("keys/key-encryption-key", lambda file: file.write_text("5" * 32 + "\n")),
    "no key": ("keys/key-encryption-key", lambda file: file.write_text("a secret that is none\n")),
    "a key in bytes": ("keys/key-encryption-key", lambda file: file.write_bytes(bytes(range(128, 192)))),
    "key gone": ("keys/key-encryption-key", Path.unlink),
    "key store is a letter": ("keys/keys.sqlite3", lambda file: file.write_bytes(LETTER)),
    "key store gone": ("keys/keys.sqlite3", Path.unlink),
    "all keys gone": ("keys", shutil.rmtree),
    "database damaged": ("together.sqlite3", lambda file: file.write_bytes(file.read_bytes()[:4_096] + b"\xff" * 40_000)),
    "database cut": ("together.sqlite3", lambda file: os.truncate(file, 20_000)),
    "database is a letter": ("together.sqlite3", lambda file: file.write_bytes(LETTER)),
    "database is a folder": ("together.sqlite3", _folder_in_place_of),
    "log is a folder": ("together.log", _folder_in_place_of),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_folder_is_told_in_one_line_and_no_key_in_it_is_made_anew(data: Path, name: str) -> None:
    file, spoil = BREAKS[name]
    spoil(data / file)
    before = _key_files(data)
    for words in (("referrals", "list"), ("referrals", "import", "-"), ("person", "export", "P-1"), ("groups", "list")):
        ended = together(*words, "--data", data, stdin=referral(9).encode())
        assert ended.code == 1, words
        assert ended.told_in_one_line(), ended
        assert "P-1" not in ended.err
    assert _key_files(data) == before


def _key_files(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data / "keys").glob("*")}


def test_a_variable_that_makes_no_sense_is_named(data: Path) -> None:
    senseless = {
        "TOGETHER_CLOCK": "yesterday",
        "TOGETHER_TIME_ZONE": "Europe/Nowhere",
        "TOGETHER_FIRST_SESSION_LEAD_HOURS": "a day",
        "TOGETHER_KEY_FILE": "/nonexistent/key",
    }
    for name, value in senseless.items():
        ended = in_its_own_process("referrals", "list", "--data", data, environment={name: value})
        assert ended.code == 1
        assert ended.told_in_one_line(), ended
        assert (name if name != "TOGETHER_KEY_FILE" else value) in ended.err


def test_a_folder_that_may_not_be_written_is_told_in_one_line() -> None:
    """Below /proc nobody may make anything, not even root."""
    ended = together("referrals", "list", "--data", Path("/proc/data"))
    assert ended.code == 1
    assert ended.told_in_one_line(), ended
    assert "/proc/data" in ended.err


def test_a_folder_whose_name_would_mean_something_in_an_address_is_only_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "what? 100%20 #1 & more"
    assert together("referrals", "import", "-", "--data", folder, stdin=referral(1).encode()).code == 0
    assert (folder / "together.sqlite3").exists()
    assert ids(together("referrals", "list", "--data", folder), "referral_id") == ["R-1"]


def test_the_doctor_says_what_is_missing(data: Path) -> None:
    assert together("doctor", "--data", data).code == 0
    (data / "keys" / "key-encryption-key").unlink()
    ended = together("doctor", "--data", data)
    assert ended.code == 1
    assert "MISSING" in ended.out


def test_the_doctor_calls_learning_not_well_where_it_is_not_installed_and_says_how_to_have_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.learning.app.can_learn", lambda: False)
    ended = together("doctor", "--data", data)
    [at] = [number for number, line in enumerate(ended.out.splitlines()) if "learning: " in line]
    said, mend = ended.out.splitlines()[at : at + 2]
    assert (ended.code, said) == (0, "without  learning: scikit-learn is not installed, so nothing is learned")
    assert "--extra learning" in mend


def test_the_doctor_brings_no_tables_to_another_version(data: Path) -> None:
    engine = open_database(data / "together.sqlite3", writes=True)
    downgrade(engine, "learning", migrations()["learning"], "base")
    engine.dispose()
    before = together("database", "status", "--data", data)
    ended = together("doctor", "--data", data)
    assert (before.code, ended.code) == (1, 0)
    assert "ok       model: not looked at" in ended.out
    assert together("database", "status", "--data", data) == before


@pytest.mark.parametrize("name", ["moved", "key store gone", "key store is a letter", "database damaged", "database is a letter"])
def test_a_folder_that_cannot_be_opened_is_no_model_that_is_missing(data: Path, name: str) -> None:
    file, spoil = {"moved": ("moved", Path.touch), **BREAKS}[name]
    spoil(data / file)
    ended = together("doctor", "--data", data)
    assert ended.code == 1
    assert ended.out.startswith("ok       data folder: ")
    assert "MISSING" not in ended.out
    assert (ended.err.startswith("together: "), ended.err.count("\n")) == (True, 1)


def test_to_look_where_the_tables_stand_changes_no_file(data: Path) -> None:
    before = _key_files(data)
    assert together("database", "status", "--data", data).code == 0
    assert _key_files(data) == before
