"""A traceparent is taken as W3C Trace Context says, or not at all; what sends traces is not even imported where none are asked for."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.envelope import Event
from schemas.events.groups import GroupDelisted
from services.chassis.codec import decode, encode
from services.chassis.tracing import OFF, traceparent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize("text", [GIVEN, f"cc-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-a-later-version-adds"])
def test_a_traceparent_is_read_as_its_own_version_or_a_later_one(text: str) -> None:
    assert traceparent_of(text) == GIVEN


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "00",
        GIVEN + "\n",
        " " + GIVEN,
        GIVEN + "x",
        GIVEN.upper(),
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        "é" * 55,
        "a b c d",
    ],
)
def test_anything_else_is_none(text: str | None) -> None:
    assert traceparent_of(text) is None


def test_a_foreign_record_brings_no_malformed_trace_into_a_service() -> None:
    event = Event("1", "/town", datetime(2026, 3, 2, tzinfo=UTC), GroupDelisted(group_id="choir", feed="town"), "1", traceparent=GIVEN)
    record = encode(event, {})
    assert decode(record).traceparent == GIVEN
    assert decode(replace(record, traceparent="one two three")).traceparent is None


def test_what_is_off_does_nothing() -> None:
    spans = OFF.commands("intake", ["a command"], [GIVEN])
    assert list(spans.traceparents) == []
    spans.end(["done"])
    with OFF.batch("matcher", [], 1):
        pass


@pytest.mark.parametrize("variables", [{}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
def test_what_sends_traces_is_not_imported_unless_it_is_asked_for(variables: dict[str, str]) -> None:
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"} if variables else {}
    program = (
        "import sys\nimport services.cli.serving\nfrom services.chassis.tracing import OFF, tracing\n"
        "with tracing('together', 'together') as traces:\n    assert traces is OFF\n"
        "assert not [name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))]"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PATH": "/usr/bin"} | endpoint | variables, timeout=60)
