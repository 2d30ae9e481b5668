"""The compositions keep what they promise: no rights, no writable root, one port on this machine, every secret a file that only its reader has."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest

from schemas.streams import ServiceName
from services.cli.service import Named
from tests.architecture.compositions import ALL, DISTRIBUTED, EMBEDDED, MAIL, ROOT, WATCHING, composition

OURS = "better-together"
PUBLISHED = {EMBEDDED: {"together"}, DISTRIBUTED: {"web"}, MAIL: {"web"}, WATCHING: {"web", "grafana"}}
JOBS = {"tables", "streams", "operate"}
SERVICES = {name for name in get_args(ServiceName) if (ROOT / "services" / name).is_dir()}


def weaknesses(file: Path, read: dict[str, Any]) -> Iterator[str]:
    """What a service of a composition is allowed that it should not be."""
    for name, service in read["services"].items():
        for weakness in (*rights(service), *ways_in(service, name in PUBLISHED[file]), *secrets_told(service, read["secrets"])):
            yield f"{name}: {weakness}"


def rights(service: dict[str, Any]) -> Iterator[str]:
    """What its processes may do."""
    if not (OURS in service["image"] and "user" not in service) and not re.fullmatch(r"[1-9]\d*:[1-9]\d*", str(service.get("user"))):
        yield "it may be run by root"
    if service.get("read_only") is not True:
        yield "the root file system can be written"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add") or service.get("privileged"):
        yield "it has capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "it may gain privileges"
    if not {"cpus", "memory", "pids"} <= service.get("deploy", {}).get("resources", {}).get("limits", {}).keys():
        yield "its resources have no limit"
    if any(re.match(r"[./~]", volume) and not volume.endswith(":ro") for volume in service.get("volumes", [])):
        yield "a folder of the host can be written"
    if not all("noexec" in mount and "size=" in mount for mount in service.get("tmpfs", [])):
        yield "a file in memory may be run, or grow"


def ways_in(service: dict[str, Any], published: bool) -> Iterator[str]:
    """Who may reach it; a fixed name or port would keep a second copy from starting."""
    if service.get("ports") and not published:
        yield "it is published"
    if not all(re.search(r"(^|:-)127\.0\.0\.1:\d+", port) for port in service.get("ports", [])):
        yield "it is published beyond this machine"
    if service.keys() & {"container_name", "network_mode", "pid", "ipc"}:
        yield "it is not on its own"
    if ":" not in service["image"] or service["image"].endswith(":latest"):
        yield "nobody knows which version it is"


def secrets_told(service: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """Which secret lies open."""
    for variable, value in service.get("environment", {}).items():
        if re.search(r"TOKEN|PASSWORD|SECRET$", variable) and not variable.endswith("_FILE"):
            yield "a secret is in its environment's description"
        if re.search(r"://[^/@]*:[^/@]*@", str(value)):
            yield "a password is in an address"
    if not all(known.get(secret, {}).get("file", "").rpartition("/")[0].endswith("secrets") for secret in service.get("secrets", [])):
        yield "a secret is no file of deploy/secrets"


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.name)
def test_no_service_is_allowed_more_than_it_needs(file: Path) -> None:
    assert list(weaknesses(file, composition(file))) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("user", "0:0"),
        ("read_only", False),
        ("cap_drop", []),
        ("cap_add", ["NET_ADMIN"]),
        ("security_opt", []),
        ("deploy", {}),
        ("volumes", ["/var/run/docker.sock:/var/run/docker.sock"]),
        ("tmpfs", ["/tmp"]),
        ("ports", ["127.0.0.1:9092:9092"]),
        ("container_name", "kafka"),
        ("network_mode", "host"),
        ("image", "apache/kafka"),
        ("image", "apache/kafka:latest"),
        ("environment", {"POSTGRES_PASSWORD": "planted"}),
        ("environment", {"TOGETHER_API_TOKEN": "planted"}),
        ("environment", {"TOGETHER_DATABASE_URL": "postgresql://together:planted@database/together"}),
        ("secrets", ["unknown"]),
    ],
)
def test_the_guard_sees_a_planted_weakness(key: str, value: object) -> None:
    planted = deepcopy(composition(DISTRIBUTED))
    planted["services"]["kafka"][key] = value
    assert len(list(weaknesses(DISTRIBUTED, planted))) == 1


@pytest.mark.parametrize("ports", [["8080:8080"], ["0.0.0.0:8080:8080"]])
def test_the_guard_sees_a_port_that_others_reach(ports: list[str]) -> None:
    planted = deepcopy(composition(EMBEDDED))
    planted["services"]["together"]["ports"] = ports
    assert len(list(weaknesses(EMBEDDED, planted))) == 1


def test_every_service_of_the_product_is_run_by_its_name() -> None:
    services = composition(DISTRIBUTED)["services"]
    run = {name: service["command"] for name, service in services.items() if service["image"].count(OURS) and name not in JOBS}
    assert run == {name: ["start-together", "service", name] for name in SERVICES | {"web"}}
    assert run.keys() == set(get_args(Named))


def test_a_service_has_the_password_of_its_own_role_alone() -> None:
    services = composition(DISTRIBUTED)["services"]
    passwords = {name: {secret for secret in service.get("secrets", []) if secret.startswith("database-")} for name, service in services.items()}
    roles = {name: {f"database-together_{name}"} for name in SERVICES}
    assert {name: passwords[name] for name in SERVICES} == roles
    assert passwords["web"] == set().union(*roles.values())
    assert passwords["database"] == {"database-together"}
    assert passwords["keys"] == {"database-keeper"}
    assert {name for name, held in passwords.items() if held & {"database-together", "database-keeper"}} == {"database", "keys", "tables", "operate"}


def test_services_wait_for_the_tables_and_the_streams_and_those_for_what_they_are_made_in() -> None:
    services = composition(DISTRIBUTED)["services"]
    prepared = {job: {"condition": "service_completed_successfully"} for job in ("tables", "streams")}
    assert all(services[name]["depends_on"] == prepared for name in SERVICES | {"web"})
    assert services["tables"]["depends_on"].keys() == {"database", "keys"}
    assert services["streams"]["depends_on"].keys() == {"kafka"}
    assert all("healthcheck" in services[name] for name in ("kafka", "database", "keys"))
    assert {services[name]["restart"] for name in JOBS} == {"no"}


def test_only_the_web_front_is_on_a_network_that_leads_out() -> None:
    read = composition(DISTRIBUTED)
    assert [name for name, said in read["networks"].items() if not (said or {}).get("internal")] == ["outside"]
    assert [name for name, service in read["services"].items() if service["networks"] != ["inside"]] == ["web"]


def test_the_two_runs_never_take_one_anothers_volumes() -> None:
    assert composition(DISTRIBUTED)["name"] != composition(EMBEDDED)["name"]
    kept = [volume.partition(":")[0] for service in composition(DISTRIBUTED)["services"].values() for volume in service.get("volumes", [])]
    assert {name for name in kept if not name.startswith(".")} == {"keys", "letters", "models", "streams", "tables"}


def test_kafka_is_the_version_that_the_tests_run() -> None:
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<kafka.version>(.*)</kafka.version>", pom)
    assert version
    assert composition(DISTRIBUTED)["services"]["kafka"]["image"] == f"apache/kafka:{version[1]}"
