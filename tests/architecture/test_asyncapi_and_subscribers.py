"""What the published AsyncAPI document says of who receives what is what FastStream says of the subscribers that really run.

The document is ours and not FastStream's, which knows of each subscriber a topic and an empty payload: no event, no header, no group, no
partition, and nothing that the relay sends.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.specification import AsyncAPI

from schemas.publish import ASYNCAPI, documents
from schemas.streams import ServiceName
from services.chassis.dead_letters import retries_of
from services.chassis.distributed.consumer import Consumer, topics_of
from services.chassis.distributed.taking import Taking
from services.chassis.distributed.topics import topics_wanted
from services.chassis.embedded import Embedded
from services.chassis.handling import Handling
from services.chassis.service import Service
from services.chassis.telemetry import Tally, Timings
from services.cli.installation import EVERY_SERVICE, embedded_installation, settings_for

ROOT = Path(__file__).parents[2]
OURS: dict[str, Any] = documents()[ASYNCAPI]
TOPICS = topics_wanted(replication=1)
NOT_READ_YET: dict[ServiceName, set[str]] = {"learning": {"places", "follow-ups"}, "followup": {"matches"}, "intake": {"referrals"}}
"""What the registry lets a service read and it does not read by now; whoever reads it has to take it out here."""


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Every service, built as `together service NAME` builds it."""
    with embedded_installation(settings_for(tmp_path_factory.mktemp("folder"))) as running:
        yield running.services


def consumer_of(service: Service[Any], embedded: Embedded) -> Consumer:
    """The service's consumer; it meets no broker before it runs."""
    handling = Handling(service, embedded._scribes[service.name], embedded._view(service.name), embedded.clocks.wall, Timings())
    taking = Taking(handling, embedded._writer, "a-copy", embedded.clocks.wall, Timings(), Tally())
    return Consumer(taking, "127.0.0.1:9", threading.Event(), lambda _: None)


def received(document: dict[str, Any], service: str = "") -> set[str]:
    """The addresses that a document's operations receive from."""
    channels = [
        operation["channel"]["$ref"].rsplit("/", 1)[1]
        for name, operation in document["operations"].items()
        if operation["action"] == "receive" and name.startswith(service)
    ]
    return {document["channels"][channel]["address"] for channel in channels}


@pytest.mark.parametrize("name", [name for name in EVERY_SERVICE if name != "intake"])
def test_faststream_says_the_same_of_what_each_service_receives(embedded: Embedded, name: ServiceName) -> None:
    service = embedded._services[name]
    consumer = consumer_of(service, embedded)
    theirs: dict[str, Any] = AsyncAPI(consumer.broker, title="of the subscribers", schema_version="3.0.0").to_specification().to_jsonable()
    assert theirs["asyncapi"] == OURS["asyncapi"]
    viewed = set(service.view.streams) - set(service.reads) if service.view else set()
    heard = received(theirs) - {retries_of(name)}  # an operator's, and no other consumer's: no part of what the streams promise
    assert heard | viewed == received(OURS, f"{name}-") - NOT_READ_YET.get(name, set())
    [subscriber] = topics_of(consumer.broker)
    told = [OURS["operations"][f"{name}-receives-{stream}"]["bindings"]["kafka"]["groupId"]["enum"] for stream in heard]
    assert told == [[subscriber.group_id]] * len(heard)


@pytest.mark.parametrize("name", [name for name in EVERY_SERVICE if name != "intake"])
def test_nothing_is_acknowledged_but_by_the_consumer_after_the_commit(embedded: Embedded, name: ServiceName) -> None:
    consumer = consumer_of(embedded._services[name], embedded)
    assert [subscriber.ack_policy for subscriber in topics_of(consumer.broker)] == [AckPolicy.MANUAL]


def test_nobody_else_subscribes() -> None:
    sources = {file.relative_to(ROOT).as_posix(): file.read_text() for file in (ROOT / "services").rglob("*.py")}
    assert [name for name, text in sources.items() if ".subscriber(" in text] == ["services/chassis/distributed/consumer.py"]


def test_intake_receives_nothing_yet(embedded: Embedded) -> None:
    assert embedded._services["intake"].reads == ()
    assert received(OURS, "intake-") == NOT_READ_YET["intake"]


def test_a_stream_that_a_service_reads_in_secret_would_be_told(embedded: Embedded) -> None:
    consumer = consumer_of(replace(embedded._services["matcher"], reads=("referrals", "cases")), embedded)
    theirs: dict[str, Any] = AsyncAPI(consumer.broker, schema_version="3.0.0").to_specification().to_jsonable()
    assert "cases" in received(theirs) - received(OURS, "matcher-")


@pytest.mark.parametrize("name", OURS["channels"])
def test_the_topics_are_made_as_the_document_says(name: str) -> None:
    told, topic = OURS["channels"][name]["bindings"]["kafka"], TOPICS[name]
    assert told["partitions"] == topic.partitions
    assert told["topicConfiguration"]["cleanup.policy"] == [topic.settings["cleanup.policy"]]
    assert str(told["topicConfiguration"]["retention.ms"]) == topic.settings.get("retention.ms", "-1")
