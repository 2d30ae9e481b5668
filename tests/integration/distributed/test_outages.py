"""Kafka or PostgreSQL away: whoever needs them waits until they are back, whether they were there at the start or not."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from kafka import KafkaAdminClient

from schemas.envelope import Event
from schemas.events.base import Data, Purpose, StreamName
from schemas.events.referrals import ReferralReceived
from schemas.streams import PARTITIONS, partition_of
from services.chassis.distributed.consumer import Consumer, CutShort
from services.chassis.distributed.feed import KafkaFeed
from services.chassis.distributed.reading import Ends
from services.chassis.distributed.relay import producer_for, send
from services.chassis.errors import Transient
from services.chassis.keystore import KeyStore
from services.chassis.postgres import open_postgres, role_url
from services.chassis.provisioning import provision
from services.chassis.service import Opens, Service
from services.chassis.settings import ChassisSettings
from services.chassis.vault import Vault
from services.cli.database import migrations
from tests.contract.sites import DistributedSite, distributed_site, refer, subjects
from tests.e2e import distributed_site as processes
from tests.integration.distributed.test_copies import EVERY, Copy, messages_of
from tests.kafka_brokers import Brokers, until
from tests.kafka_here import create_topics, has_jars
from tests.postgres_installation import installed, told
from tests.postgres_server import Server, programs, server
from tests.two_services import Seen
from tests.unit.chassis.distributed.test_wire import RECORD

KEY = "07" * 32
STREAM = "told-truly"


@dataclass
class Everything:
    """A view of all that was ever referred."""

    streams: tuple[StreamName, ...] = ("referrals",)
    events: list[Event[Data]] = field(default_factory=list)

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take them in."""
        self.events += events


@pytest.fixture
def postgres() -> Iterator[Server]:
    """A server that may be killed."""
    if (folder := programs()) is None:
        pytest.skip("PostgreSQL is not installed, and one in a container is not to be killed and started again")
    with server(folder) as one:
        yield one


@pytest.fixture
def settings(postgres: Server) -> ChassisSettings:
    """An installation on it."""
    made = told(postgres.url.set(database="together"), postgres.url.set(database="together_keys"))
    provision(made, migrations())
    return made


@pytest.fixture
def site(tmp_path: Path, settings: ChassisSettings, kafka: str) -> Iterator[DistributedSite]:
    with distributed_site(tmp_path, settings, kafka) as made:
        yield made


def _refer_until_taken(site: DistributedSite, person: str) -> None:
    def taken() -> bool:
        try:
            refer(site, person)
        except Transient:
            return False
        return True

    site.wait_until(taken)


def test_the_services_go_on_where_postgresql_comes_back(site: DistributedSite, postgres: Server) -> None:
    refer(site, "ada")
    site.settle()
    postgres.kill()
    with pytest.raises(Transient, match="the database"):
        refer(site, "bo")
    postgres.start()
    _refer_until_taken(site, "bo")
    site.settle()
    assert subjects(site, "matches") == ["ada", "bo"]


def test_what_postgresql_took_while_it_died_is_taken_in_once(site: DistributedSite, postgres: Server) -> None:
    """Referrals are on their way through both services while the server is killed."""
    site.work()
    refer(site, *(f"person-{number}" for number in range(300)))
    site.wait_until(lambda: len(subjects(site, "matches")) > 0)
    postgres.kill()
    postgres.start()
    site.settle()
    assert subjects(site, "matches") == sorted(f"person-{number}" for number in range(300))


def test_what_is_there_can_be_read_where_kafka_does_not_answer(tmp_path: Path) -> None:
    with installed() as settings, distributed_site(tmp_path, settings, "127.0.0.1:1") as alone:
        refer(alone, "ada")
        with alone.running.reading_what_was_written("matcher") as store:
            assert store.all() == set()


def _view(bootstrap: str, keys: KeyStore, failures: list[BaseException], stopping: threading.Event) -> KafkaFeed:
    may_open = frozenset[Purpose]({"matching"})
    opens: Opens = {ReferralReceived: may_open}
    seeing = Service("matcher", Seen, Path(), opens=opens, may_open=may_open, view=Everything())
    return KafkaFeed(seeing, bootstrap, Vault("matcher", keys, may_open, lookup=bytes(32)), stopping, failures.append)


def test_a_view_begins_where_the_database_with_the_keys_is_away(site: DistributedSite, postgres: Server) -> None:
    refer(site, "ada")
    site.settle()
    postgres.kill()
    failures: list[BaseException] = []
    stopping = threading.Event()
    feed = _view(site.bootstrap, site.running.keys_of("matcher"), failures, stopping)
    reading = threading.Thread(target=feed.run)
    reading.start()
    site.wait_until(lambda: feed._ends is not None)
    postgres.start()
    site.wait_until(lambda: feed.ready or bool(failures))
    stopping.set()
    reading.join()
    assert failures == []


def test_a_view_waits_for_a_kafka_that_is_not_there_yet(tmp_path: Path) -> None:
    if not has_jars():
        pytest.skip("a Kafka broker of one's own needs a JDK 17 and Maven")
    failures: list[BaseException] = []
    stopping = threading.Event()
    brokers = Brokers(1, tmp_path)
    with installed() as settings:
        keys = KeyStore(open_postgres(role_url(settings, "matcher"), "test"), bytes(32))
        feed = _view(brokers.bootstrap, keys, failures, stopping)
        reading = threading.Thread(target=feed.run)
        reading.start()
        with brokers:
            create_topics(brokers.bootstrap, replication=1)
            DistributedSite.wait_until(lambda: feed.ready or bool(failures))
        stopping.set()
        reading.join()
    assert failures == []


@pytest.mark.parametrize("service", ["intake", "followup", "web"])
def test_a_process_that_starts_waits_for_postgresql(service: str, tmp_path: Path, settings: ChassisSettings, postgres: Server, kafka: str) -> None:
    postgres.kill()
    (tmp_path / "key").write_text(KEY)
    environment = {
        "TOGETHER_KAFKA_BOOTSTRAP": kafka,
        "TOGETHER_DATABASE_URL": settings.database_url or "",
        "TOGETHER_KEY_FILE": str(tmp_path / "key"),
    }
    copy = processes.Copy(service, service, tmp_path, environment)
    copy.spawn(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    try:
        until(lambda: "postgresql_does_not_answer" in (tmp_path / f"{service}.log").read_text(), f"{service} says what it waits for")
        postgres.start()
        copy.wait()
        assert copy.stop() == 0
    finally:
        copy.kill()


def test_a_batch_that_cannot_be_rewound_ends_the_process(site: DistributedSite) -> None:
    """Read on behind it, and what it held would be left out."""
    refer(site, "ada")
    site.settle()
    failures: list[BaseException] = []
    consumer = Consumer(Copy(site, "other").taking, site.bootstrap, threading.Event(), failures.append)
    batch = tuple(messages_of(site.bootstrap, 1))  # of a partition that this copy was never given

    async def rewind() -> None:
        await consumer.broker.start()
        try:
            await consumer._rewind(await consumer._unread(batch))
        finally:
            await consumer.broker.stop()

    with pytest.raises(KafkaException):
        asyncio.run(rewind())
    assert [type(failure) for failure in failures] == [KafkaException]


def test_a_stream_that_ends_before_what_was_read_of_it_stops_its_reader(site: DistributedSite) -> None:
    """Kafka was restored from an older copy: what comes next must not be taken for what was read."""
    refer(site, "ada")
    site.settle()
    failures: list[BaseException] = []
    copy = Copy(site, "other")
    consumer = Consumer(copy.taking, site.bootstrap, threading.Event(), failures.append)
    assert consumer._held_from_now_on(EVERY)
    with site.running.engine("matcher").begin() as connection:
        connection.exec_driver_sql("UPDATE positions SET position = position + 100 WHERE stream = 'referrals' AND partition = 3")
    assert consumer._held_from_now_on(EVERY) == {}
    assert [type(failure) for failure in failures] == [CutShort]
    assert "referrals-3 ends at" in str(failures[0])


def test_where_a_stream_ends_is_told_truly_or_not_at_all_while_brokers_go_and_come(kafka_cluster: Brokers) -> None:
    """A message is claimed on this answer: an end too low, and a stop behind it is not seen."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka_cluster.bootstrap.split(","))) as admin:
        admin.create_topics({STREAM: {"num_partitions": PARTITIONS, "replication_factor": 3}}, wait_for_metadata=True)
    records = [replace(RECORD, stream=STREAM, subject=f"person-{number}") for number in range(50)]
    send(producer_for(kafka_cluster.bootstrap), records)
    ends = Ends(kafka_cluster.bootstrap)
    before = Counter((STREAM, partition_of(record.subject)) for record in records)

    def told() -> bool:
        with suppress(Transient):
            assert ends.of([STREAM]) == {(STREAM, number): before[STREAM, number] for number in range(PARTITIONS)}
            return True
        return False

    until(told, "the cluster tells its ends")

    for broker in (1, 2):
        kafka_cluster.kill(broker)
        until(told, f"the cluster tells its ends without broker {broker}")
        kafka_cluster.restart(broker)
        until(told, f"the cluster tells its ends with broker {broker} again")
