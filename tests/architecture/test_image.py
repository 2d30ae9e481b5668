"""The image keeps what it promises: not run by root, no secret in a layer or a log, nothing in it that nobody named."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_is_not_run_by_root_and_tells_nobody_of_its_use() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["10001:10001"]
    assert "ORT_DISABLE_TELEMETRY=1" in last
    assert not re.search(r"^ARG", last, re.MULTILINE)
    assert "/health/ready" in last


def test_the_image_is_built_with_the_uv_of_the_makefile() -> None:
    ours = re.search(r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    theirs = re.search(r"^ARG UV_VERSION=(\S+)", DOCKERFILE, re.MULTILINE)
    assert ours
    assert theirs
    assert ours[1] == theirs[1]


def test_the_builder_sees_named_folders_alone_and_git_no_secret() -> None:
    shown = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert shown[1] == "*"
    assert {line for line in shown if line.startswith("!")} == {
        "!LICENSE", "!README.md", "!pyproject.toml", "!uv.lock", "!deploy/start.sh", "!models", "!schemas", "!services",
    }  # fmt: skip
    assert "/secrets/" in (ROOT / "deploy" / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_address_with_a_sign_in_key_stays_out_of_the_containers_log() -> None:
    start = (ROOT / "deploy" / "start.sh").read_text(encoding="utf-8")
    serving = re.findall(r"^ *exec together (?:up|service) .*$", start, re.MULTILINE)
    assert len(serving) == 2
    assert all(line.endswith('--host 0.0.0.0 --port 8080 >"$ready"') for line in serving)


SCRIPTS = sorted([*(ROOT / "deploy").rglob("*.sh"), ROOT / "deploy" / "local-base" / "kafka" / "run"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(ROOT / "deploy")))
def test_a_script_of_deploy_can_be_read_by_its_shell_and_run(script: Path) -> None:
    shell = script.read_text(encoding="utf-8").partition("\n")[0].rpartition("/")[2].removeprefix("env ")
    assert script.stat().st_mode & 0o111
    assert subprocess.run([shell, "-n", script], check=False, capture_output=True, timeout=20).returncode == 0
