"""Every service over one folder and a real mail server that refuses, delays and hangs up: what arrived is what was recorded, the rest are tasks."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.events.base import Data
from schemas.events.follow_ups import FollowUpFailed, FollowUpSent
from schemas.group import Group
from schemas.referral import Referral
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.ids import fresh_id
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.preparing import preparer
from services.cli.sample_town import refer
from services.coordinator.commands import ChooseGroup
from services.coordinator.reading import look_into_case
from services.followup.app import followup
from services.followup.gateways import LOCAL_SENDER, SmtpPort
from tests.integration.followup.town import LONDON, NOW
from tests.integration.followup_smtp.mail_server import Running, running

BEHAVIOURS = {
    "ok": "sent",
    "rcpt.5xx": "refused",
    "rcpt.4xx": "unreachable",
    "rcpt.drop": "unreachable",
    "rcpt.silent": "unreachable",
    "data.5xx": "refused",
    "data.4xx": "unreachable",
    "data.drop": "unreachable",
    "dot.5xx": "refused",
    "dot.4xx": "unreachable",
    "dot.drop": "unknown",
    "dot.silent": "unknown",
    "end.drop": "unknown",
    "end.silent": "unknown",
}
"""What a person's address tells the server to do, and what is to be recorded of their message. `end` takes it, `dot` does not."""
EACH = 3
PATIENCE = 0.5  # seconds
OLIVE = {"name": "Olive", "email": "ok-olive@example.org"}
CHOIR = Group.model_validate({"group_id": "choir", "name": "Singers", "sessions": [{"weekday": "thu", "start": "14:00"}], "contact": OLIVE})


@dataclass
class Office:
    """All services, whose e-mail leaves by the server."""

    here: Installation[Embedded]
    clock: HandSetClock

    def place(self, behaviour: str, number: int) -> str:
        """Somebody with such an address is referred and agrees to the choir; returns the case."""
        about = {"referral_id": f"REF-{behaviour}-{number}", "person_id": f"P-{behaviour}-{number}", "consent": {"match": True, "email": True}}
        contact = {"name": "Ada Byron", "email": f"{behaviour}-{number}@example.org"}
        [(_, case_id)] = refer(self.here, preparer(self.here), [Referral.model_validate({**about, "contact": contact, "interests": "singing"})])
        self.here.services.settle()
        now = self.clock.now()
        [answer] = self.here.decide("coordinator", [ChooseGroup(case=case_id, id=fresh_id(now), at=now, group_id="choir")])
        assert not isinstance(answer, Rejected)
        return case_id

    def later(self, **passed: float) -> None:
        """Let time pass, and do what is due."""
        self.clock.set(self.clock.now() + timedelta(**passed))
        self.here.services.settle()

    def follow_ups(self) -> list[Data]:
        """What follow-up wrote."""
        return [decode(one.record).data for one in self.here.services.records("follow-ups", 0, 10_000)]

    def tasks(self, case_id: str) -> list[str]:
        """The open tasks of a case."""
        with self.here.services.reading("coordinator") as store:
            return [task.kind for task in look_into_case(store, case_id).standing.tasks]


@contextmanager
def office(folder: Path, clock: HandSetClock, server: Running) -> Iterator[Office]:
    """The services for as long as the block runs, as a process has them."""
    with embedded_installation(settings_for(folder), clock) as here, here.services.folder.held():
        port = SmtpPort(f"smtp://127.0.0.1:{server.port}", LOCAL_SENDER, clock, timeout=PATIENCE)
        here.services.add(followup({"email": port}, lambda _: None, here.links, clock, LONDON))
        here.services.start()
        yield Office(here, clock)


@pytest.fixture
def server() -> Iterator[Running]:
    with running() as up:
        yield up


def test_what_arrived_is_what_was_recorded_and_whoever_was_not_reached_is_a_human_s(tmp_path: Path, server: Running) -> None:
    clock = HandSetClock(NOW)
    with office(tmp_path, clock, server) as first:
        list_groups(first.here, "town", [CHOIR])
        cases = {first.place(behaviour, number): said for behaviour, said in BEHAVIOURS.items() for number in range(EACH)}
        first.later(minutes=1)
    with office(tmp_path, clock, server) as again:  # a process that starts anew sends nothing a second time
        again.later(hours=26)
        facts = again.follow_ups()
        tasks = {case_id: again.tasks(case_id) for case_id in cases}
    sent = {data.touch_id: data for data in facts if isinstance(data, FollowUpSent)}
    failed = {data.touch_id: data for data in facts if isinstance(data, FollowUpFailed)}
    arrived = Counter(server.post.touches())
    unknown = {touch_id for touch_id, data in failed.items() if data.reason == "unknown"}
    assert max(arrived.values()) == 1
    assert sent.keys() <= arrived.keys() <= sent.keys() | unknown
    to_persons = {data.case_id: "sent" for data in sent.values() if data.step == "first_session"}
    assert to_persons | {data.case_id: data.reason for data in failed.values()} == cases
    assert (len(to_persons), len(unknown), len(arrived.keys() & unknown)) == (EACH, 4 * EACH, 2 * EACH)
    assert {case_id for case_id, kinds in tasks.items() if "message_failed" in kinds} == {data.case_id for data in failed.values()}


def test_a_person_whose_message_is_not_known_to_have_arrived_hears_no_more_of_it_by_itself(tmp_path: Path, server: Running) -> None:
    clock = HandSetClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    with office(tmp_path, clock, server) as here:
        list_groups(here.here, "town", [CHOIR])
        case_id = here.place("end.drop", 1)
        for _ in range(12):
            here.later(hours=25)
        told = [(data.step, data.reason) for data in here.follow_ups() if isinstance(data, FollowUpFailed) and data.step != "organiser_asked"]
        assert told == [("first_session", "unknown"), ("day_before", "unknown"), ("day_after", "unknown")]
        assert max(Counter(server.post.touches()).values()) == 1
        assert here.tasks(case_id).count("message_failed") == 1
