"""Every refusal is a problem document that a program can act on and a person can read; none repeats what was sent, and none is a bare 500."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.chassis.errors import Ambiguous, Conflict, NotFound, Overloaded, Rejected, Stopped, Transient, UserError
from services.chassis.web.faults import Fault, Invalid, faults_of, pointer
from services.chassis.web.problems import problem_of
from tests.unit.chassis.web_shell import BEARER, BROWSER, Shell

FORESEEN: list[tuple[Exception, int, Mapping[str, str]]] = [
    (Rejected("not acceptable"), 422, {}),
    (Invalid([Fault("/age", "must be a number")]), 422, {}),
    (Conflict("stands already with other content"), 409, {}),
    (NotFound("nothing is known by this id"), 404, {}),
    (Ambiguous("names several", ("a", "b")), 409, {}),
    (Overloaded("too many"), 503, {"Retry-After": "1"}),
    (Transient("the database is busy"), 503, {"Retry-After": "1"}),
    (Stopped("the services have stopped"), 503, {"Retry-After": "5"}),
    (ClientDisconnect(), 400, {}),
    (HTTPException(418, "said by a route"), 418, {}),
    (HTTPException(405, headers={"Allow": "GET"}), 405, {"Allow": "GET"}),
]


@pytest.mark.parametrize(("error", "status", "headers"), FORESEEN, ids=[repr(error) for error, _, _ in FORESEEN])
def test_a_refusal_is_answered_by_its_status(error: Exception, status: int, headers: Mapping[str, str]) -> None:
    answer = Shell(failures=[error]).get("/fails", BEARER)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"type", "title", "status", "detail", "instance", "errors"}
    assert (answer.json()["type"], answer.json()["status"]) == ("about:blank", status)
    assert headers.items() <= {name: answer.headers.get(name) for name in headers}.items()


@pytest.mark.parametrize(("error", "status", "headers"), FORESEEN, ids=[repr(error) for error, _, _ in FORESEEN])
def test_a_browser_gets_a_page_with_the_same_status(error: Exception, status: int, headers: Mapping[str, str]) -> None:
    answer = Shell(failures=[error]).get("/fails", BEARER | BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert headers.items() <= {name: answer.headers.get(name) for name in headers}.items()
    assert "<main" in answer.text


def test_a_refusal_s_own_words_are_told() -> None:
    assert problem_of(Rejected("not acceptable")).errors == (Fault("", "not acceptable"),)
    assert problem_of(Conflict("stands already")).sentence == "stands already"
    assert problem_of(Invalid([Fault("/age", "must be a number")])).errors == (Fault("/age", "must be a number"),)


def test_an_id_that_names_several_is_answered_with_the_choices() -> None:
    assert Shell(failures=[Ambiguous("names several", ("a", "b"))]).get("/fails", BEARER).json()["choices"] == ["a", "b"]


@pytest.mark.parametrize("error", [ValueError("Jane Doe"), KeyError("Jane Doe"), RecursionError("Jane Doe"), UserError("Jane Doe"), TimeoutError()])
def test_what_nobody_foresaw_is_a_500_that_tells_nothing_but_where_to_ask(error: Exception) -> None:
    shell = Shell(failures=[error, error])
    answer = shell.get("/fails", BEARER)
    assert answer.status_code == 500
    assert "Jane" not in answer.text
    assert UUID(answer.json()["instance"].removeprefix("urn:uuid:")).version == 7
    shown = shell.get("/fails", BEARER | BROWSER)
    assert shown.status_code == 500
    assert "Jane" not in shown.text


def test_a_path_that_is_not_there_and_a_method_that_is_not_allowed() -> None:
    shell = Shell()
    assert shell.get("/nowhere", BEARER).json()["detail"] == "There is nothing at this address."
    answer = shell.call("DELETE", "/v1/things", BEARER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert "nothing at this address" in shell.get("/nowhere", BEARER | BROWSER).text


def test_a_bad_query_is_told_by_the_name_of_the_parameter() -> None:
    shell = Shell()
    assert shell.get("/v1/things?limit=200", BEARER).status_code == 200
    for value, detail in (("201", "Input should be less than or equal to 200"), ("Jane", "Input should be a valid integer")):
        answer = shell.get(f"/v1/things?limit={value}", BEARER)
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/limit"]
        assert answer.json()["errors"][0]["detail"].startswith(detail)
        assert "Jane" not in answer.text


def test_every_bad_field_has_its_json_pointer() -> None:
    answer = Shell().send_json(b'{"maximum": "Jane", "waitlist": [], "a/b~c": 1}', "PUT", "/v1/things/1")
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/maximum", "/waitlist", "/a~1b~0c"}
    assert "Jane" not in answer.text


@given(st.lists(st.text() | st.integers(min_value=0)))
def test_a_pointer_leads_back_along_its_path(path: list[str | int]) -> None:
    steps = pointer(path).split("/")[1:]
    assert [step.replace("~1", "/").replace("~0", "~") for step in steps] == [str(step) for step in path]


class Kind(BaseModel):
    """One branch of a tagged union."""

    kind: Literal["a"]


class Everything(BaseModel):
    """A field for every way in which pydantic's own message might repeat the value."""

    model_config = ConfigDict(extra="allow")

    number: int = Field(0, ge=1, le=9)
    share: float = 0.5
    when: AwareDatetime | None = None
    id: UUID | None = None
    code: Literal["x", "y"] = "x"
    short: str = Field("ab", max_length=3, pattern="^[a-z]+$")
    many: list[bool] = Field([], max_length=2)
    tagged: Kind | None = Field(None)
    checked: str = "ok"

    @field_validator("checked")
    @classmethod
    def _refuse(cls, value: str) -> str:
        raise ValueError(f"{value} is not right")


SECRET = "Zyxwvut"
SECRETS: Mapping[str, Any] = dict.fromkeys(Everything.model_fields, SECRET) | {"many": [SECRET, SECRET], "tagged": {"kind": SECRET}}


@pytest.mark.parametrize("name", SECRETS)
def test_no_detail_repeats_the_value(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate({name: SECRETS[name]})
    faults = faults_of(refused.value.errors())
    assert faults
    assert not [fault for fault in faults if SECRET in fault.detail or SECRET.lower() in fault.detail.lower()]


def test_a_detail_says_what_should_be_there_instead() -> None:
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate({"number": 10, "code": "z", "when": "2026-13-01T00:00:00Z", "checked": "x"})
    assert {fault.pointer: fault.detail for fault in faults_of(refused.value.errors())} == {
        "/number": "Input should be less than or equal to 9",
        "/code": "Input should be 'x' or 'y'",
        "/when": "Input should be a valid datetime or date",
        "/checked": "is not valid",
    }


@given(st.text(min_size=4))
def test_a_refused_request_never_repeats_a_text(text: str) -> None:
    try:
        TypeAdapter(dict[Literal["known"], int]).validate_python({"known": text})
    except ValidationError as error:
        problem = problem_of(RequestValidationError(error.errors()))
        assert problem.status == 422
        assert not [fault for fault in problem.errors if text in fault.detail and text not in "Input should be a valid integer, unable to parse"]
