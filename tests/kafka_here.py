"""Which Kafka a run of the tests gets, and how a test finds it empty."""

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError
from testcontainers.core.container import DockerContainer

from services.chassis.distributed.cluster import Cluster
from services.chassis.distributed.topics import Topic, topics_wanted
from tests.kafka_brokers import Brokers, free_ports, jars, until, wait_for

_JAVA = 17
_IMAGE = "apache/kafka:4.4.0"
_ONE_COPY = (
    "OFFSETS_TOPIC_REPLICATION_FACTOR", "TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "TRANSACTION_STATE_LOG_MIN_ISR",
    "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR",
)  # fmt: skip


@contextmanager
def some_broker(folder: Path) -> Iterator[str]:
    """The bootstrap address of a broker: one that runs already, else one of our own, else one in a container; else the test is skipped."""
    if running := os.environ.get("TOGETHER_TEST_KAFKA"):
        yield running
    elif has_jars():
        with Brokers(1, folder) as brokers:
            yield brokers.bootstrap
    elif _docker_answers():
        with _container() as bootstrap:
            yield bootstrap
    else:
        pytest.skip("no Kafka: TOGETHER_TEST_KAFKA names none, there is no JDK 17 with Maven, and no Docker engine answers")


@contextmanager
def cluster(folder: Path) -> Iterator[Brokers]:
    """Three brokers that may be killed; the test is skipped where Java and Maven are not there."""
    if not has_jars():
        pytest.skip("three Kafka brokers need a JDK 17 and Maven")
    with Brokers(3, folder) as brokers:
        yield brokers


@contextmanager
def _container() -> Iterator[str]:
    """One broker in a container; testcontainers' own class for Kafka knows another vendor's images only."""
    [port] = free_ports(1, str(os.getpid()))
    told = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://127.0.0.1:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",  # inside and outside alike: the broker calls itself there too
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        **{f"KAFKA_{name}": "1" for name in _ONE_COPY},
    }
    container = DockerContainer(_IMAGE).with_envs(**told)
    container.ports[str(port)] = ("127.0.0.1", port)  # type: ignore[assignment]  # an address too; with_bind_ports takes every one of the machine's
    with container:
        wait_for([f"127.0.0.1:{port}"])
        yield f"127.0.0.1:{port}"


def has_jars() -> bool:
    """Whether brokers can be had from Maven, or were fetched before."""
    try:
        version = subprocess.run(["java", "-version"], check=True, capture_output=True, text=True).stderr
        jars()
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.search(r'version "(\d+)', version)
    return found is not None and int(found[1]) >= _JAVA


def _docker_answers() -> bool:
    try:
        with closing(docker.from_env(timeout=5)) as engine:
            return bool(engine.ping())
    except docker.errors.DockerException:
        return False


def recreate_topics(bootstrap: str) -> None:
    """Leave every topic of ours as it is wanted and empty, and none of our consumer groups; only what is not so takes a while."""
    wanted = topics_wanted(replication=1)
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap.split(","))) as admin:
        if groups := [group["group_id"] for group in admin.list_groups() if group["group_id"].startswith("together-")]:
            admin.delete_groups(groups)
        there = wanted.keys() & admin.list_topics()
        old = _written(admin, [wanted[name] for name in there]) | (there & {one.topic for one in Cluster(admin).differences(wanted)})
        if old:
            admin.delete_topics(sorted(old))
        until(lambda: old.isdisjoint(admin.list_topics()), "the old topics are gone")  # else a new one is taken for its old self
        _create(admin, {name: topic for name, topic in wanted.items() if name in old or name not in there})


def _written(admin: KafkaAdminClient, topics: Collection[Topic]) -> set[str]:
    return {place.topic for place, end in _ends(admin, topics).items() if end.offset != 0} if topics else set()


def create_topics(bootstrap: str, replication: int) -> None:
    """Make every topic of ours, each in so many copies."""
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap.split(","))) as admin:
        _create(admin, topics_wanted(replication))


def _create(admin: KafkaAdminClient, wanted: Mapping[str, Topic]) -> None:
    if not wanted:
        return
    made = {name: {"num_partitions": one.partitions, "replication_factor": one.replication, "configs": one.settings} for name, one in wanted.items()}
    admin.create_topics(made, wait_for_metadata=True)
    until(partial(_all_empty, admin, wanted.values()), "every partition answers and is empty")


def _all_empty(admin: KafkaAdminClient, topics: Collection[Topic]) -> bool:
    """Whether the leader of every partition answers for it, which is a little after the cluster knows the topic."""
    try:
        return not _written(admin, topics)
    except KafkaError:
        return False


def _ends(admin: KafkaAdminClient, topics: Collection[Topic]) -> Mapping[TopicPartition, Any]:
    every = {TopicPartition(topic.name, number): OffsetSpec.LATEST for topic in topics for number in range(topic.partitions)}
    ends: Mapping[TopicPartition, Any] = admin.list_partition_offsets(every)
    return ends
