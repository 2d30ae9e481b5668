"""Every stream is written and read, every event belongs to one, and the AsyncAPI document says the same."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest

from schemas.envelope import CONTENT_TYPE, event_name, event_type
from schemas.events import ALL
from schemas.events.base import StreamName
from schemas.publish import ASYNCAPI, documents
from schemas.streams import STREAMS, ServiceName, Stream, writers_of

DOCUMENT = documents()[ASYNCAPI]
SERVICES = set(get_args(ServiceName))
DEAD_LETTERS = "-dead-letters"


def faults(streams: Mapping[StreamName, Stream]) -> Iterator[str]:
    """What is wrong with a registry of streams."""
    for name, stream in streams.items():
        if name != stream.name:
            yield f"{name}: stands under another name"
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name) or name.endswith(DEAD_LETTERS):
            yield f"{name}: not a stream's name"
        if not stream.writers:
            yield f"{name}: nobody writes it"
        if not stream.readers:
            yield f"{name}: nobody reads it"
        if not stream.events:
            yield f"{name}: carries nothing"
        if stream.compacted != (stream.kept_days is None):
            yield f"{name}: kept for ever exactly where it is compacted"


def test_every_stream_has_a_name_a_writer_a_reader_and_events() -> None:
    assert list(faults(STREAMS)) == []
    assert STREAMS.keys() == set(get_args(StreamName))


def test_the_guard_tells_a_stream_that_is_wrong() -> None:
    places = STREAMS["places"]
    nobody: frozenset[ServiceName] = frozenset()
    planted: list[tuple[Stream, str]] = [
        (replace(places, writers=nobody), "places: nobody writes it"),
        (replace(places, readers=nobody), "places: nobody reads it"),
        (replace(places, kept_days=None), "places: kept for ever exactly where it is compacted"),
        (replace(places, name="groups"), "places: stands under another name"),
    ]
    for stream, said in planted:
        assert list(faults({"places": stream})) == [said]
    dotted: Any = "places.held"
    assert list(faults({dotted: replace(places, name=dotted)})) == ["places.held: not a stream's name", "places.held: carries nothing"]


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_event_is_on_a_stream_that_exists_under_that_stream_s_key(name: str) -> None:
    stream = STREAMS[ALL[name].stream]
    assert ALL[name].key == stream.key
    assert name in stream.events


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_event_has_a_writer_among_its_stream_s(name: str) -> None:
    assert writers_of(name)
    assert writers_of(name) <= STREAMS[ALL[name].stream].writers


@pytest.mark.parametrize("stream", STREAMS.values(), ids=list(STREAMS))
def test_every_writer_of_a_stream_writes_one_of_its_events(stream: Stream) -> None:
    assert frozenset().union(*(writers_of(name) for name in stream.events)) == stream.writers


def test_places_are_asked_for_and_the_directory_alone_answers() -> None:
    assert STREAMS["place-requests"].readers == STREAMS["places"].writers == {"directory"}


def test_the_directory_reads_nothing_about_persons_but_their_places() -> None:
    assert {name for name, stream in STREAMS.items() if "directory" in stream.readers} == {"place-requests"}


def test_a_type_ends_in_its_event_s_name() -> None:
    assert {event_name(event_type(event)) for event in ALL.values()} == ALL.keys()
    assert all(event_type(event).endswith(f".{name}") for name, event in ALL.items())


def references(node: Any) -> Iterator[str]:
    """Every reference of the AsyncAPI document, those within a payload's own schema left out."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for name, value in node.items():
            if name != "payload":
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def follow(reference: str) -> Any:
    """What a reference within the document points to; fails where there is nothing."""
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > len(ALL)
    assert all(reference.startswith("#/") and follow(reference) for reference in found)


def test_a_reference_that_leads_nowhere_fails() -> None:
    with pytest.raises(KeyError):
        follow("#/channels/songs")


def test_the_asyncapi_document_has_the_parts_that_its_standard_requires() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"]["title"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", DOCUMENT["info"]["version"])
    assert DOCUMENT["defaultContentType"] == CONTENT_TYPE
    assert DOCUMENT.keys() <= {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    for part in (*DOCUMENT["components"].values(), DOCUMENT["channels"], DOCUMENT["operations"]):
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in part)


@pytest.mark.parametrize("stream", STREAMS.values(), ids=list(STREAMS))
def test_every_stream_is_a_channel_that_carries_its_events(stream: Stream) -> None:
    channel = DOCUMENT["channels"][stream.name]
    assert channel["address"] == channel["bindings"]["kafka"]["topic"] == stream.name
    assert channel["x-key"] == stream.key
    assert tuple(channel["messages"]) == stream.events
    assert channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] == (["compact"] if stream.compacted else ["delete"])


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_sends_what_it_writes_and_receives_what_it_reads(service: str) -> None:
    sent = {
        message["$ref"].rsplit("/", 1)[1]
        for name, operation in DOCUMENT["operations"].items()
        if name.startswith(f"{service}-sends-") and operation["action"] == "send"
        for message in operation["messages"]
    }
    received = {
        operation["channel"]["$ref"].rsplit("/", 1)[1]
        for name, operation in DOCUMENT["operations"].items()
        if name.startswith(f"{service}-receives-") and operation["action"] == "receive"
    }
    assert sent == {name for name in ALL if service in writers_of(name)}
    assert received == {name for name, stream in STREAMS.items() if service in stream.readers}


def test_an_operation_s_messages_are_those_of_its_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        assert operation["messages"]
        assert all(message["$ref"].startswith(f"{operation['channel']['$ref']}/messages/") for message in operation["messages"])
