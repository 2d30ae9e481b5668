"""The brokers that the tests stand on: a record survives the death of the broker that took it, and no test meets another's records."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from signal import SIGKILL
from time import monotonic, sleep
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from kafka import KafkaAdminClient

from services.chassis.distributed.topics import topics_wanted
from services.chassis.distributed.wire import Headers, headers_of, record_of
from tests.kafka_brokers import Brokers, listens
from tests.kafka_here import recreate_topics
from tests.unit.chassis.distributed.test_wire import RECORD

IN_FOREGROUND = "import sys; from pathlib import Path; from tests.kafka_brokers import Brokers\n"
OF_ITS_OWN = "one-of-three"
"""A topic that no other test makes: the three brokers are shared."""

START_AND_WAIT = IN_FOREGROUND + "b = Brokers(1, Path(sys.argv[1])); b.start(); print(b.bootstrap, flush=True); sys.stdin.read()"


def produce(bootstrap: str, topic: str = "cases") -> None:
    """One record, acknowledged by every copy in step."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    producer.produce(topic, key=RECORD.subject.encode(), value=RECORD.data, headers=dict(headers_of(RECORD)), partition=0)
    assert producer.flush(30) == 0


def consume(bootstrap: str, topic: str = "cases") -> object:
    """The first record, or None within twenty seconds."""
    with closing(Consumer({"bootstrap.servers": bootstrap, "group.id": "together-test", "isolation.level": "read_committed"})) as consumer:
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        found = consumer.consume(1, 20)
        return record_of("cases", found[0].key(), found[0].value(), cast(Headers, found[0].headers())) if found else None


def end_of_cases(bootstrap: str) -> int:
    with closing(Consumer({"bootstrap.servers": bootstrap, "group.id": "together-test"})) as consumer:
        return int(consumer.get_watermark_offsets(TopicPartition("cases", 0), 10)[1])


def test_a_record_comes_back_from_a_broker_as_it_was(kafka: str) -> None:
    produce(kafka)
    assert consume(kafka) == RECORD


def test_the_next_test_meets_empty_topics(kafka: str) -> None:
    produce(kafka)
    assert end_of_cases(kafka) == 1
    recreate_topics(kafka)
    assert end_of_cases(kafka) == 0


def test_a_cluster_loses_nothing_with_a_broker(kafka_cluster: Brokers) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=kafka_cluster.bootstrap.split(","))) as admin:
        wanted = topics_wanted(replication=3)["cases"]
        made = {"num_partitions": wanted.partitions, "replication_factor": 3, "configs": wanted.settings}
        admin.create_topics({OF_ITS_OWN: made}, wait_for_metadata=True)
    produce(kafka_cluster.bootstrap, OF_ITS_OWN)
    kafka_cluster.kill(1)
    assert consume(kafka_cluster.bootstrap, OF_ITS_OWN) == RECORD
    kafka_cluster.restart(1)
    kafka_cluster.kill(2)
    assert consume(kafka_cluster.bootstrap, OF_ITS_OWN) == RECORD
    kafka_cluster.restart(2)


def test_a_broker_ends_with_whoever_started_it(tmp_path: Path, kafka_broker: str) -> None:
    assert kafka_broker  # so that this is skipped where none can be had
    starter = subprocess.Popen([sys.executable, "-W", "ignore", "-c", START_AND_WAIT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    address = starter.stdout.readline().strip().decode()
    assert address
    starter.send_signal(SIGKILL)
    starter.communicate()
    until = monotonic() + 10
    while listens(address) and monotonic() < until:
        sleep(0.05)
    assert not listens(address)
