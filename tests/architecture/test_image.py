"""The image and its composition keep what they promise: no rights, no writable root, one port on this machine, no secret in a layer or a log."""

import re
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")


def composition() -> dict[str, Any]:
    """docker-compose.yml as it stands."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def weaknesses(read: dict[str, Any]) -> Iterator[str]:
    """What a service of a composition is allowed that it should not be."""
    for name, service in read["services"].items():
        if service.get("read_only") is not True:
            yield f"{name}: the root file system can be written"
        if service.get("cap_drop") != ["ALL"] or service.get("cap_add") or service.get("privileged"):
            yield f"{name}: it has capabilities"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: it may gain privileges"
        if not {"cpus", "memory", "pids"} <= service.get("deploy", {}).get("resources", {}).get("limits", {}).keys():
            yield f"{name}: its resources have no limit"
        if not all(re.search(r"(^|:-)127\.0\.0\.1:\d+", port) for port in service.get("ports", [])):
            yield f"{name}: it is published beyond this machine"
        if any("TOKEN" in variable for variable in service.get("environment", {})):
            yield f"{name}: a secret is in its environment's description"


def test_no_service_is_allowed_more_than_it_needs() -> None:
    assert list(weaknesses(composition())) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("read_only", False),
        ("cap_drop", []),
        ("cap_add", ["NET_ADMIN"]),
        ("security_opt", []),
        ("deploy", {}),
        ("ports", ["8080:8080"]),
        ("ports", ["0.0.0.0:8080:8080"]),
        ("environment", {"TOGETHER_API_TOKEN": "planted"}),
    ],
)
def test_the_guard_sees_a_planted_weakness(key: str, value: object) -> None:
    planted = deepcopy(composition())
    planted["services"]["together"][key] = value
    assert len(list(weaknesses(planted))) == 1


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
    assert re.findall(r"^exec together up .*$", start, re.MULTILINE) == ["exec together up --host 0.0.0.0 --port 8080 >/tmp/ready"]


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda script: script.name)
def test_a_script_of_deploy_can_be_read_by_its_shell_and_run(script: Path) -> None:
    shell = script.read_text(encoding="utf-8").partition("\n")[0].rpartition("/")[2].removeprefix("env ")
    assert script.stat().st_mode & 0o111
    assert subprocess.run([shell, "-n", script], check=False, capture_output=True, timeout=20).returncode == 0
