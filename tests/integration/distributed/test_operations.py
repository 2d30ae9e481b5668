"""What an operator asks of Kafka by `together streams` and `together dead-letters`, on a real broker."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource

from schemas.streams import partition_of
from services.chassis.codec import Record
from services.chassis.dead_letters import bury
from services.chassis.distributed.cluster import Difference, cluster
from services.chassis.distributed.relay import producer_for, send
from services.chassis.distributed.topics import topics_wanted
from services.chassis.log import Stored
from tests.e2e.command_line import TOGETHER, in_its_own_process, together
from tests.kafka_brokers import until
from tests.unit.chassis.distributed.test_wire import RECORD


@pytest.fixture
def operator(kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The bootstrap address, and an environment that names it; nothing here needs the database."""
    (tmp_path / "key").write_text("00" * 32)
    for name, value in surroundings(kafka, tmp_path).items():
        monkeypatch.setenv(name, value)
    return kafka


def surroundings(bootstrap: str, folder: Path) -> dict[str, str]:
    return {
        "TOGETHER_KAFKA_BOOTSTRAP": bootstrap,
        "TOGETHER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "TOGETHER_DATA": str(folder / "data"),
        "TOGETHER_KEY_FILE": str(folder / "key"),
    }


@pytest.fixture
def admin(operator: str) -> Iterator[KafkaAdminClient]:
    with closing(KafkaAdminClient(bootstrap_servers=operator)) as client:
        yield client


def produce(bootstrap: str, *records: Record) -> None:
    send(producer_for(bootstrap), records)


def lines(*words: str) -> list[dict[str, Any]]:
    """What a command lists."""
    ended = together(*words)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def record(subject: str, stream: str = "cases") -> Record:
    data = json.dumps({"person": subject, "case_id": "c1", "worker": "Zoe"}).encode()
    return Record(stream, subject, f"id-{subject}", RECORD.type, RECORD.source, RECORD.time, "c", None, None, data)


def test_where_all_is_as_it_should_be_nothing_differs(operator: str) -> None:
    assert operator
    assert lines("streams", "apply", "--replication", "1") == []


def test_a_topic_that_is_missing_is_made_only_with_yes(operator: str, admin: KafkaAdminClient) -> None:
    admin.delete_topics(["groups"])
    assert operator
    for _ in range(2):
        [told] = lines("streams", "apply")
        assert (told["topic"], told["what"], told["is"], told["remedy"]) == ("groups", "topic", None, "make")
    together("streams", "apply", "--yes")
    assert lines("streams", "apply") == []
    made = admin.describe_configs([ConfigResource("topic", "groups")])["topic"]["groups"]
    assert (made["cleanup.policy"]["value"], made["message.timestamp.type"]["value"]) == ("compact", "LogAppendTime")


def test_a_setting_that_differs_is_set_and_one_that_would_shrink_is_left(operator: str, admin: KafkaAdminClient) -> None:
    admin.alter_configs([ConfigResource("topic", "cases", {"retention.ms": "1000", "max.message.bytes": "9999999"})])
    assert operator
    told = {(one["what"], one["is"], one["remedy"]) for one in lines("streams", "apply")}
    assert told == {("retention.ms", "1000", "set"), ("max.message.bytes", "9999999", "leave")}
    together("streams", "apply", "--yes")
    assert [(one["topic"], one["what"]) for one in lines("streams", "apply", "--yes")] == [("cases", "max.message.bytes")]


def test_another_number_of_partitions_is_refused_and_nothing_is_changed(operator: str, admin: KafkaAdminClient) -> None:
    admin.create_partitions({"places": 13})
    admin.alter_configs([ConfigResource("topic", "cases", {"retention.ms": "1000"})])
    assert operator
    ended = together("streams", "apply", "--yes")
    assert ended.code == 1
    assert ended.err.startswith("together: places has 13 partitions and should have 12")
    assert admin.describe_configs([ConfigResource("topic", "cases")])["topic"]["cases"]["retention.ms"]["value"] == "1000"


def test_more_copies_than_brokers_are_refused(operator: str) -> None:
    assert operator
    assert together("streams", "apply", "--yes", "--replication", "99").told_in_one_line()


def test_three_brokers_keep_three_copies(kafka_cluster: Any) -> None:
    with cluster(kafka_cluster.bootstrap) as there:
        wanted = there.wanted(None)
        assert {(topic.replication, topic.settings["min.insync.replicas"]) for topic in wanted.values()} == {(3, "2")}
        there.apply(wanted, there.differences(wanted))
        until(lambda: there.differences(wanted) == [], "every broker knows the topics")
        fewer = there.differences(topics_wanted(replication=1))
        assert {(one.what, one.is_, one.remedy) for one in fewer} == {("min.insync.replicas", "2", "leave")}
        assert isinstance(fewer[0], Difference)


def test_the_lag_is_what_the_group_has_not_acknowledged(operator: str) -> None:
    produce(operator, *(record(f"person-{number}") for number in range(30)))
    first = partition_of("person-0")
    with closing(Consumer({"bootstrap.servers": operator, "group.id": "together-coordinator"})) as consumer:
        consumer.commit(offsets=[TopicPartition("cases", first, 1)], asynchronous=False)
    [summed] = [one for one in lines("streams", "lag") if one["stream"] == "cases"]
    assert (summed["service"], summed["end"], summed["committed"], summed["lag"]) == ("coordinator", 30, 1, 29)
    assert 0 <= summed["oldest_seconds"] < 100
    parts = [one for one in lines("streams", "lag", "--partitions") if one["stream"] == "cases"]
    assert [one["partition"] for one in parts] == list(range(12))
    assert [one["committed"] for one in parts if one["partition"] == first] == [1]
    assert sum(one["lag"] for one in parts) == 29


def test_a_stream_is_printed_from_its_start_each_subject_s_facts_in_order(operator: str) -> None:
    produce(operator, *(record(f"person-{number % 5}") for number in range(20)), RECORD)
    told = lines("streams", "tail", "cases", "--from-start")
    assert len(told) == 21
    assert told.count(RECORD.structured()) == 1
    assert lines("streams", "tail", "cases") == []


def test_what_is_no_event_is_told_on_stderr_and_what_is_no_json_in_base64(operator: str) -> None:
    torn = replace(RECORD, data=b'{"torn')
    producer = producer_for(operator)
    producer.produce("cases", b"foreign", b"key", 5)
    producer.flush(10)
    produce(operator, torn)
    ended = together("streams", "tail", "cases", "--from-start")
    assert json.loads(ended.out)["data_base64"] == "eyJ0b3Ju"
    assert ended.err == "cases, partition 5, offset 0: header ce_specversion is missing\n"


def test_a_stream_is_followed(operator: str) -> None:
    produce(operator, record("ada"))
    command = [*TOGETHER, "streams", "tail", "cases", "--from-start", "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as following:
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["subject"] == "ada"
        produce(operator, record("bo"))
        assert json.loads(following.stdout.readline())["subject"] == "bo"
        following.kill()


def test_dead_letters_are_listed_and_shown(operator: str) -> None:
    refused = Stored(4, record("ada"), 7)
    produce(operator, bury("coordinator", refused, "no such worker", 1, RECORD.time))
    [letter] = lines("dead-letters", "list")
    assert (letter["consumer"], letter["stream"], letter["reason"], letter["state"]) == ("coordinator", "cases", "no such worker", "waiting")
    shown = json.loads(together("dead-letters", "show", letter["id"]).out)
    assert json.loads(shown["original"]["data"])["worker"] == "Zoe"
    assert together("dead-letters", "show", "another").told_in_one_line()


def test_a_topic_that_is_not_there_yet_is_told(operator: str, admin: KafkaAdminClient) -> None:
    assert operator
    admin.delete_topics(["cases"])
    for words in (("streams", "tail", "cases", "--from-start"), ("streams", "lag")):
        ended = together(*words)
        assert ended.told_in_one_line()
        assert "streams apply" in ended.err


@pytest.mark.parametrize(
    "words",
    [("streams", "apply"), ("streams", "lag"), ("streams", "tail", "cases", "--from-start"), ("dead-letters", "list")],
    ids=" ".join,
)
def test_where_no_broker_answers_this_is_told_in_one_line_within_seconds(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "key").write_text("00" * 32)
    begun = monotonic()
    ended = in_its_own_process(*words, environment=surroundings("127.0.0.1:9", tmp_path))
    assert ended.code == 1
    assert ended.err == "together: no Kafka broker answers at 127.0.0.1:9\n"
    assert monotonic() - begun < 30  # the command waits four seconds; a busy machine takes longer to start it
