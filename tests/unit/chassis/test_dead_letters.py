"""A refused record is kept byte for byte, and comes back before its consumer as it was."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.codec import Record
from services.chassis.dead_letters import DeadLetter, as_it_was, bury, dead_letters, retries_of, retry, stream_of
from services.chassis.distributed.topics import LARGEST_DEAD_LETTER, LARGEST_RECORD
from services.chassis.distributed.wire import headers_of, record_of
from services.chassis.log import Stored

THEN = "2026-03-02T09:00:00+00:00"


def refused(data: bytes = b"{}") -> Stored:
    """A record at offset 17 of partition 3."""
    return Stored(17, Record("referrals", "ada", "id-1", "better-together.PersonErased", "/x", THEN, "c", None, None, data), 3)


def read(*buried: Record, retries: Iterable[Record] = ()) -> list[DeadLetter]:
    """The dead letters of the matcher, where these stand on its streams."""
    streams = {stream_of("matcher"): buried, retries_of("matcher"): tuple(retries)}
    return dead_letters(lambda stream: [Stored(n, record) for n, record in enumerate(streams.get(stream, ()))])


@given(st.binary())
def test_a_refused_record_comes_back_byte_for_byte(data: bytes) -> None:
    [letter] = read(bury("matcher", refused(data), "why", 1, THEN))
    assert letter.original == refused(data).record
    back = as_it_was(Stored(4, retry(letter, THEN), 7))
    assert back == Stored(4, refused(data).record, 7, attempts=1)


@pytest.mark.parametrize("byte", [b"\0", b"\xff", b'"', b"a"], ids=["control", "no text", "quote", "letter"])
def test_the_largest_record_still_fits_into_its_dead_letter_s_topic(byte: bytes) -> None:
    buried = bury("matcher", refused(byte * LARGEST_RECORD), "why" * 100, 5, THEN)
    assert len(buried.data) + 2_000 < LARGEST_DEAD_LETTER
    [letter] = read(buried)
    assert letter.original.data == byte * LARGEST_RECORD


def test_attempts_are_counted_over_retries() -> None:
    [letter] = read(bury("matcher", refused(), "why", 2, THEN))
    again = bury("matcher", as_it_was(Stored(0, retry(letter, THEN))), "still", 1, THEN)
    [first, second] = read(letter.record, again, retries=[retry(letter, THEN)])
    assert (first.attempts, first.state, second.attempts, second.state) == (2, "retried", 3, "waiting")
    assert first.record.id != second.record.id


def test_the_same_offset_on_another_partition_or_stream_is_another_dead_letter() -> None:
    [letter] = read(bury("matcher", refused(), "why", 1, THEN))
    elsewhere = Stored(17, refused().record, 4)
    on_retries = as_it_was(Stored(17, retry(letter, THEN), 3))
    assert len({bury("matcher", one, "why", 1, THEN).id for one in (refused(), elsewhere, on_retries)}) == 3


def test_dead_letters_and_retries_travel_over_kafka() -> None:
    [letter] = read(bury("matcher", refused(b"\xff"), "why", 1, THEN))
    for record in (letter.record, retry(letter, THEN)):
        assert record_of(record.stream, record.subject.encode(), record.data, headers_of(record)) == record


def test_what_only_looks_like_a_retry_stays_what_it_is() -> None:
    [letter] = read(bury("matcher", refused(), "why", 1, THEN))
    real = retry(letter, THEN)
    elsewhere = Stored(0, replace(real, stream="referrals"))
    torn = Stored(0, replace(real, data=real.data[:-5]))
    assert [as_it_was(one) for one in (elsewhere, torn)] == [elsewhere, torn]


def test_what_is_no_dead_letter_is_told_as_such() -> None:
    [letter] = read(refused(b"\xff").record)
    assert (letter.reason, letter.original.data) == ("no dead letter of ours", b"\xff")
