"""One trace from a request over every service that follows, sent to a real collector; and nothing at all where none is named."""

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from starlette.testclient import TestClient

from tests.e2e.served import Served, served
from tests.trace_collector import Collected, said, trace_collector

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{CALLER}-01"
PLANTED = ("Marigold", "Ashdown", "Lantern", "07700900123", "999 000 0001", "REF-77", "SW1A")
REFERRAL = {
    "referral_id": "REF-77",
    "person_id": "nhs:999 000 0001",
    "name": "Marigold Ashdown",
    "phone": "07700900123",
    "postcode": "SW1A 1AA",
    "interests": "Marigold used to sing at the Lantern",
}
OF_SPANS = {
    "http.request.method", "http.route", "http.response.status_code", "together.service", "together.command", "together.outcome",
    "messaging.system", "messaging.operation.name", "messaging.operation.type", "messaging.consumer.group.name",
    "messaging.batch.message_count", "messaging.destination.name", "together.refused", "error.type",
}  # fmt: skip


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    """A collector that the environment names."""
    with trace_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        yield collector


def records(town: Served, *streams: str) -> list[tuple[str, str | None]]:
    """The stream and the traceparent of every record of these streams."""
    return [(stored.record.stream, stored.record.traceparent) for stream in streams for stored in town.running.services.all_of(stream)]


def send(client: TestClient, number: int = 77, traceparent: str | None = GIVEN) -> None:
    """Send a referral in."""
    sent = REFERRAL | {"referral_id": f"REF-{number}", "person_id": f"nhs:999 000 {number:04}"}
    assert client.post("/v1/referrals", json=sent, headers={"traceparent": traceparent} if traceparent else {}).status_code == 202


def answered(town: Served, number: int = 1) -> None:
    """Wait until the services have taken in that many referrals, and what followed."""
    until = monotonic() + 20
    while len(records(town, "matches")) < number:
        assert monotonic() < until
        sleep(0.01)
    town.running.finish()


def test_a_request_its_command_and_every_turn_that_follows_are_one_trace(tmp_path: Path, collected: Collected) -> None:
    with served(tmp_path) as town:
        send(town.client())
        answered(town)
        found = records(town, "referrals", "matches", "cases")
    assert {stream for stream, _ in found} >= {"referrals", "matches"}
    [request], [command] = collected.named("POST /v1/referrals"), collected.named("decide ReceiveReferral")
    assert {traceparent for _, traceparent in found} == {f"00-{TRACE}-{command.span_id.hex()}-01"}
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, CALLER)
    assert (command.trace_id, command.parent_span_id) == (request.trace_id, request.span_id)
    for name in ("process matcher", "process coordinator"):
        turn = collected.named(name)[-1]
        assert turn.trace_id == request.trace_id
        assert {link.span_id for link in turn.links} == {command.span_id}
    assert said(request)["http.response.status_code"] == 202
    assert said(command) == {"together.service": "intake", "together.command": "ReceiveReferral", "together.outcome": "done"}


def test_spans_say_ids_and_counts_and_never_what_was_sent(tmp_path: Path, collected: Collected) -> None:
    with served(tmp_path) as town:
        client = town.client()
        send(client)
        assert client.post("/v1/referrals", json=REFERRAL | {"postcode": ["Lantern"]}).status_code == 422
        assert client.post("/v1/referrals", json=REFERRAL | {"interests": "none"}).status_code in (409, 422)
        assert client.post("/v1/queue/Marigold/choice", json={"group_id": "Ashdown"}).status_code in (404, 405, 409, 422)
        answered(town)
    assert len(collected.spans) > 5
    assert not [word for word in PLANTED if word.encode() in collected.raw]
    assert set().union(*(said(span) for span in collected.spans)) <= OF_SPANS


@pytest.mark.parametrize("foreign", ["", "00", "ff-" + GIVEN[3:], GIVEN.upper(), f"00-{'0' * 32}-{CALLER}-01", "00-Marigold Ashdown" * 40])
def test_a_malformed_traceparent_begins_a_trace_of_its_own(tmp_path: Path, collected: Collected, foreign: str) -> None:
    with served(tmp_path) as town:
        send(town.client(), traceparent=foreign)
        answered(town)
        traces = {traceparent for _, traceparent in records(town, "referrals", "matches")}
    [traceparent] = traces
    assert traceparent is not None
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", traceparent)
    assert TRACE not in traceparent
    assert b"Marigold" not in collected.raw


def test_a_visitor_without_the_access_key_joins_no_trace(tmp_path: Path, collected: Collected) -> None:
    with served(tmp_path) as town:
        assert town.client(signed_in=False).get("/v1/groups", headers={"traceparent": GIVEN}).status_code == 200
        town.client(signed_in=False).get("/v1/queue", headers={"traceparent": GIVEN})
    assert [span.name for span in collected.spans if span.name.startswith("GET")] == ["GET /v1/groups"]
    assert TRACE not in {span.trace_id.hex() for span in collected.spans}


def test_without_an_endpoint_no_fact_has_a_trace(tmp_path: Path) -> None:
    with served(tmp_path) as town:
        send(town.client())
        answered(town)
        assert {traceparent for _, traceparent in records(town, "referrals", "matches")} == {None}


def test_commands_that_are_gathered_from_several_requests_keep_each_its_own_trace(tmp_path: Path, collected: Collected) -> None:
    given = {number: f"00-{number:032x}-{CALLER}-01" for number in range(1, 9)}
    with served(tmp_path) as town:
        client = town.client()
        threads = [Thread(target=send, args=(client, number, traceparent)) for number, traceparent in given.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answered(town, len(given))
        records_of_each = {traceparent[3:35] for _, traceparent in records(town, "referrals") if traceparent}
        matches = [traceparent[3:35] for _, traceparent in records(town, "matches") if traceparent]
    assert records_of_each == set(matches) == {traceparent[3:35] for traceparent in given.values()}
    commands = collected.named("decide ReceiveReferral")
    assert {command.trace_id.hex() for command in commands} == records_of_each
    gathered = [turn for turn in collected.named("process matcher") if len({link.trace_id for link in turn.links}) > 1]
    assert all(turn.trace_id.hex() not in records_of_each for turn in gathered)
