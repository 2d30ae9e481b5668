"""The directory over HTTP, inside the web's shell and over a real data folder."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from models.distance import geodesic_km
from services.directory.feeds.source import read_feed
from tests.integration.directory_client import CONTACT, client_of
from tests.integration.directory_folder import folder, group

SESSIONS = [{"weekday": "mon", "start": "19:00", "end": "21:00"}]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with folder(tmp_path_factory.mktemp("town")) as town:
        town.list(
            [
                group(
                    "a", tags=["tea"], latitude=53.8, longitude=-1.55, minimum_age=18, sessions=SESSIONS, contact=CONTACT, website="https://a.example"
                ),
                group("b", tags=["tea"], latitude=53.82, longitude=-1.55, languages=["en", "cy"], cost=2, access=[]),
                group("c", description="Tea & <b>talk</b>", latitude=53.9, longitude=-1.55, maximum_age=17, mode="hybrid"),
                group("d/1", status="paused"),
            ]
        )
        yield client_of(town)


def ids(client: TestClient, query: str) -> list[str]:
    """The groups of one page, which are all there are."""
    page = client.get(f"/v1/groups?{query}").json()
    assert page["next"] is None
    assert page["total"] == len(page["items"])
    return [item["group_id"] for item in page["items"]]


def test_groups_come_as_records_without_contact_to_anybody(client: TestClient) -> None:
    answer = client.get("/v1/groups")

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    page = answer.json()
    assert [item["group_id"] for item in page["items"]] == ["a", "b", "c", "d/1"]
    assert (page["total"], page["next"]) == (4, None)
    first = page["items"][0]
    assert (first["website"], first["genders"], first["sessions"]) == ("https://a.example", None, [SESSIONS[0] | {"every_weeks": 1}])
    assert "contact" not in first
    assert "Zebedee" not in answer.text


@pytest.mark.parametrize("query", ["", "near=53.8,-1.55&within_km=50&"])
def test_pages_follow_one_another_until_there_is_none(client: TestClient, query: str) -> None:
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = client.get(f"/v1/groups?{query}limit=1&cursor={cursor}" if cursor else f"/v1/groups?{query}limit=1").json()
        found += [item["group_id"] for item in page["items"]]
        cursor, pages = page["next"], pages + 1

    assert found == ["a", "b", "c"] if query else ["a", "b", "c", "d/1"]
    assert pages == page["total"] == len(found)


def test_groups_are_found_by_words_by_tag_and_around_a_point(client: TestClient) -> None:
    assert ids(client, "q=TALK tea") == ["c"]
    assert ids(client, "tag=Tea") == ["a", "b"]
    assert ids(client, "near=53.85,-1.55&within_km=5") == ["b"]
    near = client.get("/v1/groups?near=53.9,-1.55&tag=tea&within_km=20").json()["items"]
    assert [item["group_id"] for item in near] == ["b", "a"]
    assert [item["distance_km"] for item in near] == pytest.approx([geodesic_km((53.9, -1.55), (north, -1.55)) for north in (53.82, 53.8)], abs=0.001)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=many", "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=WzEsMl0", "/cursor"),
        ("cursor=%ED%A0%80", "/cursor"),
        ("near=91,0", "/near"),
        ("near=0,-181", "/near"),
        ("near=here", "/near"),
        ("near=nan,0", "/near"),
        ("near=53,-1&within_km=inf", "/within_km"),
        ("near=53,-1&within_km=201", "/within_km"),
    ],
)
def test_a_query_that_makes_no_sense_is_told_where(client: TestClient, query: str, pointer: str) -> None:
    answer = client.get(f"/v1/groups?{query}")

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_one_group_is_shown_and_an_unknown_one_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/groups/a").json()["name"] == "Group a"
    assert "contact" not in client.get("/v1/groups/a").json()
    assert client.get("/v1/groups/nobody").status_code == 404
    assert client.get("/hsds/services/nobody").status_code == 404


def test_the_directory_is_an_hsds_3_interface(client: TestClient) -> None:
    assert client.get("/hsds").json() == client.get("/hsds/").json()
    assert client.get("/hsds").json()["version"] == "3.0"
    page = client.get("/hsds/services?per_page=3&page=2").json()
    assert page.pop("contents")[0]["id"] == "d/1"
    assert page == {
        "total_items": 4, "total_pages": 2, "page_number": 2, "size": 1, "first_page": False, "last_page": True, "empty": False,
    }  # fmt: skip
    assert client.get("/hsds/services/d%2F1").json()["status"] == "temporarily closed"
    assert "Zebedee" not in client.get("/hsds/services").text
    assert client.get("/hsds/services").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("minimum_age=18", ["a"]),
        ("minimum_age=19", []),
        ("maximum_age=17", ["c"]),
        ("day=MO", ["a"]),
        ("day=Monday&start_time=19:00&end_time=21:00:00", ["a"]),
        ("day=tue", []),
        ("start_time=19:01", []),
        ("end_time=20:59", []),
        ("search=talk", ["c"]),
        ("page=9", []),
    ],
)
def test_services_are_filtered_as_the_uk_profile_says(client: TestClient, query: str, found: list[str]) -> None:
    assert [service["id"] for service in client.get(f"/hsds/services?{query}").json()["contents"]] == found


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("day=someday", "/day"), ("start_time=7pm", "/start_time"), ("minimum_age=nan", "/minimum_age"), ("page=99999999999999999999", "/page")],
)
def test_a_filter_that_makes_no_sense_is_told_where(client: TestClient, query: str, pointer: str) -> None:
    answer = client.get(f"/hsds/services?{query}")

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_what_is_read_back_through_hsds_are_the_same_groups(client: TestClient) -> None:
    reading = read_feed("http://localhost/hsds", fetch=lambda address: client.get(address).content)

    ours = {item["group_id"]: item for item in client.get("/v1/groups").json()["items"]}
    read = {one.group_id: one.model_dump(mode="json") for one in reading.groups}
    assert reading.whole
    assert read.keys() == ours.keys()
    for field in (
        "name",
        "description",
        "status",
        "mode",
        "latitude",
        "longitude",
        "minimum_age",
        "maximum_age",
        "sessions",
        "access",
        "cost",
        "tags",
    ):
        assert {id_: one[field] for id_, one in read.items()} == {id_: one[field] for id_, one in ours.items()}, field


def test_the_description_names_the_record_that_is_put(client: TestClient) -> None:
    described = client.get("/openapi.json").json()

    put = described["paths"]["/v1/groups/{group_id}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Group"}
    assert "sessions" in described["components"]["schemas"]["Group"]["properties"]
    assert "security" not in put
    assert described["paths"]["/hsds/services/{service_id}"]["get"]["security"] == []
