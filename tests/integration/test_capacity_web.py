"""A group's capacity over HTTP, inside the web's shell and over a real data folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.events.places import CapacitySet
from schemas.group import GroupContact
from services.chassis.codec import decode
from tests.integration.directory_client import CONTACT, TOKEN, client_of
from tests.integration.directory_folder import Folder, facts, folder, group

SESSIONS = [{"weekday": "tue", "start": "14:00", "end": "16:00", "every_weeks": 1}]
CHOIR = group("choir", capacity={"maximum": 7}, contact=CONTACT, description="Songs", sessions=SESSIONS, tags=["singing"])


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Folder]:
    with folder(tmp_path) as opened:
        opened.list([CHOIR])
        yield opened


@pytest.fixture
def client(town: Folder) -> TestClient:
    return client_of(town)


def put(client: TestClient, body: Any, group_id: str = "choir") -> Any:
    """The answer to setting a capacity."""
    return client.put(f"/v1/groups/{group_id}/capacity", json=body, headers=TOKEN)


def said(town: Folder) -> list[tuple[int | None, int | None, bool, int]]:
    """Every capacity that was said to the owner of the group's places."""
    events = [decode(stored.record).data for stored in town.embedded.records("place-requests", 0, 100)]
    return [(one.maximum, one.available, one.waitlist, one.revision) for one in events if isinstance(one, CapacitySet)]


def test_a_capacity_is_answered_as_it_stands_and_the_group_is_listed_with_it(town: Folder, client: TestClient) -> None:
    before = client.get("/v1/groups/choir").json()

    answer = put(client, {"maximum": 9, "available": 4, "waitlist": True})

    assert (answer.status_code, answer.json()) == (200, {"maximum": 9, "available": 4, "waitlist": True})
    assert client.get("/v1/groups/choir").json() == before | {"capacity": answer.json()}
    assert said(town) == [(7, None, False, 1), (9, 4, True, 2)]
    assert town.embedded.end_of("groups") > 0
    with town.reading() as store:
        assert store.contacts(["choir"]) == {"choir": GroupContact.model_validate(CONTACT)}
    assert (
        facts(town.list([group("choir", capacity={"maximum": 7}, contact=CONTACT, description="Songs", sessions=SESSIONS, tags=["singing"])])) == []
    )


def test_what_is_left_out_is_not_known_and_no_waiting_list(client: TestClient) -> None:
    put(client, {"maximum": 9, "available": 4, "waitlist": True})

    assert put(client, {"maximum": 9}).json() == {"maximum": 9, "available": None, "waitlist": False}


def test_the_same_again_changes_nothing(town: Folder, client: TestClient) -> None:
    put(client, {"maximum": 9})

    answer = put(client, {"maximum": 9})

    assert (answer.status_code, answer.json()["maximum"]) == (200, 9)
    assert len(town.embedded.records("groups", 0, 10)) == len(said(town)) == 2


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/maximum"]),
        ({"maximum": -1, "available": "some"}, ["/maximum", "/available"]),
        ({"maximum": None, "waitlist": "perhaps"}, ["/maximum", "/waitlist"]),
        ({"maximum": 100_001}, ["/maximum"]),
        ({"maximum": 1.5}, ["/maximum"]),
        ([7], [""]),
        (7, [""]),
    ],
)
def test_what_is_no_capacity_is_refused_with_a_pointer_to_every_fault(town: Folder, client: TestClient, body: Any, pointers: list[str]) -> None:
    answer = put(client, body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert len(said(town)) == 1


def test_a_group_that_is_not_listed_is_not_found(client: TestClient) -> None:
    assert put(client, {"maximum": 9}, "nobody").status_code == 404


def test_nobody_sets_a_capacity_without_the_credential(town: Folder, client: TestClient) -> None:
    assert client.put("/v1/groups/choir/capacity", json={"maximum": 9}).status_code == 401
    assert len(said(town)) == 1


def test_the_description_names_what_is_put_and_what_is_answered(client: TestClient) -> None:
    described = client.get("/openapi.json").json()

    operation = described["paths"]["/v1/groups/{group_id}/capacity"]["put"]
    schema = {"$ref": "#/components/schemas/Capacity"}
    assert operation["requestBody"]["content"]["application/json"]["schema"] == schema
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == schema
    assert "maximum" in described["components"]["schemas"]["Capacity"]["required"]
