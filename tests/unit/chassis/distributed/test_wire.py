"""A record goes to Kafka and comes back the same; whatever else stands in a topic is refused with a reason that repeats nothing of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.events.cases import CaseAssigned
from services.chassis.codec import Record, decode
from services.chassis.distributed.wire import headers_of, record_of, remains_of
from services.chassis.errors import Rejected

RECORD = Record(
    "cases",
    "ada",
    "019c-1",
    "better-together.CaseAssigned",
    "/better-together/coordinator",
    "2026-03-02T09:00:00+00:00",
    "019c-0",
    "019c-0",
    "00-11111111111111111111111111111111-2222222222222222-01",
    b'{"person": "ada", "case_id": "c1", "worker": "Zoe"}',
)
Headers = list[tuple[str, bytes | None]]


def headers(**changed: bytes | None) -> Headers:
    """The headers of the record above, some of them with another value."""
    return [(name, changed.get(name, value)) for name, value in headers_of(RECORD)]


def test_a_record_travels_as_a_cloud_event_in_binary_mode() -> None:
    assert dict(headers_of(RECORD)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"019c-1",
        "ce_source": b"/better-together/coordinator",
        "ce_type": b"better-together.CaseAssigned",
        "ce_subject": b"ada",
        "ce_time": b"2026-03-02T09:00:00+00:00",
        "ce_dataschema": b"urn:better-together:schema:CaseAssigned",
        "ce_correlationid": b"019c-0",
        "ce_causationid": b"019c-0",
        "ce_traceparent": b"00-11111111111111111111111111111111-2222222222222222-01",
        "content-type": b"application/json",
    }


def test_what_a_record_has_not_is_no_header() -> None:
    bare = replace(RECORD, causationid=None, traceparent=None, type="elsewhere.Thing")
    assert not {"ce_causationid", "ce_traceparent", "ce_dataschema"} & dict(headers_of(bare)).keys()
    assert record_of("cases", b"ada", bare.data, headers_of(bare)) == bare


def test_headers_that_we_do_not_know_are_left_out() -> None:
    more: Headers = [("ce_partitionkey", b"7"), ("ce_partitionkey", b"8"), ("x", None), ("ce_dataschema", b"\xff")]
    assert record_of("cases", b"ada", RECORD.data, headers() + more) == RECORD


def test_a_content_type_may_have_parameters() -> None:
    assert record_of("cases", b"ada", RECORD.data, headers(**{"content-type": b"Application/JSON; charset=utf-8"})) == RECORD


def test_a_newer_minor_of_a_type_is_read() -> None:
    newer = replace(RECORD, data=b'{"person": "ada", "case_id": "c1", "worker": "Zoe", "since": {"day": 1}}')
    event = decode(record_of("cases", b"ada", newer.data, headers_of(newer)))
    assert isinstance(event.data, CaseAssigned)
    assert not hasattr(event.data, "since")


@pytest.mark.parametrize("name", ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_correlationid", "content-type"])
def test_a_needed_header_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(Rejected, match=name):
        record_of("cases", b"ada", RECORD.data, [(known, value) for known, value in headers() if known != name])


NO_RECORDS: dict[str, tuple[bytes | None, bytes | None, Headers | None, str]] = {
    "no key": (None, b"{}", headers(), "no key"),
    "tombstone": (b"ada", None, headers(), "no value"),
    "another key": (b"planted", b"{}", headers(), "the key is not the subject"),
    "key of bytes": (b"\xff", b"{}", headers(), "the key is not the subject"),
    "no headers": (b"ada", b"{}", None, "ce_specversion is missing"),
    "id twice": (b"ada", b"{}", [*headers(), ("ce_id", b"planted")], "ce_id stands there twice"),
    "id of bytes": (b"ada", b"{}", headers(ce_id=b"planted\xff"), "ce_id is not UTF-8"),
    "null id": (b"ada", b"{}", headers(ce_id=None), "ce_id is empty"),
    "id with NUL": (b"ada", b"{}", headers(ce_id=b"planted\x00"), "ce_id has a character"),
    "long id": (b"ada", b"{}", headers(ce_id=b"planted" * 1000), "ce_id is longer"),
    "old CloudEvents": (b"ada", b"{}", headers(ce_specversion=b"0.3"), "ce_specversion is not 1.0"),
    "no time": (b"ada", b"{}", headers(ce_time=b"planted"), "ce_time is not"),
    "time without offset": (b"ada", b"{}", headers(ce_time=b"2026-03-02T09:00:00"), "ce_time is not"),
    "time before time": (b"ada", b"{}", headers(ce_time=b"0001-01-01T00:00:00+23:59"), "ce_time is not"),
    "structured mode": (b"ada", b"{}", headers(**{"content-type": b"application/cloudevents+json"}), "content-type is not application/json"),
}


@pytest.mark.parametrize(("key", "value", "told", "reason"), NO_RECORDS.values(), ids=NO_RECORDS.keys())
def test_what_is_no_record_is_refused(key: bytes | None, value: bytes | None, told: Headers | None, reason: str) -> None:
    with pytest.raises(Rejected, match=reason) as refused:
        record_of("cases", key, value, told)
    assert "planted" not in str(refused.value)


def test_the_bytes_of_what_is_no_record_are_kept_under_its_key() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    kept = remains_of("cases", "3/17", at, b"ada", b"\xff\x00")
    assert (kept.stream, kept.subject, kept.data) == ("cases", "ada", b"\xff\x00")
    assert kept.id == remains_of("cases", "3/17", at, None, None).id != remains_of("cases", "3/18", at, None, None).id
    assert remains_of("cases", "3/17", at, b"\x00\x7f", None).subject == remains_of("cases", "3/17", at, None, None).subject == "unknown"
    with pytest.raises(Rejected, match="unknown event type"):
        decode(kept)
