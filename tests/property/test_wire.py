"""Any record comes back from Kafka as it was, and any other message at all is refused, never anything else."""

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.codec import Record
from services.chassis.distributed.wire import headers_of, record_of, remains_of
from services.chassis.errors import Rejected

NAMES = (
    "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_dataschema", "ce_correlationid", "ce_causationid",
    "ce_traceparent", "content-type",
)  # fmt: skip
attributes = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1, max_size=100)
times = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
records = st.builds(
    Record,
    stream=st.just("cases"),
    subject=attributes,
    id=attributes,
    type=attributes,
    source=attributes,
    time=times,
    correlationid=attributes,
    causationid=st.none() | attributes,
    traceparent=st.none() | attributes,
    data=st.binary(),
)
bytes_or_none = st.none() | st.binary(max_size=50)
foreign_headers = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=20), bytes_or_none), max_size=20)


@given(records, foreign_headers)
def test_a_record_comes_back_as_it_was_whatever_unknown_headers_stand_beside_it(record: Record, foreign: list[tuple[str, bytes | None]]) -> None:
    unknown = [(name, value) for name, value in foreign if name not in NAMES]
    assert record_of(record.stream, record.subject.encode(), record.data, [*headers_of(record), *unknown]) == record


@given(bytes_or_none, bytes_or_none, st.none() | foreign_headers)
def test_any_message_is_a_record_or_refused(key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]] | None) -> None:
    with suppress(Rejected):
        record_of("cases", key, value, headers)


@given(records, st.dictionaries(st.sampled_from(NAMES), bytes_or_none, min_size=1), bytes_or_none)
def test_a_record_with_some_headers_changed_is_a_record_or_refused(record: Record, changed: dict[str, bytes | None], key: bytes | None) -> None:
    with suppress(Rejected):
        record_of("cases", key, record.data, [(name, changed.get(name, value)) for name, value in headers_of(record)])


@given(bytes_or_none, bytes_or_none)
def test_something_is_kept_of_any_message(key: bytes | None, value: bytes | None) -> None:
    kept = remains_of("cases", "0/0", datetime(2026, 3, 2, tzinfo=UTC), key, value)
    assert kept.data == (value or b"")
    assert record_of("cases", kept.subject.encode(), kept.data, headers_of(kept)) == kept
