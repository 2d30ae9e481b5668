"""What we show is valid by the HSDS 3 schemas."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from schemas.group import Capacity, Group, Session
from services.directory.hsds import as_service

FOLDER = "hsds3-spec/schema"

pytestmark = pytest.mark.data

BASE = "https://hsds.example/schema/"
GROUPS = [
    Group(group_id="bare", name="Walk"),
    Group(group_id="online", name="Chat", mode="online", languages=["en"], cost=0.0),
    Group(
        group_id="full",
        name="Choir",
        description="Sing & be <merry>",
        tags=["singing"],
        organisation="Harmony",
        status="paused",
        mode="hybrid",
        latitude=51.5,
        longitude=-0.12,
        postcode="N1 9GU",
        sessions=[Session(weekday="mon", start="19:00", end="24:00", every_weeks=2)],
        minimum_age=18,
        maximum_age=99,
        genders=["female"],
        access=[],
        cost=2.5,
        capacity=Capacity(maximum=12, available=3),
    ),
]


@pytest.fixture
def service_schema(data: Path) -> jsonschema_rs.Validator:
    """The schema of a service with all that it refers to; their references are to one another's file names."""
    schemas = {path.name: json.loads(path.read_text()) for path in data.glob("*.json")}
    registry = jsonschema_rs.Registry([(BASE + name, schema | {"$id": BASE + name}) for name, schema in schemas.items()])
    return jsonschema_rs.validator_for({"$ref": f"{BASE}service.json"}, registry=registry)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.group_id)
def test_a_group_is_shown_as_a_valid_service(service_schema: jsonschema_rs.Validator, group: Group) -> None:
    assert [error.message for error in service_schema.iter_errors(as_service(group, updated="2026-02-01T10:00:00Z"))] == []


def test_the_check_finds_a_fault(service_schema: jsonschema_rs.Validator) -> None:
    service = as_service(GROUPS[2])
    service["service_at_locations"][0]["location"]["location_type"] = "somewhere"
    assert [error.message for error in service_schema.iter_errors(service)]
