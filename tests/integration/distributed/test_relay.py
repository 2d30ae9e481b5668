"""The relay: everything that is committed reaches Kafka, in order for each subject, whoever dies in between."""

import threading
from contextlib import closing
from dataclasses import replace

import pytest
from confluent_kafka import Producer
from sqlalchemy import Engine

from services.chassis.codec import Record
from services.chassis.distributed import outbox
from services.chassis.distributed.leading import leading
from services.chassis.distributed.relay import NotSent, Relay, producer_for
from services.chassis.errors import Rejected
from services.chassis.telemetry import Tally
from tests.contract.sites import DistributedSite

RECORD = Record("cases", "ada", "id", "better-together.NoteWritten", "/test", "2026-03-02T09:00:00+00:00", "c", None, None, b"{}")


def put(engine: Engine, *records: Record) -> None:
    with engine.begin() as connection:
        outbox.put(connection, records, RECORD.time)


def of(number: int, subject: str = "ada") -> Record:
    return replace(RECORD, id=f"id-{number}", subject=subject)


def ids(site: DistributedSite, subject: str = "ada") -> list[str]:
    return [stored.record.id for stored in site.running.about(subject, ["cases"])]


@pytest.fixture
def engine(site: DistributedSite) -> Engine:
    return site.running.engine("matcher")


@pytest.fixture
def relay(site: DistributedSite, engine: Engine) -> Relay:
    return Relay("matcher", engine, site.bootstrap, Tally(), threading.Event(), lambda _: None)


@pytest.fixture
def producer(site: DistributedSite) -> Producer:
    return producer_for(site.bootstrap)


def send_all(relay: Relay, producer: Producer) -> int:
    with relay.engine.connect() as connection:
        return relay.send_next(connection, producer)


def test_what_is_sent_is_taken_from_the_outbox(site: DistributedSite, engine: Engine, relay: Relay, producer: Producer) -> None:
    put(engine, *(of(number) for number in range(50)))
    assert send_all(relay, producer) == 50
    assert send_all(relay, producer) == 0
    assert ids(site) == [f"id-{number}" for number in range(50)]


def test_no_more_is_read_at_once_than_makes_up_so_many_bytes(engine: Engine) -> None:
    put(engine, *(replace(of(number), data=b"x" * 100) for number in range(10)))
    with engine.connect() as connection:
        assert [record.id for _, record in outbox.next_of(connection, 2_000, 250)] == ["id-0", "id-1", "id-2"]
        assert len(outbox.next_of(connection, 2_000, 1)) == 1
        assert len(outbox.next_of(connection, 4, 10_000)) == 4


def test_an_event_of_a_transaction_that_commits_late_is_not_skipped(site: DistributedSite, engine: Engine, relay: Relay, producer: Producer) -> None:
    with engine.connect() as late:
        outbox.put(late, [of(1, "bo")], RECORD.time)  # its number is the lower one
        put(engine, of(2))
        assert send_all(relay, producer) == 1
        late.commit()
    assert send_all(relay, producer) == 1
    assert (ids(site), ids(site, "bo")) == (["id-2"], ["id-1"])


def test_what_was_sent_and_not_taken_away_is_sent_again(site: DistributedSite, engine: Engine, relay: Relay, producer: Producer) -> None:
    put(engine, of(1), of(2))
    with engine.connect() as dying:
        relay.send_next(dying, producer)
    with engine.begin() as connection:  # the process ended after Kafka's word and before the commit
        outbox.put(connection, [of(1), of(2)], RECORD.time)
    assert send_all(relay, producer) == 2
    assert ids(site) == ["id-1", "id-2", "id-1", "id-2"]


def test_one_relay_works_at_a_time(engine: Engine) -> None:
    with leading(engine, "relay", "matcher") as first, leading(engine, "relay", "matcher") as second:
        assert first is not None
        assert second is None
    with leading(engine, "relay", "matcher") as next_one:
        assert next_one is not None


def test_nothing_is_lost_where_kafka_is_away(engine: Engine, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.distributed.relay.SENT_WITHIN", 1.0)
    put(engine, of(1))
    nowhere = producer_for("127.0.0.1:1")
    with engine.connect() as connection, pytest.raises(NotSent):
        relay.send_next(connection, nowhere)
    with engine.connect() as connection:
        assert outbox.waiting(connection) == 1


def test_a_fact_too_large_for_its_stream_is_refused_where_it_is_decided(engine: Engine) -> None:
    with closing(engine.connect()) as connection, pytest.raises(Rejected, match="larger than a stream takes"):
        outbox.put(connection, [replace(RECORD, data=b"x" * 2_500_000)], RECORD.time)
