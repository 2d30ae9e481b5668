"""The published schemas are what the classes say, and no event shows in clear more of a person than DESIGN.md section 4 allows."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

import jsonschema_rs
import pytest
from pydantic import AwareDatetime, BaseModel, ValidationError

from schemas.envelope import schema_of
from schemas.events import ALL
from schemas.events.base import DETAILS, AboutCase, AboutPerson, Data, Part, Sealed
from schemas.events.groups import GroupListed
from schemas.events.places import HeldSession, WeeklySession
from schemas.publish import ASYNCAPI, PUBLISHED, differences, documents
from schemas.wire import FILES, examples, wire_form

DOCUMENTS = documents()
EXAMPLES = examples()

NOT_ABOUT_A_PERSON = {"GroupListed", "GroupDelisted", "CapacitySet", "ModelPromoted"}

# What an event about a person may show in clear, and as what. A name that is not here is sealed.
IN_CLEAR: dict[str, Literal["id", "time", "counter", "code"]] = {
    "person": "id",
    "case_id": "id",
    "group_id": "id",
    "place_id": "id",
    "touch_id": "id",
    "flag_id": "id",
    "flag_ids": "id",
    "task_id": "id",
    "pair_id": "id",
    "received_at": "time",
    "due_at": "time",
    "useless_after": "time",
    "on": "time",
    "session": "time",
    "weekly": "time",
    "version": "counter",
    "revision": "counter",
    "free": "counter",
    "waiting": "counter",
    "count": "counter",
    "accepted": "code",
    "reason": "code",
    "said_by": "code",
    "step": "code",
    "channel": "code",
}
# A code is closed: a Literal or a bool, so that no free text gets in under its name.
TYPES_OF: dict[str, set[Any]] = {
    "id": {str, list[str]},
    "time": {AwareDatetime, date, HeldSession, WeeklySession},
    "counter": {int},
    "code": {bool},
}


def shown_wrongly(event: type[Data]) -> Iterator[str]:
    """The fields of an event about a person that stand in clear and must not, or not as this type."""
    for name, field in event.model_fields.items():
        if name in event.sealed_parts:
            continue
        kind = IN_CLEAR.get(name)
        if kind is None or not all(_is(kind, choice) for choice in _choices(field.annotation, field.metadata)):
            yield name


def _choices(annotation: Any, metadata: list[Any]) -> list[Any]:
    if annotation is not None and metadata and get_origin(annotation) is None:
        return [Annotated[annotation, *metadata]]
    return [choice for choice in get_args(annotation) if choice is not type(None)] if _is_union(annotation) else [annotation]


def _is_union(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


def _is(kind: str, choice: Any) -> bool:
    return choice in TYPES_OF[kind] or (kind == "code" and get_origin(choice) is Literal)


def test_the_committed_schemas_are_what_the_classes_say() -> None:
    assert list(map(str, differences(PUBLISHED, DOCUMENTS))) == []


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {ASYNCAPI}))
def test_every_published_schema_is_a_schema_and_its_example_obeys_it(name: str) -> None:
    schema = DOCUMENTS[name]
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert len(schema["examples"]) == 1
    assert [error.message for error in validator.iter_errors(schema["examples"][0])] == []


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {ASYNCAPI}))
def test_every_published_schema_refuses_an_example_without_what_is_required(name: str) -> None:
    schema = DOCUMENTS[name]
    validator = jsonschema_rs.Draft202012Validator(schema)
    for required in schema.get("required", ()):
        assert not validator.is_valid({key: value for key, value in schema["examples"][0].items() if key != required})


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_opened_part_obeys_the_schema_of_its_content(name: str) -> None:
    schema = DOCUMENTS[f"{name}.json"]
    for part in ALL[name].sealed_parts:
        content = schema["properties"][part]["contentSchema"]
        validator = jsonschema_rs.Draft202012Validator({"$defs": schema["$defs"], **content})
        assert [error.message for error in validator.iter_errors(EXAMPLES[name][part])] == []


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_event_s_example_shows_every_part_and_comes_back_the_same(name: str) -> None:
    event = ALL[name]
    assert event.sealed_parts.keys() <= EXAMPLES[name].keys()
    data = event.model_validate(EXAMPLES[name])
    assert data.model_dump(mode="json", exclude_unset=True) == EXAMPLES[name]
    assert event.model_validate_json(data.model_dump_json()) == data


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_format_s_example_comes_back_the_same(name: str) -> None:
    record = FILES[name].model_validate(EXAMPLES[name])
    assert record.model_dump(mode="json", exclude_unset=True) == EXAMPLES[name]
    assert not record.model_extra


def test_there_is_an_example_for_everything_and_for_nothing_else() -> None:
    assert EXAMPLES.keys() == ALL.keys() | FILES.keys()


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_wire_example_shows_nothing_of_what_is_sealed(name: str) -> None:
    event, wire = ALL[name], wire_form(ALL[name], EXAMPLES[name])
    assert wire.keys() == EXAMPLES[name].keys()
    assert all(isinstance(wire[part], str) for part in event.sealed_parts)
    assert all(wire[field] == value for field, value in EXAMPLES[name].items() if field not in event.sealed_parts)


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_event_names_its_schema_and_says_what_it_is(name: str) -> None:
    schema, event = DOCUMENTS[f"{name}.json"], ALL[name]
    assert (schema["$id"], schema["title"]) == (schema_of(event), name)
    assert (schema["x-stream"], schema["x-key"]) == (event.stream, event.key)
    assert schema["x-status"] == ("draft" if event.draft else "frozen")
    assert schema["description"].split("\n\n")[0] == " ".join((event.__doc__ or "").split("\n\n")[0].split())


@pytest.mark.parametrize("name", sorted(ALL.keys() - NOT_ABOUT_A_PERSON))
def test_every_event_about_a_person_carries_the_person(name: str) -> None:
    field = ALL[name].model_fields["person"]
    assert field.is_required()
    assert field.annotation is str


@pytest.mark.parametrize("name", sorted(NOT_ABOUT_A_PERSON))
def test_an_event_about_no_person_names_none(name: str) -> None:
    assert not {"person", "case_id"} & ALL[name].model_fields.keys()
    assert not {purpose for purpose, _ in ALL[name].sealed_parts.values()} - {"group"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_events_carry_the_ids_of_what_they_are_about(name: str) -> None:
    event = ALL[name]
    required = {field for field, info in event.model_fields.items() if info.is_required()}
    assert event.key in required
    if event.key == "group_id" or name in {"GroupChosen", "SessionAttended", "SessionMissed"}:
        assert "group_id" in required
    if name.startswith("FollowUp"):
        assert {"touch_id", "case_id"} <= required
    if name.startswith("Place"):
        assert {"place_id", "case_id"} <= required


@pytest.mark.parametrize("name", sorted(ALL.keys() - NOT_ABOUT_A_PERSON))
def test_an_event_about_a_person_shows_only_ids_times_counters_and_closed_codes(name: str) -> None:
    assert list(shown_wrongly(ALL[name])) == []


class Remarked(AboutCase):
    """An event that says too much, and one field of every kind that says enough."""

    note: str
    reason: str | None = None
    due_at: str
    version: float
    mood: Literal["low", "high"]
    received_at: AwareDatetime
    useless_after: AwareDatetime | None = None
    session: HeldSession | None = None
    said_by: Literal["person"] | None = None
    flag_ids: list[str]
    contact: dict[str, str]
    details: Annotated[Part | Sealed | None, DETAILS] = None


def test_the_guard_tells_every_field_that_says_too_much() -> None:
    assert list(shown_wrongly(Remarked)) == ["note", "reason", "due_at", "version", "mood", "contact"]


def required_but_null(node: Any) -> Iterator[str]:
    """Fields that must be there and may be null: nulls do not travel, so such an event is written and never read."""
    if isinstance(node, dict):
        required = node.get("required", ())
        for name, field in node.get("properties", {}).items():
            if name in required and ({"type": "null"} in field.get("anyOf", ()) or "null" in field.get("type", ())):
                yield name
        for value in node.values():
            yield from required_but_null(value)


@pytest.mark.parametrize("name", sorted(ALL))
def test_what_may_be_null_may_be_absent(name: str) -> None:
    assert list(required_but_null(DOCUMENTS[f"{name}.json"])) == []


class Measure(Part):
    """A part that cannot come back once its length is not known."""

    length: float | None
    width: float | None = None


def test_the_guard_tells_a_field_that_may_be_null_and_must_be_there() -> None:
    assert list(required_but_null(Measure.model_json_schema())) == ["length"]
    assert list(required_but_null({"$defs": {"Measure": Measure.model_json_schema()}})) == ["length"]


def test_a_part_about_a_person_is_sealed_under_one_of_that_person_s_keys() -> None:
    for event in ALL.values():
        for purpose, part in event.sealed_parts.values():
            assert purpose in (("details", "matching") if issubclass(event, AboutPerson) else ("group",))
            assert issubclass(part, BaseModel)


def test_a_group_is_never_listed_with_its_contact_in_clear() -> None:
    listed = EXAMPLES["GroupListed"]
    with_contact = listed | {"group": listed["group"] | {"contact": listed["contact"]}}
    with pytest.raises(ValidationError, match="travels sealed"):
        GroupListed.model_validate(with_contact)
