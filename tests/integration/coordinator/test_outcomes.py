"""Who came: one statement stands for each person, group and date, whoever says it; where two disagree a human is asked."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.follow_ups import FollowUpPlanned, ReplyMeaning, ReplyReceived
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.places import OrganiserAnswered, PlaceReleased, PlaceRequested
from services.chassis.errors import NotFound
from services.coordinator.commands import AnswerForGroup, ChooseGroup, RecordAttendance
from services.coordinator.handlers import UnknownGroup
from tests.integration.coordinator.desk import NOW, TUESDAY, Desk

CHOIR: dict[str, Any] = {"group_id": "choir", "on": TUESDAY.date}


@pytest.fixture
def place(the_desk: Desk) -> PlaceRequested:
    """The place that is held."""
    requested: PlaceRequested = the_desk.ask(ChooseGroup, group_id="choir")[1]
    the_desk.held(requested)
    return requested


def reply(meaning: Any, place: PlaceRequested, touch_id: str | None = None) -> ReplyReceived:
    return ReplyReceived(person="ada", case_id="case-1", place_id=place.place_id, touch_id=touch_id, matching=ReplyMeaning(meaning=meaning))


def statements(desk: Desk) -> list[tuple[str, str, int]]:
    """Every statement as it was written: what, by whom, and its revision."""
    found = [*desk.written(SessionAttended), *desk.written(SessionMissed)]
    return sorted(((type(one).__name__, one.said_by, one.revision) for one in found), key=lambda one: one[2])


def disagreements(desk: Desk) -> int:
    return sum(task["kind"] == "disagreement" and task["closed_at"] is None for task in desk.case()["tasks"])


def test_what_the_person_answers_is_taken_down_for_the_session_of_their_place(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.say(reply("came", place))
    case = the_desk.case()
    assert case["status"] == "attended"
    assert case["outcomes"] == [{"group_id": "choir", "on": "2026-07-07", "attended": True, "said_by": "person"}]
    assert the_desk.status()["outcomes"] == case["outcomes"]


def test_the_question_after_two_weeks_is_about_the_session_a_fortnight_later(the_desk: Desk, place: PlaceRequested) -> None:
    about: dict[str, Any] = {"person": "ada", "case_id": "case-1", "place_id": place.place_id}
    the_desk.say(
        FollowUpPlanned(**about, touch_id="w2", step="week_2", channel="sms", due_at=NOW, useless_after=NOW), reply("did_not_come", place, "w2")
    )
    [missed] = the_desk.written(SessionMissed)
    assert missed.on == TUESDAY.date + timedelta(days=14)


def test_the_same_answer_again_by_anyone_says_nothing_new(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.say(reply("came", place), reply("came", place))
    assert the_desk.ask(RecordAttendance, **CHOIR, attended=True) == []
    assert the_desk.ask(RecordAttendance, **CHOIR, attended=True, said_by="organiser") == []
    assert statements(the_desk) == [("SessionAttended", "person", 1)]


def test_organiser_against_person_asks_a_human_whose_word_settles_it(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.say(reply("came", place))
    the_desk.ask(RecordAttendance, **CHOIR, attended=False, said_by="organiser")
    assert disagreements(the_desk) == 1
    assert the_desk.case()["status"] == "placed"
    the_desk.ask(RecordAttendance, **CHOIR, attended=True)
    assert disagreements(the_desk) == 0
    assert statements(the_desk) == [("SessionAttended", "person", 1), ("SessionMissed", "organiser", 2), ("SessionAttended", "coordinator", 3)]
    assert the_desk.case()["status"] == "attended"


def test_a_coordinator_who_agrees_with_what_stands_settles_it_without_a_new_statement(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.ask(RecordAttendance, **CHOIR, attended=False, said_by="organiser")
    the_desk.say(reply("came", place))
    assert disagreements(the_desk) == 1
    the_desk.ask(RecordAttendance, **CHOIR, attended=True)
    assert disagreements(the_desk) == 0
    assert len(statements(the_desk)) == 2


@pytest.mark.parametrize("said_by", ["organiser", "person"])
def test_a_late_word_against_the_coordinator_s_is_taken_down_and_asked_about_and_changes_nothing(
    the_desk: Desk, place: PlaceRequested, said_by: str
) -> None:
    the_desk.ask(RecordAttendance, **CHOIR, attended=True)
    if said_by == "organiser":
        the_desk.ask(RecordAttendance, **CHOIR, attended=False, said_by="organiser")
        assert the_desk.ask(RecordAttendance, **CHOIR, attended=False, said_by="organiser") == []
    else:
        the_desk.say(reply("did_not_come", place), reply("did_not_come", place))
    assert statements(the_desk) == [("SessionAttended", "coordinator", 1), ("SessionMissed", said_by, 2)]
    assert disagreements(the_desk) == 1
    case = the_desk.case()
    assert case["status"] == "attended"
    assert case["outcomes"] == [{"group_id": "choir", "on": "2026-07-07", "attended": True, "said_by": "coordinator"}]
    the_desk.ask(RecordAttendance, **CHOIR, attended=True)
    assert disagreements(the_desk) == 0


@pytest.mark.usefixtures("place")
def test_who_comes_round_to_the_coordinator_s_word_is_heard_too(the_desk: Desk) -> None:
    the_desk.ask(RecordAttendance, **CHOIR, attended=True)
    the_desk.ask(RecordAttendance, **CHOIR, attended=False, said_by="organiser")
    the_desk.ask(RecordAttendance, **CHOIR, attended=True, said_by="organiser")
    assert statements(the_desk)[-1] == ("SessionAttended", "organiser", 3)
    the_desk.ask(RecordAttendance, **CHOIR, attended=False)
    assert the_desk.case()["status"] == "placed"


def test_who_changes_their_own_mind_disagrees_with_nobody(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.say(reply("came", place), reply("did_not_come", place))
    assert disagreements(the_desk) == 0
    assert [revision for _, _, revision in statements(the_desk)] == [1, 2]


def test_an_organiser_s_answer_goes_to_the_directory_once(the_desk: Desk, place: PlaceRequested) -> None:
    [answered] = the_desk.ask(AnswerForGroup, place_id=place.place_id, accepted=False, reason="full")
    assert isinstance(answered, OrganiserAnswered)
    assert (answered.place_id, answered.accepted, answered.reason) == (place.place_id, False, "full")
    assert the_desk.ask(AnswerForGroup, place_id=place.place_id, accepted=False, reason="full") == []
    assert len(the_desk.ask(AnswerForGroup, place_id=place.place_id, accepted=True)) == 1
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    assert the_desk.ask(AnswerForGroup, place_id=place.place_id, accepted=True) == []
    with pytest.raises(NotFound):
        the_desk.ask(AnswerForGroup, place_id="nothing", accepted=True)


def test_nobody_came_to_a_group_that_was_never_listed(the_desk: Desk) -> None:
    with pytest.raises(UnknownGroup):
        the_desk.ask(RecordAttendance, group_id="chess", on=TUESDAY.date, attended=True)
