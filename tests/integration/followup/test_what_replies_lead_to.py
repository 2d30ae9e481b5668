"""What follows from what people answer, and from their silence."""

from datetime import date, timedelta

import pytest

from schemas.events.follow_ups import FollowUpCancelled, FollowUpSent, ReplyReceived
from schemas.events.outcomes import ContactLost, Measured, SessionAttended, WellbeingMeasured
from schemas.events.referrals import ConsentChanged, ConsentChoice, RedFlagCleared, RedFlagRaised
from services.chassis.errors import Ambiguous, NotFound
from tests.integration.followup.told import LIFE, ends, meanings, to_person
from tests.integration.followup.town import Town, local


def test_stop_stops_every_channel_and_is_confirmed_once(placed: Town) -> None:
    placed.reply("please stop texting me")
    placed.reply("STOP")
    assert meanings(placed) == ["stop", "stop"]
    assert to_person(placed.steps(FollowUpSent)) == ["first_session", "stop_confirmed"]
    assert {reason for step, reason in ends(placed, FollowUpCancelled) if step in LIFE} == {"stopped"}
    placed.later(days=60)
    assert to_person(placed.steps(FollowUpSent)) == ["first_session", "stop_confirmed"]
    [confirmed] = [mail for touch_id, mail in placed.outbox().items() if touch_id == placed.facts(FollowUpSent)[-1].touch_id]
    assert "choir" not in confirmed.get_content()


def test_stop_at_night_is_confirmed_in_the_morning(placed: Town) -> None:
    placed.at(local(date(2026, 3, 4), 23))
    placed.reply("stop")
    assert "stop_confirmed" not in placed.steps(FollowUpSent)
    placed.at(local(date(2026, 3, 5), 8))
    assert placed.steps(FollowUpSent)[-1] == "stop_confirmed"


def test_start_brings_back_what_was_agreed_before(placed: Town) -> None:
    placed.reply("stop")
    placed.later(days=2)
    placed.reply("start")
    [_, last] = placed.facts(ConsentChanged)
    assert last.matching is not None
    assert last.matching.consent.sms  # type: ignore[union-attr]
    assert not last.matching.consent.email  # type: ignore[union-attr]
    placed.at(local(date(2026, 3, 11), 15))
    assert placed.steps(FollowUpSent)[-1] == "day_before"


def test_a_stop_with_a_red_flag_in_it_holds_both_and_confirms_nothing(placed: Town) -> None:
    placed.reply("stop. I want to kill myself")
    assert meanings(placed) == ["stop"]
    assert len(placed.facts(RedFlagRaised)) == 1
    assert len(placed.facts(ConsentChanged)) == 1
    placed.later(days=3)
    assert to_person(placed.steps(FollowUpSent)) == ["first_session"]


def test_a_red_flag_in_a_reply_holds_everything_until_it_is_cleared(placed: Town) -> None:
    placed.reply("I want to end my life")
    assert meanings(placed) == ["red_flag"]
    [flag] = placed.facts(RedFlagRaised)
    assert flag.matching.noticed_in == "reply"  # type: ignore[union-attr]
    placed.at(local(date(2026, 3, 11), 15))
    assert to_person(placed.steps(FollowUpSent)) == ["first_session"]
    placed.say(RedFlagCleared(person="person-1", flag_ids=[flag.flag_id]))
    placed.embedded.settle()
    assert placed.steps(FollowUpSent)[-1] == "day_before"


def test_a_flag_that_is_not_cleared_leaves_a_human_to_tell(placed: Town) -> None:
    placed.reply("I want to end my life")
    placed.later(days=60)
    assert ("day_before", "too_late") in ends(placed, FollowUpCancelled)
    assert ("week_6", "too_late") in ends(placed, FollowUpCancelled)


@pytest.mark.parametrize(("text", "meaning"), [("help", "help"), ("call me please", "call_me"), ("the bus was blue", "not_understood")])
def test_what_a_human_must_answer_changes_nothing(placed: Town, text: str, meaning: str) -> None:
    placed.reply(text)
    assert meanings(placed) == [meaning]
    assert placed.facts(ConsentChanged) == []
    assert placed.facts(RedFlagRaised) == []


def test_a_reply_is_about_the_newest_question(placed: Town) -> None:
    placed.at(local(date(2026, 3, 11), 15))
    placed.at(local(date(2026, 3, 13), 10))
    placed.reply("yes I came")
    reply = placed.facts(ReplyReceived)[-1]
    question = next(data for data in placed.facts(FollowUpSent) if data.step == "day_after")
    assert (reply.touch_id, reply.place_id, reply.case_id, reply.channel) == (question.touch_id, "place-1-1", "case-1", "local")
    assert meanings(placed) == ["came"]


def test_week_six_measures(placed: Town) -> None:
    for day in (local(date(2026, 3, 27), 10), local(date(2026, 4, 24), 10)):
        placed.at(day)
    placed.reply("1 2 1 4")
    [measured] = placed.facts(WellbeingMeasured)
    assert isinstance(measured.matching, Measured)
    assert (measured.matching.loneliness.ucla3, measured.matching.loneliness.direct) == ((1, 2, 1), 4)
    placed.later(days=10)
    assert len(placed.facts(ContactLost)) == 1  # week two, never answered


def test_silence_is_told_once_and_not_where_somebody_answered(placed: Town) -> None:
    placed.at(local(date(2026, 3, 13), 10))
    placed.at(local(date(2026, 3, 18), 9, 59))
    assert placed.facts(ContactLost) == []
    placed.at(local(date(2026, 3, 18), 10))
    placed.later(days=2)
    assert len(placed.facts(ContactLost)) == 1
    placed.at(local(date(2026, 3, 27), 10))
    placed.reply("hello")
    placed.later(days=8)
    assert len(placed.facts(ContactLost)) == 1


def test_an_organiser_s_word_is_enough_to_break_the_silence(placed: Town) -> None:
    placed.at(local(date(2026, 3, 13), 10))
    placed.say(SessionAttended(person="person-1", case_id="case-1", group_id="choir", on=date(2026, 3, 12), said_by="organiser"))
    placed.later(days=6)
    assert placed.facts(ContactLost) == []


def test_a_reply_from_nobody_and_from_one_of_several_is_refused(placed: Town) -> None:
    placed.refer(2, person_id="P-1", referrer={"organisation": "Another Surgery"})
    assert isinstance(placed.reply("yes", "nobody"), NotFound)
    several = placed.reply("yes")
    assert isinstance(several, Ambiguous)
    assert several.choices == ("person-1", "person-2")
    assert not isinstance(placed.reply("yes", "person-2"), Exception)


def test_saying_it_again_after_something_else_is_saying_it_anew(placed: Town) -> None:
    for text in ("stop", "stop", "start", "stop", "stop"):
        placed.reply(text)
    assert meanings(placed) == ["stop", "start", "stop"]
    consents = [fact.matching.consent.sms for fact in placed.facts(ConsentChanged) if isinstance(fact.matching, ConsentChoice)]
    assert consents == [False, True, False]


def test_what_worries_us_is_said_anew_once_nobody_has_it_before_them(placed: Town) -> None:
    for _ in range(2):
        placed.reply("I want to end my life")
    [flag] = placed.facts(RedFlagRaised)
    placed.say(RedFlagCleared(person="person-1", flag_ids=[flag.flag_id]))
    placed.embedded.settle()
    placed.reply("I want to end my life")
    assert len(placed.facts(RedFlagRaised)) == 2


def test_a_touch_measures_once(placed: Town) -> None:
    placed.at(local(date(2026, 4, 24), 10))
    for text in ("1 2 1 4", "2 2 2 2"):
        placed.reply(text)
    assert meanings(placed) == ["measured", "measured"]
    assert len(placed.facts(WellbeingMeasured)) == 1


def test_what_was_said_last_is_forgotten_with_the_person(placed: Town) -> None:
    placed.reply("hello")
    said = (placed.facts(ReplyReceived)[0].touch_id or "", "local", "hello"), placed.clock.now(), timedelta(minutes=10)
    with placed.storing() as store:
        assert store.says_again("person-1", *said)
    placed.erase()
    with placed.storing() as store:
        assert not store.says_again("person-1", *said)
