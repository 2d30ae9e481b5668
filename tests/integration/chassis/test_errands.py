"""Errands claim in facts, never before their service has read what they must know first; and a service is told of what it could not read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Queue
from threading import Event as Event_
from typing import ClassVar

import pytest

from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.follow_ups import FollowUpClaimed, FollowUpSent
from services.chassis.codec import Record
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.pump import Pump
from services.chassis.service import Cause, Claimed, Fact, Service
from tests.integration.chassis.conftest import Town
from tests.two_services import Refer, Seen, migration

TOUCH = {"person": "ada", "case_id": "case-ada", "touch_id": "touch-1", "step": "day_before"}
PLANNED = Cause("019cadb6-e1a0-7000-8000-000000000001", "019cadb6-e1a0-7000-8000-000000000001")


@dataclass
class Sending:
    """Sends one touch, once; `stops` are the persons who must not be written to."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ("referrals",)

    stopped: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    begun: Event_ = field(default_factory=Event_)
    answers: Event_ = field(default_factory=Event_)

    def __post_init__(self) -> None:
        self.answers.set()

    def handle(self, events: Sequence[Event[Data]], _store: Seen) -> list[Fact]:
        """Whoever is referred is not written to."""
        if any(event.data.subject == "wrong" for event in events):
            raise Rejected("not this one")
        self.stopped |= {event.data.subject for event in events}
        return []

    def told(self, records: Sequence[Record], _store: Seen) -> list[Fact]:
        """Remember whose record could not be read."""
        self.unreadable += [record.subject for record in records]
        return []

    def claim(self, _now: datetime, store: Seen) -> Claimed:
        """The touch, unless it was claimed or its person is stopped."""
        if "ada" in self.stopped or "touch-1" in store.all():
            return Claimed()
        store.remember(["touch-1"])
        return Claimed(["touch-1"], [Fact(FollowUpClaimed.model_validate(TOUCH), PLANNED)])

    def run(self, work: Sequence[str]) -> Sequence[str]:
        """Send it, as soon as the server answers."""
        self.begun.set()
        assert self.answers.wait(20)
        self.sent += work
        return work

    def record(self, results: Sequence[str], _store: Seen) -> Sequence[Fact]:
        """Write down that it was sent."""
        return [Fact(FollowUpSent.model_validate(TOUCH | {"touch_id": one}), PLANNED) for one in results]


@pytest.fixture
def sending() -> Sending:
    return Sending()


@pytest.fixture
def town_that_sends(town: Town, sending: Sending) -> Iterator[Embedded]:
    embedded = town.open()
    embedded.add(
        Service(
            "followup", Seen, migration(town.migrations, "seen_by_followup"), reads=("referrals",), handle=sending.handle, errands=(sending,),
            unreadable=sending.told,
        )
    )  # fmt: skip
    embedded.start()
    yield embedded
    embedded.close()


def names(embedded: Embedded) -> list[str]:
    return [stored.record.type.rpartition(".")[2] for stored in embedded.records("follow-ups", 0, 100)]


def test_a_claim_is_a_fact_that_is_committed_before_the_call(town_that_sends: Embedded, sending: Sending) -> None:
    town_that_sends.settle()
    assert names(town_that_sends) == ["FollowUpClaimed", "FollowUpSent"]
    assert sending.sent == ["touch-1"]


def test_what_follows_from_a_remembered_cause_has_its_id_and_chain(town_that_sends: Embedded) -> None:
    town_that_sends.settle()
    claimed, sent = town_that_sends.records("follow-ups", 0, 100)
    assert claimed.record.causationid == sent.record.causationid == PLANNED.id
    assert claimed.record.correlationid == PLANNED.correlationid
    assert claimed.record.id != sent.record.id


def test_nothing_is_claimed_once_a_stopping_fact_is_committed(town_that_sends: Embedded, sending: Sending) -> None:
    town_that_sends.decide("intake", [Refer("ada")])
    town_that_sends._on_errands(town_that_sends._services["followup"])
    assert names(town_that_sends) == []
    town_that_sends.settle()
    assert (names(town_that_sends), sending.sent) == ([], [])


def test_a_service_is_told_of_a_record_that_it_cannot_decode(town_that_sends: Embedded, sending: Sending) -> None:
    town_that_sends.decide("intake", [Refer("bo"), Refer("cy")])
    with town_that_sends._writer.begin() as connection:
        connection.exec_driver_sql("UPDATE log SET data = x'7b7d' WHERE subject = 'bo' AND stream = 'referrals'")
    town_that_sends.settle()
    assert sending.unreadable == ["bo"]
    assert sending.stopped == {"cy"}


def test_a_service_is_told_of_a_record_that_its_handler_refuses(town_that_sends: Embedded, sending: Sending) -> None:
    town_that_sends.decide("intake", [Refer("bo"), Refer("wrong"), Refer("cy")])
    town_that_sends.settle()
    assert sending.unreadable == ["wrong"]
    assert sending.stopped == {"bo", "cy"}


def test_a_command_is_answered_while_a_call_is_under_way(town_that_sends: Embedded, sending: Sending) -> None:
    sending.answers.clear()
    pump = Pump(town_that_sends)
    pump.start()
    try:
        assert sending.begun.wait(20)
        assert not isinstance(pump.submit("intake", Refer("bo")).result(20), Rejected)
        assert sending.sent == []
    finally:
        sending.answers.set()
        pump.stop()
    assert names(town_that_sends) == ["FollowUpClaimed", "FollowUpSent"]


def test_a_call_that_does_not_end_in_time_is_left_to_the_next_start(
    town_that_sends: Embedded, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.calls.ENDS_WITHIN", 0.1)
    sending.answers.clear()
    pump = Pump(town_that_sends)
    pump.start()
    assert sending.begun.wait(20)
    pump.stop()
    assert names(town_that_sends) == ["FollowUpClaimed"]
    sending.answers.set()


def test_a_call_that_fails_stops_the_services_loudly(town_that_sends: Embedded, sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_work: Sequence[str]) -> Sequence[str]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(sending, "run", fail)
    failures: Queue[BaseException] = Queue()
    pump = Pump(town_that_sends, failures.put)
    pump.start()
    assert str(failures.get(timeout=20)) == "a bug"
    pump.stop()
