"""A view on Kafka begins from its snapshot, and from the first record on where the topics are not those of the snapshot."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from services.chassis.clock import SystemClock
from services.chassis.distributed.databases import Databases
from services.chassis.distributed.feed import KafkaFeed
from services.chassis.distributed.relay import producer_for, send
from services.chassis.distributed.running import Distributed
from services.chassis.keystore import KeyStore
from services.chassis.running import Clocks
from services.chassis.service import Service
from services.chassis.vault import Vault
from tests.kafka_brokers import until
from tests.kafka_here import recreate_topics
from tests.kept_view import Erased, erasure
from tests.postgres_installation import installed
from tests.two_services import Seen


@pytest.fixture(autouse=True)
def _worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.distributed.feed.WORTH_KEEPING", 1)


def erase(bootstrap: str, *persons: str) -> None:
    send(producer_for(bootstrap), [erasure(person) for person in persons])


def started(bootstrap: str, folder: Path) -> Erased:
    """What a view knows that began and read to the ends, and was kept where there was news."""
    view, stopping, failures = Erased(), threading.Event(), list[BaseException]()
    keys = KeyStore(create_engine("sqlite://"), bytes(32))
    feed = KafkaFeed(
        Service("matcher", Seen, Path(), view=view), bootstrap, Vault("matcher", keys, (), lookup=bytes(32)), stopping, failures.append, folder
    )
    reading = threading.Thread(target=feed.run)
    reading.start()
    until(lambda: (feed.ready and feed._news == 0) or bool(failures), "the view is ready, and kept where it has news")
    feed.catch_up()
    stopping.set()
    reading.join()
    assert failures == []
    return view


def test_the_next_start_is_told_only_what_came_since(kafka: str, tmp_path: Path) -> None:
    erase(kafka, "ada", "bo")
    assert sorted(started(kafka, tmp_path).told) == ["ada", "bo"]
    erase(kafka, "cy")
    next_one = started(kafka, tmp_path)
    assert (sorted(next_one.persons), next_one.told) == (["ada", "bo", "cy"], ["cy"])


def test_topics_made_anew_are_read_from_their_first_record_on(kafka: str, tmp_path: Path) -> None:
    erase(kafka, "ada")
    started(kafka, tmp_path)
    recreate_topics(kafka)
    erase(kafka, "ada", "bo")
    assert sorted(started(kafka, tmp_path).told) == ["ada", "bo"]


def test_nobody_reads_a_view_any_more_once_the_connections_are_given_back(kafka: str) -> None:
    with installed() as settings:
        running = Distributed(Databases(settings), kafka, bytes(32), Clocks(SystemClock(), SystemClock()))
        running.add(Service("matcher", Seen, Path(), view=Erased()))
        feed = running.feed("matcher")
        until(lambda: feed.ready, "the view is ready")
        [reader] = running._readers
        assert reader.is_alive()
        running.close()
        assert not reader.is_alive()
