"""The Kubernetes manifests are of the shapes that Kubernetes publishes, and keep what the compositions keep.

KEDA's ScaledObject has no schema in any package here: the part that is used is written down below, after its own definition (v2).
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema_rs import validator_for

from schemas.streams import PARTITIONS
from tests.architecture.compositions import DISTRIBUTED, ROOT, composition
from tests.unit.chassis.web_shell import Shell

KUBERNETES = ROOT / "deploy" / "kubernetes"
IMAGE = (ROOT / "deploy" / "Dockerfile", ROOT / "deploy" / "start.sh")
VERSIONS = ("1.29", "1.37")  # the oldest that is meant to work, and the newest known

_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 0}


def _of(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


SCALED_OBJECT = _of(
    {
        "apiVersion": {"const": "keda.sh/v1alpha1"},
        "kind": {"const": "ScaledObject"},
        "metadata": _of({"name": _TEXT, "namespace": _TEXT}, "name", "namespace"),
        "spec": _of(
            {
                "scaleTargetRef": _of({"apiVersion": _TEXT, "kind": _TEXT, "name": _TEXT, "envSourceContainerName": _TEXT}, "name"),
                "minReplicaCount": _COUNT,
                "maxReplicaCount": _COUNT,
                "pollingInterval": _COUNT,
                "cooldownPeriod": _COUNT,
                "fallback": _of({"failureThreshold": _COUNT, "replicas": _COUNT}, "failureThreshold", "replicas"),
                "triggers": {
                    "type": "array",
                    "minItems": 1,
                    "items": _of(
                        {
                            "type": {"const": "kafka"},
                            "metadata": _of(
                                {
                                    "bootstrapServersFromEnv": _TEXT,
                                    "consumerGroup": _TEXT,
                                    "lagThreshold": {"type": "string", "pattern": "^[1-9][0-9]*$"},
                                    "offsetResetPolicy": {"enum": ["earliest", "latest"]},
                                },
                                "bootstrapServersFromEnv", "consumerGroup",
                            ),
                        },
                        "type", "metadata",
                    ),
                },
            },
            "scaleTargetRef", "triggers",
        ),
    },
    "apiVersion", "kind", "metadata", "spec",
)  # fmt: skip


@cache
def manifests() -> tuple[dict[str, Any], ...]:
    """Every object of every file but the kustomizations."""
    files = sorted(file for file in KUBERNETES.rglob("*.yaml") if file.name != "kustomization.yaml")
    return tuple(document for file in files for document in yaml.safe_load_all(file.read_text(encoding="utf-8")))


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    """The objects of these kinds, by name."""
    return {read["metadata"]["name"]: read for read in manifests() if read["kind"] in kinds}


def misshapen(read: dict[str, Any], version: str) -> Iterator[str]:
    """What is wrong with its shape."""
    if read["kind"] == "ScaledObject":
        yield from (error.message for error in validator_for(SCALED_OBJECT).iter_errors(read))
        return
    try:
        kubernetes_validate.validate(read, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield error.message


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("read", manifests(), ids=lambda read: f"{read['kind']}-{read['metadata']['name']}")
def test_every_object_has_the_published_shape(read: dict[str, Any], version: str) -> None:
    assert list(misshapen(read, version)) == []


def test_the_guard_sees_a_planted_misspelling() -> None:
    for kind in sorted({read["kind"] for read in manifests()}):
        planted = deepcopy(next(read for read in manifests() if read["kind"] == kind))
        planted["spek"] = planted.pop("spec", {})
        assert list(misshapen(planted, VERSIONS[-1])), kind
    scaled = deepcopy(of_kind("ScaledObject")["matcher"])
    scaled["spec"]["triggers"][0]["metadata"]["lagThreshold"] = 2000  # KEDA takes text alone
    assert list(misshapen(scaled, VERSIONS[-1]))


def pods() -> dict[str, dict[str, Any]]:
    """What is run, by name: each a pod of one container."""
    return {name: read["spec"]["template"]["spec"] for name, read in of_kind("Deployment", "Job").items()}


def weaknesses(pod: dict[str, Any]) -> Iterator[str]:
    """What a pod is allowed that it should not be."""
    (container,) = pod["containers"]
    whole, own = pod.get("securityContext", {}), container.get("securityContext", {})
    if not (whole.get("runAsNonRoot") and whole.get("runAsUser", 0) > 0):
        yield "it may be run by root"
    if whole.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "it may make any system call"
    if own != {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}:
        yield "it has rights"
    if not all({"cpu", "memory"} <= container.get("resources", {}).get(part, {}).keys() for part in ("requests", "limits")):
        yield "its resources have no limit"
    if pod.get("automountServiceAccountToken") is not False:
        yield "it may speak to Kubernetes"
    if any(variable.get("valueFrom") for variable in container["env"]) or pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}:
        yield "a secret is in its environment, or it is not on its own"
    if not all(volume.keys() & {"emptyDir", "secret", "persistentVolumeClaim"} for volume in pod["volumes"]):
        yield "it sees a file of the host"


def test_no_pod_is_allowed_more_than_it_needs() -> None:
    assert {name: list(weaknesses(pod)) for name, pod in pods().items()} == {name: [] for name in pods()}


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ("pod", "securityContext", {}),
        ("pod", "hostNetwork", True),
        ("pod", "automountServiceAccountToken", True),
        ("pod", "volumes", [{"name": "host", "hostPath": {"path": "/"}}]),
        ("container", "securityContext", {"readOnlyRootFilesystem": False}),
        ("container", "resources", {"limits": {"cpu": "1"}}),
        ("container", "env", [{"name": "TOGETHER_API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
    ],
)
def test_the_guard_sees_a_planted_weakness(where: str, key: str, value: object) -> None:
    planted = deepcopy(pods()["matcher"])
    (planted if where == "pod" else planted["containers"][0])[key] = value
    assert list(weaknesses(planted))


def test_the_same_is_run_with_the_same_secrets_as_by_the_composition() -> None:
    composed = composition(DISTRIBUTED)["services"]
    run = {name: pod for name, pod in composed.items() if "better-together" in pod["image"] and name != "operate"}
    assert {name: pod["containers"][0]["args"] for name, pod in pods().items()} == {name: service["command"] for name, service in run.items()}
    secrets = {name: {item["key"] for item in _volume(pod, "secrets")["secret"]["items"]} for name, pod in pods().items()}
    assert {name: held for name, held in secrets.items() if name != "streams"} == {
        name: set(service["secrets"]) for name, service in run.items() if name != "streams"
    }
    assert not {secret for secret in secrets["streams"] if secret.startswith("database-")}


def _volume(pod: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(volume for volume in pod["volumes"] if volume["name"] == name)
    return found


def _without_models(pod: dict[str, Any]) -> bool:
    """Take out what learning and the matcher share; whether it was there, and only to be read."""
    (container,) = pod["containers"]
    parts = (container["env"], container["volumeMounts"], pod["volumes"])
    found = [one for part in parts for one in part if one["name"] in ("TOGETHER_MODELS", "models")]
    for part in parts:
        part[:] = [one for one in part if one not in found]
    return len(found) == 3 and all(one.get("readOnly") for one in found if "mountPath" in one)


def test_the_matcher_may_only_read_the_models_that_learning_writes() -> None:
    assert {name: _without_models(deepcopy(pods()[name])) for name in ("matcher", "learning", "web")} == {
        "matcher": True,
        "learning": False,
        "web": False,
    }


def test_pods_differ_in_nothing_but_their_name_size_and_secrets() -> None:
    def alike(name: str, pod: dict[str, Any]) -> dict[str, Any]:
        same: dict[str, Any] = deepcopy(pod)
        (container,) = same["containers"]
        assert container.pop("name") == name
        assert container.pop("args")[-1] == name
        container.pop("resources")
        same["topologySpreadConstraints"][0].pop("labelSelector")
        if name in ("matcher", "learning"):
            _without_models(same)
        _volume(same, "secrets")["secret"].pop("items")
        return same

    services = [alike(name, pods()[name]) for name in of_kind("Deployment")]
    assert services == services[:1] * len(services)


def test_every_service_is_probed_and_may_lose_one_copy_at_a_time() -> None:
    deployments, budgets = of_kind("Deployment"), of_kind("PodDisruptionBudget")
    assert deployments.keys() == budgets.keys()
    for name, read in deployments.items():
        (container,) = read["spec"]["template"]["spec"]["containers"]
        asked = {probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert asked == {"startupProbe": "/health/live", "livenessProbe": "/health/live", "readinessProbe": "/health/ready"}
        chosen = read["spec"]["selector"]["matchLabels"]
        assert chosen.items() <= read["spec"]["template"]["metadata"]["labels"].items()
        assert budgets[name]["spec"] == {"maxUnavailable": 1, "selector": {"matchLabels": chosen}}


def test_what_is_probed_and_published_is_where_the_image_serves_and_answers() -> None:
    image = {int(port) for port in re.findall(r"(?:EXPOSE |--port )(\d+)", "".join(file.read_text() for file in IMAGE))}
    assert image == {8080}
    shell = Shell()
    for name, read in of_kind("Deployment").items():
        (container,) = read["spec"]["template"]["spec"]["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": 8080}], name
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container[probe]["httpGet"]
            assert (asked["port"], shell.get(asked["path"]).status_code) == ("http", 200)
    [service], [ingress] = of_kind("Service").values(), of_kind("Ingress").values()
    assert service["spec"]["selector"].items() <= of_kind("Deployment")["web"]["spec"]["template"]["metadata"]["labels"].items()
    [port] = service["spec"]["ports"]
    assert port["targetPort"] == "http"
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert (backend["name"], backend["port"]["name"]) == (service["metadata"]["name"], port["name"])


def test_who_writes_is_said_because_mail_is_sent_here() -> None:
    assert "TOGETHER_SENDER" in of_kind("ConfigMap")["together-settings"]["data"]


def test_services_that_consume_are_scaled_by_the_lag_of_their_own_group_within_its_lanes() -> None:
    scaled = of_kind("ScaledObject")
    assert scaled.keys() == of_kind("Deployment").keys() - {"web"}
    for name, read in scaled.items():
        (trigger,) = read["spec"]["triggers"]
        assert read["spec"]["scaleTargetRef"]["name"] == name
        assert trigger["metadata"]["consumerGroup"] == f"together-{name}"
        assert trigger["metadata"]["bootstrapServersFromEnv"] in of_kind("ConfigMap")["together-settings"]["data"]
        assert 2 <= read["spec"]["minReplicaCount"] <= read["spec"]["maxReplicaCount"] <= PARTITIONS


def test_nothing_is_reached_but_what_a_policy_names() -> None:
    policies = of_kind("NetworkPolicy")
    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ways_in = {name: read["spec"]["ingress"] for name, read in policies.items() if "ingress" in read["spec"]}
    assert all(rule["from"] and {port["port"] for port in rule["ports"]} == {8080} for rules in ways_in.values() for rule in rules)


@pytest.mark.parametrize("folder", ["prepare", "services"])
def test_every_file_is_named_by_its_kustomization_and_runs_the_image_of_this_version(folder: str) -> None:
    read = yaml.safe_load((KUBERNETES / folder / "kustomization.yaml").read_text(encoding="utf-8"))
    files = {file.name for file in (KUBERNETES / folder).glob("*.yaml")} - {"kustomization.yaml"}
    assert set(read["resources"]) == files
    (image,) = read["images"]
    assert composition(DISTRIBUTED)["services"]["web"]["image"] == f"${{TOGETHER_IMAGE:-{image['name']}:{image['newTag']}}}"
    assert {document["metadata"].get("namespace", "together") for document in manifests()} == {"together"}


def test_no_secret_is_in_a_manifest() -> None:
    assert not of_kind("Secret")
    assert not [file for file in Path(KUBERNETES).rglob("*") if "secret" in file.name]
