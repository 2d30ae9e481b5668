"""Every line of the gate (DESIGN.md section 7), alone and against the others."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from schemas.events.follow_ups import TOLD_BY_A_HUMAN, Step
from schemas.group import GroupContact
from schemas.referral import Consent
from services.followup.domain.gate import RULES, Cancel, Fail, Send, Verdict, Wait, verdict
from tests.unit.followup.people import CONTACT, LONDON, NOW, ada, choir, touch

A_DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ASKED = touch(step="organiser_asked", channel="email")
STOPPED = touch(step="stop_confirmed", session=None, place_id=None, group_id=None)
LOST = touch(step="news", session=None, useless_after=NOW + A_DAY)


def said(one: Any = touch(), person: Any = ada(), group: Any = choir(), now: datetime = NOW) -> Verdict:  # noqa: B008, they are frozen
    return verdict(one, person, group, now)


def test_what_nothing_speaks_against_is_sent() -> None:
    assert said() == said(ASKED) == said(STOPPED, group=None) == said(LOST) == Send()


@pytest.mark.parametrize("ending", ["withdrawn", "closed"])
@pytest.mark.parametrize("one", [touch(), ASKED, STOPPED, LOST])
def test_a_case_that_is_over_gets_nothing_more(one: Any, ending: str) -> None:
    assert said(one, ada(ended={"case-1": ending})) == Cancel(ending)  # type: ignore[arg-type]
    assert said(one, ada(ended={"another": ending})) == Send()


@pytest.mark.parametrize("one", [touch(), ASKED, STOPPED, LOST])
def test_a_red_flag_and_an_unreadable_record_hold_everything(one: Any) -> None:
    assert said(one, ada(flagged=True)) == said(one, ada(unreadable=True)) == Wait()


def test_an_unreadable_record_of_a_group_holds_what_is_about_the_group() -> None:
    assert said(group=choir(unreadable=True)) == said(ASKED, group=choir(unreadable=True)) == Wait()


@pytest.mark.parametrize("step", get_args(Step))
def test_what_is_too_late_is_cancelled_but_for_what_a_human_was_to_say(step: Step) -> None:
    late = touch(step=step, useless_after=NOW)
    assert said(late) == Cancel("too_late")
    assert said(touch(useless_after=NOW + SECOND)) == Send()
    assert said(touch(step=step, channel="task", useless_after=NOW)) == Fail()
    assert said(late, ada(flagged=True)) == said(late)


@pytest.mark.parametrize("step", get_args(Step))
def test_what_nobody_could_read_in_time_is_a_human_s(step: Step) -> None:
    late = touch(step=step, useless_after=NOW)
    assert said(late, ada(unreadable=True)) == said(late, group=choir(unreadable=True)) == Fail()
    assert said(late, ada(unreadable=True, ended={"case-1": "closed"})) == Cancel("closed")


def test_only_a_place_that_lives_is_written_about() -> None:
    assert said(person=ada(live_places=frozenset())) == said(ASKED, ada(live_places=frozenset())) == Cancel("place_lost")
    assert said(LOST, ada(live_places=frozenset())) == said(STOPPED, ada(live_places=frozenset())) == Send()


def test_a_group_that_is_not_listed_or_not_active_is_waited_for() -> None:
    group = choir().group
    assert group is not None
    paused = choir(group=group.model_copy(update={"status": "paused"}))
    assert said(group=choir(listed=False)) == said(group=paused) == said(group=None) == said(ASKED, group=paused) == Wait()
    assert said(LOST, group=paused) == Send()


def test_a_touch_without_a_way_out_is_a_human_s() -> None:
    assert said(touch(channel="task")) == Fail()
    assert said(touch(channel="task"), ada(flagged=True)) == Wait()


def test_consent_is_needed_for_the_very_channel() -> None:
    by_mail = ada(consent=Consent(email=True))
    assert said(person=by_mail) == Cancel("no_consent")
    assert said(touch(channel="email"), by_mail) == Send()
    assert said(person=ada(consent=Consent(), turned_off=frozenset({"sms"}))) == Cancel("stopped")


def test_that_it_stops_is_confirmed_without_consent_and_beyond_the_limits() -> None:
    assert said(STOPPED, ada(consent=Consent(), turned_off=frozenset({"sms"}), claims=(NOW, NOW, NOW))) == Send()
    assert said(STOPPED, ada(consent=Consent()), now=NOW.replace(hour=6)) == Wait(NOW.replace(hour=8))


def test_nobody_is_written_to_where_that_is_not_safe_or_not_known() -> None:
    assert said(person=ada(contact=CONTACT.model_copy(update={"safe_to_contact": False}))) == Fail()
    assert said(person=ada(contact=None)) == said(person=ada(contact=CONTACT.model_copy(update={"phone": "none"}))) == Fail()
    assert said(ASKED, group=choir(organiser=None)) == said(ASKED, group=choir(organiser=GroupContact(email="no address"))) == Fail()


@pytest.mark.parametrize(
    ("hour", "minute", "opens"), [(7, 59, NOW.replace(hour=8)), (8, 0, None), (19, 59, None), (20, 0, NOW.replace(day=10, hour=8))]
)
def test_the_hours_are_from_eight_to_eight(hour: int, minute: int, opens: datetime | None) -> None:
    now = NOW.replace(hour=hour, minute=minute)
    late = now + timedelta(days=3)
    for one in (touch(useless_after=late), touch(step="organiser_asked", channel="email", useless_after=late)):
        assert said(one, now=now) == (Wait(opens) if opens else Send())


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_on_the_days_when_clocks_change_the_hours_are_those_of_the_new_time(day: datetime) -> None:
    one = touch(useless_after=day + 3 * A_DAY)
    offset = day.replace(hour=12).astimezone(LONDON).utcoffset() or timedelta()
    opens = day.replace(hour=8) - offset
    assert said(one, now=opens - SECOND) == Wait(opens)
    assert said(one, now=opens) == said(one, now=opens + timedelta(hours=12) - SECOND) == Send()
    assert isinstance(said(one, now=opens + timedelta(hours=12)), Wait)


def test_one_a_day_by_the_calendar_and_by_the_hours() -> None:
    yesterday = NOW - timedelta(hours=15)  # 19:00, so that today is another day but not 24 hours later
    assert said(person=ada(claims=(yesterday,))) == Wait(yesterday + A_DAY + SECOND)
    assert said(person=ada(claims=(NOW - A_DAY - SECOND,))) == Send()


def test_a_day_of_25_hours_is_one_day() -> None:
    first = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # the first half hour of the 25th in London, which has 25
    one = touch(useless_after=first + 3 * A_DAY)
    allowed = datetime(2026, 10, 26, 0, 0, tzinfo=UTC)
    assert said(one, ada(claims=(first,)), now=datetime(2026, 10, 25, 19, 0, tzinfo=UTC)) == Wait(allowed)


def test_three_in_any_seven_days_over_all_cases() -> None:
    claims = (NOW - timedelta(days=7), NOW - timedelta(days=4), NOW - timedelta(days=2))
    assert said(person=ada(claims=claims)) == Wait(NOW + SECOND)
    assert said(person=ada(claims=claims), now=NOW + SECOND) == Send()
    assert said(person=ada(claims=claims[1:])) == Send()


def test_an_organiser_is_asked_once_a_day_and_not_by_the_person_s_limits() -> None:
    assert said(ASKED, group=choir(asked=(NOW - timedelta(hours=2),))) == Wait(NOW - timedelta(hours=2) + A_DAY + SECOND)
    assert said(ASKED, ada(claims=(NOW, NOW, NOW), consent=Consent())) == Send()


def test_what_stands_first_decides() -> None:
    everything = ada(ended={"case-1": "closed"}, unreadable=True, flagged=True, live_places=frozenset(), consent=Consent(), contact=None)
    late = touch(useless_after=NOW, channel="task")
    assert said(late, everything, choir(listed=False), NOW.replace(hour=3)) == Cancel("closed")
    assert [rule.__name__ for rule in RULES] == [
        "_over", "_too_late", "_unreadable", "_red_flag", "_place", "_by_hand", "_consent", "_reach", "_hours", "_limits",
    ]  # fmt: skip
    assert sorted(TOLD_BY_A_HUMAN) == ["day_before", "first_session", "news"]
