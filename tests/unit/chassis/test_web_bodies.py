"""A hostile body is refused and never a reason to fail; what is accepted is what every parser would have read."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.web.bodies import FORM_FIELDS, parse_json
from services.chassis.web.faults import Invalid
from tests.unit.chassis.web_shell import BEARER, Shell

HOSTILE = {
    "nothing": b"",
    "white space": b" \n",
    "not JSON": b"Jane Doe",
    "cut short": b'{"name": "Jane',
    "two values": b"{} {}",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "Jane"}'.encode("utf-16"),
    "overlong UTF-8": b'{"name": "\xc0\x80"}',
    "half a character": b'{"name": "\\ud800"}',
    "half a character as a name": b'{"\\udfff": 1}',
    "raw half a character": b'{"name": "\xed\xa0\x80"}',
    "NUL": b'{"name": "\x00"}',
    "escaped NUL": b'{"name": "Jane\\u0000Doe"}',
    "NUL as a name": b'{"\\u0000": 1}',
    "NaN": b'{"age": NaN}',
    "Infinity": b'{"age": -Infinity}',
    "beyond every float": b'{"age": 1e999}',
    "beyond 64 bits": b'{"age": 9223372036854775808}',
    "huge": b'{"age": 1' + b"0" * 400 + b"}",
    "huger than Python reads": b'{"age": 1' + b"0" * 10_000 + b"}",
    "a name twice": b'{"consent": {"match": false}, "consent": {"match": true}}',
    "a name twice within": b'[{"a": 1, "a": 1}]',
    "a comment": b'{"a": 1} // really',
    "a trailing comma": b'{"a": 1,}',
}
shell = Shell()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_with_a_reason_that_does_not_repeat_it(name: str) -> None:
    answer = shell.send_json(HOSTILE[name])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == ""
    assert "Jane" not in answer.text


def test_a_reason_says_what_is_wrong() -> None:
    def reason(name: str) -> str:
        return str(shell.send_json(HOSTILE[name]).json()["errors"][0]["detail"])

    assert reason("NaN").startswith("is not valid JSON: expected value at line 1")
    assert reason("a name twice") == "is not valid JSON: a name is given twice in one object"
    assert reason("deep lists").startswith("is not valid JSON: recursion limit exceeded")
    assert reason("beyond 64 bits") == "has a whole number beyond 64 bits"
    assert reason("beyond every float") == "has a number too large to be one"


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_taken_or_refused(body: bytes) -> None:
    assert shell.send_json(body).status_code in (202, 422)
    assert shell.send_json(body, "PUT", "/v1/things/1").status_code in (200, 422)


SCALARS: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_what_is_taken_is_what_was_meant(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    texts = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in texts or "\x00" in texts:
        with pytest.raises(Invalid):
            parse_json(body)
    else:
        assert parse_json(body) == value


@pytest.mark.parametrize(("body", "value"), [(b"\xef\xbb\xbf{}", {}), (b"9223372036854775807", 2**63 - 1), (b"-1.5e3", -1500.0), (b'"\\u00e9"', "é")])
def test_what_a_careful_sender_sends_is_taken(body: bytes, value: Any) -> None:
    read = parse_json(body)
    assert read == value
    assert not isinstance(read, float) or math.isfinite(read)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
def test_a_body_that_is_not_declared_as_json_is_refused(content_type: str) -> None:
    answer = shell.call("POST", "/v1/things", BEARER | {"Content-Type": content_type}, b"{}")
    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8", "application/fhir+json"])
def test_json_by_any_of_its_names_is_taken(content_type: str) -> None:
    assert shell.call("POST", "/v1/things", BEARER | {"Content-Type": content_type}, b"{}").status_code == 202


FORM = BEARER | {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_form_keeps_every_value_of_a_field() -> None:
    answer = shell.call("POST", "/forms", FORM, b"need=step_free&need=parking&words=a+caf%C3%A9&empty=")
    assert answer.json() == [["need", "step_free"], ["need", "parking"], ["words", "a café"], ["empty", ""]]


@pytest.mark.parametrize("body", [b"name=%FF", b"name=\xff", b"name=%00", b"%00=x", b"name=%ED%A0%80", b"&".join([b"a=1"] * (FORM_FIELDS + 1))])
def test_a_hostile_form_is_refused(body: bytes) -> None:
    assert shell.call("POST", "/forms", FORM, body).status_code == 422


@given(st.binary(max_size=200))
def test_any_form_at_all_is_taken_or_refused(body: bytes) -> None:
    assert shell.call("POST", "/forms", FORM, body).status_code in (200, 422)
