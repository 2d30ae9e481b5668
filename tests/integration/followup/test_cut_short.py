"""A run that ends between claim and record: what was left behind is settled at the next start, and no touch is ever sent twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from schemas.events.follow_ups import FollowUpClaimed, FollowUpFailed, FollowUpSent
from schemas.events.groups import GroupListed
from schemas.group import Group
from services.chassis.clock import HandSetClock
from services.followup.gateways import LOCAL_SENDER, LocalOutbox
from services.followup.messages import Delivery, Message, Port
from services.followup.sending.errand import AT_ONCE
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.town import Town, local, town


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Failing:
    """A port that ends the process before or after it has handed the message over; then it does nothing but its work."""

    port: Port
    ends: str = ""
    repeatable: bool = True
    handed_over: list[str] = field(default_factory=list)

    def send(self, message: Message) -> Delivery:
        """Hand over, and perhaps end."""
        if self.ends == "before":
            raise Killed
        self.handed_over.append(message.touch_id)
        said = self.port.send(message)
        if self.ends == "after":
            raise Killed
        return said

    def was_sent(self, touch_id: str) -> bool | None:
        """What the port can tell."""
        return self.port.was_sent(touch_id) if self.repeatable else None


@pytest.fixture
def failing(tmp_path: Path) -> Failing:
    return Failing(LocalOutbox(tmp_path / "data" / "outbox", HandSetClock(THURSDAY), LOCAL_SENDER))


@pytest.fixture
def the_town(tmp_path: Path, failing: Failing) -> Iterator[Town]:
    with town(tmp_path, ways_out=lambda _: {"sms": failing, "email": failing}) as opened:
        opened.refer()
        yield opened


def cut_short(the_town: Town, failing: Failing, ends: str) -> None:
    """Hold a place; the process ends while its details are handed over, and starts again."""
    failing.ends = ends
    with pytest.raises(Killed):
        the_town.hold(session=THURSDAY)
    failing.ends = ""
    assert the_town.steps(FollowUpClaimed) == ["first_session"]
    assert the_town.steps(FollowUpSent) == []
    the_town.restart()


@pytest.mark.parametrize("ends", ["before", "after"])
def test_what_may_be_sent_again_is_sent_once(the_town: Town, failing: Failing, ends: str) -> None:
    cut_short(the_town, failing, ends)
    the_town.embedded.settle()
    assert the_town.steps(FollowUpSent).count("first_session") == 1
    details = next(data.touch_id for data in the_town.facts(FollowUpSent) if data.step == "first_session")
    assert failing.handed_over.count(details) == 1
    assert details in the_town.outbox()
    assert the_town.facts(FollowUpFailed) == []


@pytest.mark.parametrize("ends", ["before", "after"])
def test_what_cannot_be_asked_about_is_a_human_s_and_never_sent_again(the_town: Town, failing: Failing, ends: str) -> None:
    failing.repeatable = False
    cut_short(the_town, failing, ends)
    before = [*failing.handed_over]
    the_town.embedded.settle()
    assert [(data.step, data.reason) for data in the_town.facts(FollowUpFailed)] == [("first_session", "unknown")]
    assert "first_session" not in the_town.steps(FollowUpSent)
    left_behind = the_town.facts(FollowUpFailed)[0].touch_id
    assert failing.handed_over.count(left_behind) == before.count(left_behind) == (1 if ends == "after" else 0)


def test_what_was_left_behind_is_not_sent_after_a_stop(the_town: Town, failing: Failing) -> None:
    cut_short(the_town, failing, "before")
    the_town.reply("stop")
    assert "first_session" not in the_town.steps(FollowUpSent)
    assert ("first_session", "unreachable") in [(data.step, data.reason) for data in the_town.facts(FollowUpFailed)]


def test_what_was_left_behind_is_not_sent_at_night(the_town: Town, failing: Failing) -> None:
    cut_short(the_town, failing, "before")
    the_town.at(local(date(2026, 3, 2), 22))
    assert the_town.outbox() == {}
    assert [data.reason for data in the_town.facts(FollowUpFailed)] == ["unreachable"]


def test_a_message_left_behind_by_a_person_who_is_erased_is_deleted(the_town: Town, failing: Failing) -> None:
    cut_short(the_town, failing, "after")
    assert len(the_town.outbox()) == 1
    the_town.erase()
    assert the_town.outbox() == {}
    assert the_town.facts(FollowUpSent) == []


@pytest.mark.parametrize("said", ["refused", "unknown", "unreachable"])
def test_what_a_port_says_is_what_is_recorded(the_town: Town, failing: Failing, said: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "send", lambda _: said)
    the_town.hold(session=THURSDAY)
    assert ("first_session", said) in [(data.step, data.reason) for data in the_town.facts(FollowUpFailed)]
    the_town.days(20)
    assert the_town.facts(FollowUpSent) == []


def test_a_batch_holds_at_most_a_hundred_and_one_for_each_person(the_town: Town) -> None:
    the_town.at(local(date(2026, 3, 2), 22))
    nobody_reads_mail = Group.model_validate({"group_id": "drawing", "name": "Drawing"})
    the_town.say(GroupListed(group_id="drawing", feed="town", group=nobody_reads_mail, content="1"))
    persons = range(2, AT_ONCE + 12)
    for number in persons:
        the_town.refer(number)
        the_town.hold(number, THURSDAY, "drawing")
    the_town.at(local(date(2026, 3, 3), 9))
    runs = groupby(the_town.log("follow-ups"), lambda event: type(event.data))
    claims = [[event.data.subject for event in run] for kind, run in runs if kind is FollowUpClaimed]
    assert max(map(len, claims)) == AT_ONCE
    assert all(len(batch) == len(set(batch)) for batch in claims)
    assert sum(map(len, claims)) == len(persons)
