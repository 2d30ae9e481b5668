"""The Kafka cluster as its operators meet it: what its topics are against what they should be, and what may be changed about that.

Nothing is ever deleted or made smaller, and no partition is added: the order of a person's facts hangs on their number.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.errors import KafkaError

from services.chassis.distributed.topics import Topic, topics_wanted
from services.chassis.errors import UserError

_ANSWERS_WITHIN = 4_000  # milliseconds
_COPIES = 3


@contextmanager
def cluster(bootstrap: str) -> Iterator["Cluster"]:
    """The cluster at this address, for as long as the block runs.

    Raises:
        UserError: no broker answers within a few seconds, or one refuses what is asked.
    """
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), bootstrap_timeout_ms=_ANSWERS_WITHIN, client_id="together-operations")
    except (KafkaError, ValueError) as fault:
        raise UserError(f"no Kafka broker answers at {bootstrap}") from fault
    try:
        yield Cluster(admin)
    except KafkaError as fault:
        raise UserError(f"Kafka at {bootstrap} refused: {fault}") from fault
    finally:
        admin.close()


Remedy = Literal["make", "set", "leave", "refuse"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a topic that is not as it should be, and what is done about it; `is_` is None where the topic is missing."""

    topic: str
    what: str
    is_: str | None
    should_be: str
    remedy: Remedy


class Cluster:
    """What there is, and what is to be done about it."""

    def __init__(self, admin: KafkaAdminClient) -> None:
        self.admin = admin

    def refuse_missing(self, streams: Collection[str]) -> None:
        """See to it that these topics are there.

        Raises:
            UserError: one is not.
        """
        if missing := sorted(set(streams) - set(self.admin.list_topics())):
            raise UserError(f"there is no topic {missing[0]} yet: together streams apply --yes makes it")

    def wanted(self, replication: int | None) -> dict[str, Topic]:
        """The topics as they should be, in so many copies, or in as many as the cluster's size allows, up to three.

        Raises:
            UserError: there are fewer brokers than copies.
        """
        brokers = len(self.admin.describe_cluster()["brokers"])
        if replication is not None and replication > brokers:
            raise UserError(f"{replication} copies need as many brokers, and there are {brokers}")
        return topics_wanted(replication or (_COPIES if brokers >= _COPIES else 1))

    def differences(self, wanted: Mapping[str, Topic]) -> list[Difference]:
        """What is not as it should be, topic by topic."""
        there = {topic["name"]: topic["partitions"] for topic in self.admin.describe_topics() if topic["name"] in wanted}
        settings = self._settings(there)
        missing = [Difference(topic.name, "topic", None, _said(topic), "make") for topic in wanted.values() if topic.name not in there]
        return missing + [one for name, partitions in there.items() for one in _differing(wanted[name], partitions, settings[name])]

    def apply(self, wanted: Mapping[str, Topic], differences: Collection[Difference]) -> None:
        """Make the topics that are missing, and set what is set otherwise; what would have to be made smaller is left."""
        if missing := {one.topic: _new(wanted[one.topic]) for one in differences if one.remedy == "make"}:
            self.admin.create_topics(missing, wait_for_metadata=True)
        changed: dict[str, dict[str, str]] = {}
        for one in differences:
            if one.remedy == "set":
                changed.setdefault(one.topic, {})[one.what] = one.should_be
        self._set(changed)

    def _set(self, changed: Mapping[str, Mapping[str, str]]) -> None:
        if not changed:
            return
        answers = self.admin.alter_configs([ConfigResource("topic", name, dict(settings)) for name, settings in changed.items()])["topic"]
        if refused := [f"{name}: {answer}" for name, answer in answers.items() if answer != "OK"]:
            raise UserError(refused[0])

    def _settings(self, topics: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        if not topics:
            return {}
        answers: Mapping[str, Mapping[str, Any]] = self.admin.describe_configs(
            [ConfigResource("topic", name) for name in topics], config_filter="all"
        )["topic"]
        return answers


def refuse_other_partitions(differences: Collection[Difference]) -> None:
    """See to it that no topic has another number of partitions than it should.

    Raises:
        UserError: one has; nothing is to be changed then.
    """
    for one in differences:
        if one.remedy == "refuse":
            raise UserError(
                f"{one.topic} has {one.is_} partitions and should have {one.should_be}: the order of its facts hangs on their number, so "
                "nothing is changed. Where the topic is empty, delete it with Kafka's own tools; else move its records into a new cluster"
            )


def _differing(topic: Topic, partitions: Collection[Mapping[str, Any]], settings: Mapping[str, Any]) -> Iterator[Difference]:
    copies = min((len(one["replica_nodes"]) for one in partitions), default=0)
    if len(partitions) != topic.partitions:
        yield Difference(topic.name, "partitions", str(len(partitions)), str(topic.partitions), "refuse")
    if copies < topic.replication:
        yield Difference(topic.name, "replication", str(copies), str(topic.replication), "leave")  # kafka-reassign-partitions adds copies
    for name, value in topic.settings.items():
        found = str(settings.get(name, {}).get("value"))
        if found != value:
            yield Difference(topic.name, name, found, value, "leave" if _is_larger(found, value) else "set")


def _is_larger(found: str, wanted: str) -> bool:
    """Whether a limit lies above the one that is wanted; -1 is none."""
    return wanted.isdigit() and (found == "-1" or (found.isdigit() and int(found) > int(wanted)))


def _said(topic: Topic) -> str:
    settings = ", ".join(f"{name}={value}" for name, value in sorted(topic.settings.items()))
    return f"partitions={topic.partitions}, replication={topic.replication}, {settings}"


def _new(topic: Topic) -> dict[str, object]:
    return {"num_partitions": topic.partitions, "replication_factor": topic.replication, "configs": topic.settings}
