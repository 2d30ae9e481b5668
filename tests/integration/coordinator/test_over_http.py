"""Decisions over HTTP, to the letter of the contract, in a whole installation with its directory."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.pages.town import RECORDS, Town, town

CHOSEN = {"agreed", "placed"}
"""A place is answered when the directory comes to it."""


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture
def client(the_town: Town) -> Iterator[TestClient]:
    with TestClient(the_town.app, base_url="http://localhost", headers=RECORDS) as opened:
        yield opened


@pytest.fixture
def case(the_town: Town, request: pytest.FixtureRequest) -> str:
    return the_town.refer(referral_id=f"R-{request.node.name}")


def events(client: TestClient, case: str) -> list[str]:
    return [entry["event"] for entry in client.get(f"/v1/referrals/{case}").json()["history"]]


def test_a_choice_is_answered_with_where_the_case_stands_and_the_same_again_writes_nothing(client: TestClient, case: str) -> None:
    asked = {"action": "choose", "group_id": "choir", "note": "She sang as a girl", "version": 0}
    first = client.post(f"/v1/queue/{case}/decisions", json=asked)
    assert first.status_code == 200
    answer: dict[str, Any] = first.json()
    assert answer.pop("status") in CHOSEN
    assert answer.keys() == {"case_id", "referral_id", "version", "place_id"}
    assert (answer["case_id"], answer["version"]) == (case, 1)
    again = client.post(f"/v1/queue/{case}/decisions", json=asked)
    assert (again.status_code, again.json()["place_id"]) == (200, answer["place_id"])
    assert events(client, case).count("GroupChosen") == 1
    shown = client.get(f"/v1/queue/{case}").json()
    assert (shown["version"], shown["chosen_group_id"], shown["place"]["place_id"]) == (1, "choir", answer["place_id"])
    assert shown["groups"]["choir"]["name"] == "Larkhill Singers"
    assert client.get(f"/v1/referrals/{case}").json()["chosen_group_id"] == "choir"


def test_of_two_choices_the_second_is_told_what_stands(client: TestClient, case: str) -> None:
    choose = {"action": "choose", "version": 0}
    assert client.post(f"/v1/queue/{case}/decisions", json=choose | {"group_id": "choir"}).status_code == 200
    lost = client.post(f"/v1/queue/{case}/decisions", json=choose | {"group_id": "games"})
    assert (lost.status_code, lost.headers["content-type"]) == (409, "application/problem+json")
    assert "the group choir is chosen (version 1)" in lost.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"action": "choose", "group_id": "nobody-lists-this"}, "/group_id"),
        ({"action": "decline", "group_id": "nobody-lists-this"}, "/group_id"),
        ({"action": "choose"}, "/group_id"),
        ({"action": "marry"}, "/action"),
        ({}, "/action"),
        ({"action": "close", "version": -1}, "/version"),
        ({"action": "close", "version": "1.5"}, "/version"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_a_pointer(client: TestClient, the_town: Town, asked: dict[str, Any], pointer: str) -> None:
    case = the_town.refer(referral_id="R-REFUSED")
    refused = client.post(f"/v1/queue/{case}/decisions", json=asked)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_flag_that_the_caller_did_not_see_is_not_cleared(client: TestClient, case: str) -> None:
    decide = f"/v1/queue/{case}/decisions"
    client.post(decide, json={"action": "flag", "reason": "abuse"}).raise_for_status()
    seen = client.get(f"/v1/queue/{case}").json()["flag_ids"]
    assert len(seen) == 1
    client.post(decide, json={"action": "flag", "reason": "coercion"}).raise_for_status()
    assert client.post(decide, json={"action": "clear_flag", "flag_ids": seen}).status_code == 409
    assert client.post(decide, json={"action": "clear_flag", "flag_ids": client.get(f"/v1/queue/{case}").json()["flag_ids"]}).status_code == 200
    assert client.get(f"/v1/queue/{case}").json()["flag_ids"] == []
    client.post(decide, json={"action": "flag", "reason": "abuse"}).raise_for_status()
    assert client.post(decide, json={"action": "clear_flag"}).status_code == 200
    assert client.get(f"/v1/queue/{case}").json()["red_flag"] is False


@pytest.mark.parametrize(
    ("query", "pointer"), [("state=nonsense", "/state"), ("cursor=xx", "/cursor"), ("cursor=WzEsMiwzXQ", "/cursor"), ("limit=0", "/limit")]
)
def test_what_the_queue_cannot_be_asked_for_is_refused_with_a_pointer(client: TestClient, query: str, pointer: str) -> None:
    refused = client.get(f"/v1/queue?{query}")
    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, [pointer])


def test_a_visit_to_a_group_that_was_never_listed_is_refused_with_a_pointer(client: TestClient, case: str) -> None:
    refused = client.post(f"/v1/queue/{case}/attendance", json={"group_id": "nobody-lists-this", "attended": True, "on": "2026-07-07"})
    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, ["/group_id"])


def test_nothing_is_decided_about_a_case_that_is_not_there(client: TestClient) -> None:
    for path, body in (("decisions", {"action": "close"}), ("notes", {"text": "x"}), ("tasks", {"what": "x"}), ("tasks/t/closing", {})):
        assert client.post(f"/v1/queue/nothing/{path}", json=body).status_code == 404


def test_a_flag_stops_and_clearing_it_lets_go_on(client: TestClient, case: str) -> None:
    flagged = client.post(f"/v1/queue/{case}/decisions", json={"action": "flag", "reason": "abuse"})
    assert (flagged.status_code, flagged.json()["status"]) == (200, "needs_human")
    assert client.get("/v1/queue?state=red_flag").json()["total"] == 1
    cleared = client.post(f"/v1/queue/{case}/decisions", json={"action": "clear_flag", "note": "Spoken with her"})
    assert cleared.json()["status"] == "proposed"
    assert client.get("/v1/queue?state=red_flag").json()["total"] == 0


def test_attendance_notes_and_tasks_come_back_with_the_case(client: TestClient, case: str) -> None:
    came = {"group_id": "choir", "attended": True, "on": "2026-07-07"}
    assert client.post(f"/v1/queue/{case}/attendance", json=came).json()["status"] == "attended"
    assert client.post(f"/v1/queue/{case}/attendance", json=came).status_code == 200
    assert client.post(f"/v1/queue/{case}/notes", json={"text": "Prefers mornings"}).status_code == 200
    assert client.post(f"/v1/queue/{case}/tasks", json={"what": "Send the leaflet"}).status_code == 200
    shown = client.get(f"/v1/queue/{case}").json()
    [task] = shown["tasks"]
    assert [note["text"] for note in shown["notes"]] == ["Prefers mornings"]
    assert client.post(f"/v1/queue/{case}/tasks/{task['task_id']}/closing", json={"note": "Sent"}).status_code == 200
    assert client.get(f"/v1/queue/{case}").json()["tasks"][0]["note"] == "Sent"
    told = client.get(f"/v1/referrals/{case}").json()
    assert told["outcomes"] == [{"group_id": "choir", "on": "2026-07-07", "attended": True, "said_by": "coordinator"}]
    assert not {"tasks", "notes", "touches", "replies"} & told.keys()


def test_a_closed_case_is_reopened_and_a_withdrawn_one_is_not(client: TestClient, case: str) -> None:
    decide = f"/v1/queue/{case}/decisions"
    assert client.post(decide, json={"action": "close", "reason": "moved_away"}).json()["status"] == "closed"
    assert client.post(decide, json={"action": "close"}).status_code == 200
    assert client.post(decide, json={"action": "choose", "group_id": "choir"}).status_code == 409
    assert client.post(decide, json={"action": "reopen"}).json()["status"] == "proposed"
    assert events(client, case).count("ReferralClosed") == 1
    client.post(f"/v1/referrals/{case}/withdrawal").raise_for_status()
    assert client.post(decide, json={"action": "reopen"}).status_code == 409


def test_no_decision_without_a_credential(the_town: Town) -> None:
    with TestClient(the_town.app, base_url="http://localhost") as stranger:
        assert stranger.post("/v1/queue/x/decisions", json={"action": "close"}).status_code == 401
