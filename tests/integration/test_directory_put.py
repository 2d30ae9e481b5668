"""A group put into the directory by hand over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.group import GroupContact
from services.directory.domain import BY_HAND
from tests.integration.directory_client import CONTACT, TOKEN, client_of
from tests.integration.directory_folder import Folder, folder, group

KNIT: dict[str, Any] = {"group_id": "knit", "name": "Library Knitters", "tags": ["crafts"], "access": ["step_free"], "contact": CONTACT}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Folder]:
    with folder(tmp_path) as opened:
        yield opened


def test_a_group_is_put_by_hand_once_and_then_changed(town: Folder) -> None:
    client = client_of(town)

    first = client.put("/v1/groups/knit", json=KNIT, headers=TOKEN)
    again = client.put("/v1/groups/knit", json=KNIT, headers=TOKEN)
    changed = client.put("/v1/groups/knit", json=KNIT | {"status": "paused"}, headers=TOKEN)

    assert [answer.status_code for answer in (first, again, changed)] == [201, 200, 200]
    assert "contact" not in first.json()
    assert client.get("/v1/groups/knit").json() == changed.json()
    assert changed.json()["status"] == "paused"
    assert len(town.embedded.records("groups", 0, 10)) == 2
    with town.reading() as store:
        listed = store.get("knit")
    assert listed
    assert listed.feed == BY_HAND


def test_a_group_keeps_its_contact_until_another_or_none_is_given(town: Folder) -> None:
    client = client_of(town)
    town.list([group("knit", contact=CONTACT)])

    def contact_after(**given: Any) -> GroupContact | None:
        client.put("/v1/groups/knit", json={"group_id": "knit", "name": "Knitters", **given}, headers=TOKEN).raise_for_status()
        with town.reading() as store:
            return store.contacts(["knit"]).get("knit")

    assert contact_after() == GroupContact.model_validate(CONTACT)
    assert contact_after(contact={"name": "Flo"}) == GroupContact(name="Flo")
    assert contact_after(contact=None) is None


def test_a_group_read_and_put_back_as_it_was_says_the_same(town: Folder) -> None:
    client = client_of(town)
    client.put("/v1/groups/knit", json=KNIT, headers=TOKEN)

    answer = client.put("/v1/groups/knit", json=client.get("/v1/groups/knit").json(), headers=TOKEN)

    assert answer.status_code == 200
    assert len(town.embedded.records("groups", 0, 10)) == 1


def test_nobody_changes_a_group_without_the_credential(town: Folder) -> None:
    answer = client_of(town).put("/v1/groups/knit", json=KNIT)

    assert answer.status_code == 401
    assert town.listed() == {}


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (KNIT | {"group_id": "other"}, ["/group_id"]),
        ({"group_id": "knit"}, ["/name"]),
        (KNIT | {"latitude": 91, "longitude": 0}, ["/latitude"]),
        (KNIT | {"latitude": 53.8}, ["/longitude"]),
        (KNIT | {"longitude": -1.5}, ["/latitude"]),
        (
            KNIT | {"sessions": [{"weekday": "mon", "start": "19:00"}, {"weekday": "someday", "start": "25:00"}]},
            ["/sessions/1/weekday", "/sessions/1/start"],
        ),
        (KNIT | {"minimum_age": -1, "status": "closed"}, ["/status", "/minimum_age"]),
        (KNIT | {"about": _nested(40)}, [""]),
        (KNIT | {"about": _nested(190)}, [""]),
        (KNIT | {"about": "half a \x00"}, [""]),
        ([KNIT], [""]),
    ],
)
def test_a_group_that_cannot_be_listed_is_refused_with_a_pointer_to_every_fault(town: Folder, body: Any, pointers: list[str]) -> None:
    answer = client_of(town).put("/v1/groups/knit", json=body, headers=TOKEN)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers


def test_a_group_without_its_id_is_told_that_it_is_required(town: Folder) -> None:
    answer = client_of(town).put("/v1/groups/knit", json={"name": "Knitters"}, headers=TOKEN)
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"pointer": "/group_id", "detail": "is required"}])
    assert town.listed() == {}
