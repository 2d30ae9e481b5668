"""Malformed and hostile requests: every one has a clear answer, none breaks the service, and nothing is open that should not be."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis.core.result import Ok

from tests.e2e.served import BEARER, Served, served

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "40"))
"""Requests made up for each route and each test; 1,000 and more in a long run."""

QUICK = settings(max_examples=EXAMPLES, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=[*HealthCheck], database=None)
TOO_LARGE = 50 << 20

json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=True) | some.text(max_size=50),
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(some.text(max_size=20), inner, max_size=5),
    max_leaves=20,
)
FIELDS = ("age", "interests", "travel", "availability", "consent", "contact", "latitude", "flags", "loneliness", "attended", "languages", "tags")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("town") / "data") as running:
        yield running


def assert_clear(status: int, body: bytes, kind: str) -> None:
    """An answer that somebody can act on: never a 500, and a refusal says what and where."""
    assert status < 500 or status == 503, (status, body[:500])
    assert b"Traceback" not in body
    if status >= 400 and "json" in kind:
        assert json.loads(body)["errors"] is not None


@QUICK
@given(sent=json_values)
def test_any_json_is_answered_clearly(town: Served, sent: object) -> None:
    answer = town.client().post(
        "/v1/referrals", content=json.dumps(sent).encode("utf-8", "surrogatepass"), headers={"content-type": "application/json"}
    )
    assert_clear(answer.status_code, answer.content, answer.headers["content-type"])
    assert answer.status_code in (400, 422)


@QUICK
@given(field=some.sampled_from(FIELDS), value=json_values)
def test_any_value_in_any_field_is_taken_or_pointed_at(town: Served, field: str, value: object) -> None:
    sent = {"referral_id": f"H-{abs(hash((field, repr(value))))}", "person_id": "P-1", "interests": "chess", field: value}
    body = json.dumps(sent).encode("utf-8", "surrogatepass")
    answer = town.client().post("/v1/referrals", content=body, headers={"content-type": "application/json"})
    assert_clear(answer.status_code, answer.content, answer.headers["content-type"])
    if answer.status_code == 422:
        assert all(fault["pointer"] == "" or fault["pointer"].startswith("/") for fault in answer.json()["errors"])
        assert answer.json()["errors"]


@QUICK
@given(body=some.binary(max_size=2_000))
def test_any_bytes_are_answered_clearly(town: Served, body: bytes) -> None:
    for path in ("/v1/referrals", "/v1/referrals/x/withdrawal"):
        answer = town.client().post(path, content=body, headers={"content-type": "application/json"})
        assert_clear(answer.status_code, answer.content, answer.headers.get("content-type", ""))


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000, b'{"interests":' + b"[" * 5_000 + b"]" * 5_000 + b"}"])
def test_deep_nesting_is_refused(town: Served, nested: bytes) -> None:
    answer = town.client().post("/v1/referrals", content=nested, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 413, 422)


def test_a_body_of_fifty_megabytes_is_refused_by_its_size(town: Served) -> None:
    body = b'{"interests": "' + b"a" * TOO_LARGE + b'"}'
    answer = town.client().post("/v1/referrals", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_body_of_fifty_megabytes_in_pieces_is_refused_by_its_size(town: Served) -> None:
    pieces = (b"a" * (1 << 20) for _ in range(50))
    answer = town.client().post("/v1/referrals", content=pieces, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_made_up_request_to_any_described_route_is_answered_as_described(town: Served) -> None:
    description = schemathesis.openapi.from_dict(town.client().get("/openapi.json").json())
    made = 0
    for operation in description.get_all_operations():
        assert isinstance(operation, Ok)
        made += attack(town, operation.ok())
    assert made >= EXAMPLES


def attack(town: Served, operation: Any) -> int:
    """Send made-up requests to one operation; returns how many."""
    made = 0

    @QUICK
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        nonlocal made
        made += 1
        made_up = case.as_transport_kwargs(base_url="http://127.0.0.1")
        told = {name: made_up[name] for name in ("params", "json") if made_up.get(name) is not None}
        headers = {**made_up.get("headers", {}), **BEARER}
        answer = town.client().request(made_up["method"], made_up["url"], content=made_up.get("data"), headers=headers, **told)
        assert_clear(answer.status_code, answer.content, answer.headers.get("content-type", ""))

    send()
    return made


def test_every_route_without_its_credential_is_refused(town: Served) -> None:
    client = town.client(signed_in=False)
    open_to_all = ("/health", "/static", "/v1/groups", "/hsds", "/openapi.json", "/asyncapi.json", "/sign-in")
    refused = 0
    for route in town.app.state.routes.routes:
        for method in route.methods - {"HEAD", "OPTIONS"}:
            path = route.template.replace("{", "").replace("}", "").replace(":path", "")
            if method == "GET" and path.startswith(open_to_all):
                continue
            if path.startswith("/sign-in"):
                continue
            answer = client.request(method, path)
            signed = path.startswith(("/g/", "/p/"))  # these have a signature of their own, and show nothing without it
            assert answer.status_code == (404 if signed else 401), (method, path, answer.status_code)
            refused += 1
    assert refused >= 6
    assert client.get("/nothing/there").status_code == 401
    assert client.get("/").status_code == 401
    assert b"Access key" in client.get("/").content or b"access key" in client.get("/").content


def test_a_folder_keeps_working_after_all_of_this(town: Served) -> None:
    sent = {"referral_id": "AFTER", "person_id": "P-9", "interests": "I used to sing", "consent": {"match": True}}
    answer = town.client().post("/v1/referrals", json=sent)
    assert answer.status_code == 202
    assert town.client().post("/v1/referrals", json=sent).json() == answer.json()
    assert town.client().post("/v1/referrals", json=sent | {"age": 70}).status_code == 409
    assert town.client().get("/v1/referrals/AFTER").json()["case_id"] == answer.json()["case_id"]


def test_the_folders_log_repeats_nothing_that_was_sent(town: Served) -> None:
    town.client().post("/v1/referrals", json={"referral_id": "L", "person_id": "P", "interests": "Marmaduke Thistlewood-Quill"})
    town.client().get("/v1/queue?state=Marmaduke")
    logs = Path(town.running.services.folder.logs).read_text()
    assert "request" in logs
    assert "Marmaduke" not in logs
    assert "Thistlewood" not in logs
