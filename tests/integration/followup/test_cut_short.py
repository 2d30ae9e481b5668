"""A run that ends between claim and record: what was left behind is settled at the next start, and no touch is ever sent twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from schemas.events.follow_ups import FollowUpCancelled, FollowUpClaimed, FollowUpFailed, FollowUpSent
from services.chassis.clock import HandSetClock
from services.followup.gateways import LOCAL_SENDER, LocalOutbox
from services.followup.messages import Delivery, Message, Port
from services.followup.sending.errand import AT_ONCE, AT_ONCE_WHERE_NOTHING_IS_SENT_AGAIN
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.told import ends
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


@pytest.mark.parametrize("cut_short_again", [False, True])
def test_what_is_sent_days_later_counts_from_then_on(the_town: Town, failing: Failing, cut_short_again: bool) -> None:
    """The reminder would be due an hour after the details that were left behind are sent at last."""
    cut_short(the_town, failing, "before")
    the_town.clock.set(local(date(2026, 3, 11), 13))
    if cut_short_again:
        failing.ends = "after"
        with pytest.raises(Killed):
            the_town.embedded.settle()
        failing.ends = ""
        the_town.restart()
    the_town.embedded.settle()
    the_town.at(local(date(2026, 3, 11), 15))
    the_town.at(local(date(2026, 3, 12), 12, 55))
    to_ada = [message for message in the_town.outbox().values() if message["X-Together-Channel"] == "sms"]
    assert len(to_ada) == 1
    the_town.later(hours=1)
    assert ("day_before", "too_late") in ends(the_town, FollowUpCancelled)


@pytest.mark.parametrize(("repeatable", "most"), [(True, AT_ONCE), (False, AT_ONCE_WHERE_NOTHING_IS_SENT_AGAIN)])
def test_a_batch_is_small_where_nothing_may_be_sent_again(the_town: Town, failing: Failing, repeatable: bool, most: int) -> None:
    failing.repeatable = repeatable
    batches = batches_of(the_town, AT_ONCE + 10)
    assert max(map(len, batches)) <= most
    assert (max(map(len, batches)) > AT_ONCE_WHERE_NOTHING_IS_SENT_AGAIN) == repeatable
    assert all(len(batch) == len(set(batch)) for batch in batches)
    assert sum(map(len, batches)) == AT_ONCE + 11  # and the organiser's


def batches_of(the_town: Town, people: int) -> list[list[str]]:
    """The persons of every batch that is claimed in the morning, where so many were placed in the night."""
    the_town.at(local(date(2026, 3, 2), 22))
    for number in range(2, people + 2):
        the_town.refer(number)
        the_town.hold(number, THURSDAY)
    the_town.at(local(date(2026, 3, 3), 9))
    runs = groupby(the_town.log("follow-ups"), lambda event: type(event.data))
    return [[event.data.subject for event in run] for kind, run in runs if kind is FollowUpClaimed]
