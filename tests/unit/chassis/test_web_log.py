"""One line for every request, with a route and never an address; no key, no body, no name ever reaches the log."""

import io
from collections.abc import Iterator

import pytest
import structlog

from tests.unit.chassis.web_shell import BEARER, BROWSER, TOKEN, Shell


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as it would be written."""
    written = io.StringIO()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(written),
    )
    yield written
    structlog.reset_defaults()


def test_a_request_is_one_line_with_its_route_status_and_id(log: io.StringIO) -> None:
    shell = Shell()
    answer = shell.get("/nowhere", BEARER)
    shell.send_json(b'{"maximum": 1}', "PUT", "/v1/things/jane-doe")
    first, second = log.getvalue().splitlines()
    assert '"route": "unknown"' in first
    assert answer.json()["instance"].removeprefix("urn:uuid:") in first
    assert all(part in second for part in ('"event": "request"', '"method": "PUT"', '"route": "/v1/things/{id}"', '"status": 200', '"ms": '))


def test_nothing_that_was_sent_reaches_the_log(log: io.StringIO) -> None:
    failures = [ValueError("Jane Doe 07700900123"), KeyError("Jane Doe")]
    shell = Shell(failures=failures)
    key = shell.guard.new_sign_in_key()
    cookie = shell.signed_in()
    shell.get(f"/sign-in?key={key}")
    shell.get("/sign-in?key=Jane-guessed")
    shell.call("POST", "/sign-in", {"Content-Type": "application/x-www-form-urlencoded"}, b"access_key=Jane-guessed")
    shell.send_json(b'{"name": "Jane Doe"}')
    shell.send_json(b'{"name": "Jane Doe')
    shell.send_json(b'{"Jane Doe": 1}', "PUT", "/v1/things/Jane")
    shell.get("/Jane/Doe?name=Jane", BROWSER)
    shell.get("/v1/things?limit=Jane", BEARER)
    shell.call("JANE", "/", BEARER)
    shell.get("/", {"Host": "jane.example"})
    shell.get("/fails", BEARER)
    shell.get("/fails", cookie | BROWSER)
    text = log.getvalue()
    assert text.count('"event": "request"') == 13
    assert text.count('"event": "request_failed"') == 2
    assert not [secret for secret in ("Jane", "JANE", "jane", "Doe", "07700", key, TOKEN, cookie["Cookie"].split("=", 1)[1]) if secret in text]


def test_an_unforeseen_failure_is_logged_by_its_kind_and_place(log: io.StringIO) -> None:
    answer = Shell(failures=[ZeroDivisionError("Jane Doe")]).get("/fails", BEARER)
    failed = log.getvalue().splitlines()[0]
    assert '"failure": "ZeroDivisionError"' in failed
    assert "web_shell.py:" in failed
    assert answer.json()["instance"].removeprefix("urn:uuid:") in failed
