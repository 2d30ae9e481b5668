"""The scripts of deploy/ on a real file system: what the start refuses and hands on, which secrets are made, what a second run leaves alone."""

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from schemas.streams import ServiceName
from tests.architecture.compositions import ALL, ROOT, composition

START = ROOT / "deploy" / "start.sh"
MAKE_SECRETS = ROOT / "deploy" / "make-secrets.sh"
NOBODY = 65534
FOR_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another user")

# Says what it was given, on both outputs, as `together` itself would serve.
STUB = '#!/bin/sh\necho "ready $*"\necho "token=${TOGETHER_API_TOKEN-none} smtp=${TOGETHER_SMTP_URL-none}" >&2\n'


@pytest.fixture
def container() -> Iterator[Path]:
    """A folder with a stand-in for `together`, secrets and data, which any user may enter."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        root.chmod(0o755)
        for folder in ("bin", "secrets", "data", "data/keys"):
            (root / folder).mkdir()
        (root / "bin" / "together").write_text(STUB)
        (root / "bin" / "together").chmod(0o755)
        (root / "secrets" / "access-key").write_text("the-access-key")
        (root / "secrets" / "key-encryption-key").write_text("0" * 64)
        (root / "secrets" / "smtp-url").write_text("")
        yield root


def start(container: Path, *words: str, user: int | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the image would."""
    secrets = container / "secrets"
    environment = {
        "PATH": f"{container / 'bin'}:/usr/bin:/bin", "TOGETHER_SECRETS": str(secrets), "TOGETHER_KEY_FILE": str(secrets / "key-encryption-key"),
        "TOGETHER_DATA": str(container / "data"), "TOGETHER_READY": str(container / "ready"), **more,
    }  # fmt: skip
    return subprocess.run(["sh", START, *words], env=environment, user=user, check=False, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ((), "up --host 0.0.0.0 --port 8080"),
        (("service", "matcher"), "service matcher --host 0.0.0.0 --port 8080"),
    ],
)
def test_what_serves_is_given_the_access_key_and_its_address_stays_out_of_the_log(container: Path, words: tuple[str, ...], command: str) -> None:
    started = start(container, *words)
    assert started.returncode == 0
    assert started.stdout == ""
    assert "token=the-access-key smtp=none" in started.stderr
    assert (container / "ready").read_text() == f"ready {command}\n"
    assert stat.S_IMODE((container / "ready").stat().st_mode) == 0o600


def test_another_command_is_run_as_it_stands(container: Path) -> None:
    started = start(container, "streams", "apply", "--yes")
    assert (started.returncode, started.stdout) == (0, "ready streams apply --yes\n")


def test_a_mail_server_is_a_secret_of_its_own(container: Path) -> None:
    (container / "secrets" / "smtp-url").write_text("smtps://user:planted@mail.example:465")
    assert "smtp=smtps://user:planted@mail.example:465" in start(container, "service", "followup").stderr


@FOR_ROOT
def test_a_secret_that_cannot_be_read_is_told_with_the_remedy(container: Path) -> None:
    (container / "secrets" / "access-key").chmod(0o400)
    started = start(container, "service", "matcher", user=NOBODY)
    assert started.returncode == 1
    assert started.stderr.startswith(f"start: {container}/secrets/access-key cannot be read by user {NOBODY}: ")
    assert "make-secrets.sh" in started.stderr


def test_a_service_is_not_started_without_the_key_encryption_key(container: Path) -> None:
    (container / "secrets" / "key-encryption-key").unlink()
    started = start(container, "service", "intake")
    assert (started.returncode, "key-encryption-key is missing" in started.stderr) == (1, True)
    assert start(container, "streams", "apply").returncode == 0


def test_a_service_must_be_named(container: Path) -> None:
    started = start(container, "service")
    assert (started.returncode, "which service?" in started.stderr) == (1, True)


@FOR_ROOT
def test_data_that_cannot_be_written_is_told(container: Path) -> None:
    started = start(container, user=NOBODY)
    assert (started.returncode, f"{container}/data cannot be written" in started.stderr) == (1, True)


def test_messages_are_not_begun_where_they_could_neither_be_sent_nor_kept(container: Path) -> None:
    started = start(container, "service", "followup", TOGETHER_DATA="/tmp/together")
    assert (started.returncode, "no mail server is set" in started.stderr) == (1, True)
    assert start(container, "service", "matcher", TOGETHER_DATA="/tmp/together").returncode == 0
    (container / "secrets" / "smtp-url").write_text("smtp://mail.example:587")
    assert start(container, "service", "followup", TOGETHER_DATA="/tmp/together").returncode == 0


@FOR_ROOT
def test_every_secret_of_the_compositions_and_of_every_role_is_made_once_for_its_readers(tmp_path: Path) -> None:
    subprocess.run([MAKE_SECRETS, tmp_path / "secrets"], check=True, capture_output=True, timeout=20)
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert {secret for file in ALL for secret in composition(file)["secrets"]} <= made.keys()
    assert {f"database-together_{name}" for name in get_args(ServiceName)} <= made.keys()
    assert made.pop("smtp-url") == ""
    assert len(set(made.values())) == len(made)
    assert {len(bytes.fromhex(value)) for value in made.values()} == {32}
    owners = {(file.stat().st_uid, file.stat().st_gid, stat.S_IMODE(file.stat().st_mode) & 0o337) for file in (tmp_path / "secrets").iterdir()}
    assert owners == {(10001, 10001, 0)}

    (tmp_path / "secrets" / "smtp-url").write_text("smtp://mail.example:587")
    subprocess.run([MAKE_SECRETS, tmp_path / "secrets"], check=True, capture_output=True, timeout=20)
    again = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert again == {**made, "smtp-url": "smtp://mail.example:587"}


@pytest.mark.parametrize("words", [(), ("everything",), ("--embedded",)])
def test_a_backup_of_nothing_known_is_wrong_usage(words: tuple[str, ...]) -> None:
    told = subprocess.run([ROOT / "deploy" / "backup.sh", *words], check=False, capture_output=True, text=True, timeout=20)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("usage: ")
