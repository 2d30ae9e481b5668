"""From the place held to the questions of week six, one message a touch; and whatever stops, moves or loses it on the way."""

from datetime import date, timedelta

import pytest

from schemas.events.follow_ups import FollowUpCancelled, FollowUpClaimed, FollowUpPlanned, FollowUpSent
from schemas.events.groups import GroupDelisted
from schemas.events.outcomes import SessionAttended
from schemas.events.places import PlaceConfirmed
from schemas.events.referrals import ReferralClosed
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.told import LIFE, due, ends, to_person
from tests.integration.followup.town import NOW, Town, local


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


def test_no_name_number_or_word_of_a_person_is_in_the_data(placed: Town) -> None:
    placed.reply("stop, says Ada in so many words")
    placed.stop()
    kept = b"".join(file.read_bytes() for file in (placed.folder / "data").glob("together.sqlite3*"))
    placed.start()
    assert b"choir" in kept
    assert not [word for word in (b"Byron", b"7700900123", b"07700", b"ada@example", b"choir@example", b"so many words", b'P-1"') if word in kept]
