"""From the place held to the questions of week six, one message a touch; and whatever stops, moves or loses it on the way."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.events.follow_ups import FollowUpCancelled, FollowUpClaimed, FollowUpFailed, FollowUpPlanned, FollowUpSent, ReplyMeaning, ReplyReceived
from schemas.events.groups import GroupDelisted
from schemas.events.outcomes import ContactLost, Measured, SessionAttended, WellbeingMeasured
from schemas.events.places import PlaceConfirmed
from schemas.events.referrals import ConsentChanged, RedFlagCleared, RedFlagRaised, ReferralClosed
from services.chassis.errors import Ambiguous, NotFound
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.town import LONDON, NOW, Town, local

LIFE = ["first_session", "day_before", "day_after", "week_2", "week_6"]
MARCH = date(2026, 3, 1)


def meanings(town: Town) -> list[str]:
    """What every reply was understood to mean."""
    return [data.matching.meaning for data in town.facts(ReplyReceived) if isinstance(data.matching, ReplyMeaning)]


def to_person(steps: Sequence[str]) -> list[str]:
    """The steps that are no organiser's."""
    return [step for step in steps if step != "organiser_asked"]


def due(town: Town) -> dict[str, datetime]:
    """When each step was planned for, the newest plan of it."""
    return {data.step: data.due_at.astimezone(LONDON) for data in town.facts(FollowUpPlanned)}


def ends(town: Town, kind: type[Any]) -> list[tuple[str, str]]:
    """The steps that ended so, each with its reason."""
    return [(data.step, data.reason) for data in town.facts(kind)]


def test_everything_is_planned_when_the_place_is_held(placed: Town) -> None:
    assert to_person(placed.steps(FollowUpPlanned)) == LIFE
    assert {step: moment for step, moment in due(placed).items() if step in LIFE} == {
        "first_session": NOW,
        "day_before": local(date(2026, 3, 11), 14),
        "day_after": local(date(2026, 3, 13), 10),
        "week_2": local(date(2026, 3, 27), 10),
        "week_6": local(date(2026, 4, 24), 10),
    }


def test_from_the_details_to_week_six_each_touch_is_one_message(placed: Town) -> None:
    for day in range(60):
        placed.at(local(date(2026, 3, 3), 12) + timedelta(days=day))
        if placed.steps(FollowUpSent)[-1:] == ["day_after"]:
            placed.reply("yes I went")
    assert to_person(placed.steps(FollowUpSent)) == LIFE
    assert placed.steps(FollowUpSent).count("organiser_asked") == 2
    sent = {data.touch_id for data in placed.facts(FollowUpSent)}
    assert placed.outbox().keys() == sent == {data.touch_id for data in placed.facts(FollowUpClaimed)}
    assert all(mail["X-Together-Touch"] == touch_id for touch_id, mail in placed.outbox().items())
    assert placed.left_over() == []


def test_messages_speak_to_the_person_by_their_first_name(the_town: Town) -> None:
    the_town.refer(consent={"match": True, "email": True})
    the_town.hold(session=THURSDAY)
    placed = the_town
    [details] = [data.touch_id for data in placed.facts(FollowUpSent) if data.step == "first_session"]
    text = placed.outbox()[details].get_content()
    assert "Ada" in text
    assert "Byron" not in text
    assert "https://together.example/p/" in text
    asked = [data.touch_id for data in placed.facts(FollowUpSent) if data.step == "organiser_asked"]
    assert [placed.outbox()[touch_id]["To"] for touch_id in asked] == ["choir@example.org"]
    assert "https://together.example/g/" in placed.outbox()[asked[0]].get_content()


def test_nothing_goes_out_at_night(the_town: Town) -> None:
    the_town.refer()
    the_town.at(local(date(2026, 3, 2), 22))
    the_town.hold(session=THURSDAY)
    assert the_town.outbox() == {}
    the_town.at(local(date(2026, 3, 3), 7, 59))
    assert the_town.outbox() == {}
    the_town.at(local(date(2026, 3, 3), 8))
    assert to_person(the_town.steps(FollowUpSent)) == ["first_session"]


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
    assert ("day_before", "unreachable") in ends(placed, FollowUpFailed)
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


def test_what_the_coordinator_knows_is_not_asked(placed: Town) -> None:
    placed.say(SessionAttended(person="person-1", case_id="case-1", group_id="choir", on=date(2026, 3, 12), said_by="coordinator"))
    placed.embedded.settle()
    assert ends(placed, FollowUpCancelled) == [("day_after", "answered"), ("organiser_asked", "answered")]


def test_a_moved_session_cancels_plans_anew_and_is_told(placed: Town) -> None:
    placed.later(days=1, minutes=1)
    placed.move(THURSDAY + timedelta(days=1))
    assert {reason for _, reason in ends(placed, FollowUpCancelled)} == {"moved"}
    assert to_person(placed.steps(FollowUpSent)) == ["first_session", "news"]
    assert due(placed)["day_after"] == local(date(2026, 3, 14), 10)
    placed.later(hours=1)
    placed.move(THURSDAY)
    placed.later(days=2)
    assert to_person(placed.steps(FollowUpSent)) == ["first_session", "news", "news"]


def test_a_session_that_moves_before_the_details_went_is_simply_the_session(the_town: Town) -> None:
    the_town.refer()
    the_town.at(local(date(2026, 3, 2), 22))
    the_town.hold(session=THURSDAY)
    the_town.move(THURSDAY + timedelta(days=1))
    the_town.at(local(date(2026, 3, 3), 9))
    assert to_person(the_town.steps(FollowUpSent)) == ["first_session"]


@pytest.mark.parametrize(("reason", "told"), [("refused_by_organiser", True), ("delisted", True), ("declined", False), ("changed", False)])
def test_a_lost_place_is_told_unless_it_was_their_wish(placed: Town, reason: str, told: bool) -> None:
    placed.release(reason)
    placed.later(days=2)
    assert {why for _, why in ends(placed, FollowUpCancelled)} == {"place_lost"}
    assert to_person(placed.steps(FollowUpSent)) == (["first_session", "news"] if told else ["first_session"])


def test_withdrawn_closed_and_erased_get_nothing_more(placed: Town) -> None:
    placed.refer(2)
    placed.hold(2, THURSDAY, version=1)
    placed.withdraw()
    placed.say(ReferralClosed(person="person-2", case_id="case-2"))
    placed.later(days=60)
    assert {reason for _, reason in ends(placed, FollowUpCancelled)} == {"withdrawn", "closed"}
    assert set(to_person(placed.steps(FollowUpSent))) == {"first_session"}


def test_erasure_deletes_the_person_s_messages_and_no_others(placed: Town) -> None:
    placed.refer(2)
    placed.later(days=1, minutes=1)
    placed.hold(2, THURSDAY)
    theirs = {data.touch_id for data in placed.facts(FollowUpSent) if data.person == "person-2"}
    mine = placed.outbox().keys() - theirs
    assert theirs
    assert mine
    placed.erase()
    assert placed.outbox().keys() == theirs
    before = len(placed.facts(FollowUpSent))
    placed.days(15)
    assert {data.person for data in placed.facts(FollowUpSent)[before:]} == {"person-2"}


def test_a_delisted_group_is_not_written_about(placed: Town) -> None:
    placed.say(GroupDelisted(group_id="choir", feed="town"))
    placed.at(local(date(2026, 3, 11), 15))
    assert to_person(placed.steps(FollowUpSent)) == ["first_session"]
    placed.list_group()
    placed.embedded.settle()
    assert placed.steps(FollowUpSent)[-1] == "day_before"


def test_who_cannot_be_written_to_is_a_human_s(the_town: Town) -> None:
    the_town.refer(consent={"match": True})
    the_town.hold(session=THURSDAY)
    the_town.later(days=60)
    assert to_person(the_town.steps(FollowUpSent)) == []
    assert [step for step, reason in ends(the_town, FollowUpFailed) if reason == "unreachable"] == LIFE
    assert the_town.facts(ContactLost) == []


def test_a_place_without_a_date_plans_nothing(the_town: Town) -> None:
    the_town.refer()
    the_town.hold()
    assert the_town.facts(FollowUpPlanned) == []


def test_a_confirmed_place_is_not_asked_about_again(the_town: Town) -> None:
    the_town.refer()
    the_town.at(local(date(2026, 3, 2), 22))
    held = the_town.hold(session=THURSDAY)
    the_town.say(PlaceConfirmed(**held.model_dump(exclude={"count", "session"}), count=next(the_town.counts)))
    the_town.embedded.settle()
    assert ends(the_town, FollowUpCancelled) == [("organiser_asked", "answered")]


def test_an_organiser_is_written_to_once_a_day(the_town: Town) -> None:
    for number in (1, 2, 3):
        the_town.refer(number)
        the_town.hold(number, THURSDAY)
    assert the_town.steps(FollowUpSent).count("organiser_asked") == 1
    the_town.later(days=1, minutes=1)
    assert the_town.steps(FollowUpSent).count("organiser_asked") == 2


def test_a_reply_from_nobody_and_from_one_of_several_is_refused(placed: Town) -> None:
    placed.refer(2, person_id="P-1", referrer={"organisation": "Another Surgery"})
    assert isinstance(placed.reply("yes", "nobody"), NotFound)
    several = placed.reply("yes")
    assert isinstance(several, Ambiguous)
    assert several.choices == ("person-1", "person-2")
    assert not isinstance(placed.reply("yes", "person-2"), Exception)


def test_no_name_number_or_word_of_a_person_is_in_the_data(placed: Town) -> None:
    placed.reply("stop, says Ada in so many words")
    placed.stop()
    kept = b"".join(file.read_bytes() for file in (placed.folder / "data").glob("together.sqlite3*"))
    placed.start()
    assert b"choir" in kept
    assert not [word for word in (b"Byron", b"7700900123", b"07700", b"ada@example", b"choir@example", b"so many words", b'P-1"') if word in kept]


def test_times_are_those_of_the_person_s_own_zone(the_town: Town) -> None:
    the_town.refer(time_zone="America/New_York")
    the_town.hold(session=THURSDAY)
    assert to_person(the_town.steps(FollowUpSent)) == []
    the_town.at(datetime(2026, 3, 2, 12, 59, tzinfo=UTC))
    assert to_person(the_town.steps(FollowUpSent)) == []
    the_town.at(datetime(2026, 3, 2, 13, 0, tzinfo=UTC))
    assert to_person(the_town.steps(FollowUpSent)) == ["first_session"]
