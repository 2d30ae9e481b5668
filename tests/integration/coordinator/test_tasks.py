"""What a human is told to do, by when, and what ends it: one open task a case and kind, whatever led to it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.events.base import Data
from schemas.events.cases import TaskOpened
from schemas.events.follow_ups import FollowUpCancelled, FollowUpFailed, NotSent, Step, WhyCancelled
from schemas.events.outcomes import ContactLost, SessionAttended
from schemas.events.places import PlaceConfirmed, PlaceMoved, PlaceRequested
from schemas.events.referrals import (
    RedFlag,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralDetails,
    ReferralMatching,
    ReferralReceived,
    ReferralWithdrawn,
)
from schemas.referral import PersonContact
from services.chassis.errors import NotFound
from services.coordinator.commands import CloseCase, CloseTask, Command, OpenTask, RecordAttendance, WriteNote
from tests.integration.coordinator.desk import NOW, TUESDAY, Desk
from tests.integration.coordinator.task_facts import ABOUT, open_tasks, reply, told_of


def flag(flag_id: str) -> RedFlagRaised:
    return RedFlagRaised(**ABOUT, flag_id=flag_id, matching=RedFlag(code="abuse", noticed_in="reply"))


def test_a_red_flag_is_the_duty_worker_s_within_the_hour_and_ends_when_every_flag_is_cleared(the_desk: Desk) -> None:
    the_desk.say(flag("f-1"), flag("f-2"))
    task = open_tasks(the_desk)["red_flag"]
    assert (task["owner"], task["due_at"]) == ("duty worker", (NOW + timedelta(hours=1)).isoformat())
    [item] = the_desk.queue()
    assert item["next_action"].startswith("A red flag is open")
    the_desk.later(hours=2)
    [item] = the_desk.queue("overdue")
    assert item["next_action"].startswith("Overdue: a red flag is open")
    the_desk.say(RedFlagCleared(person="ada", flag_ids=["f-1"]))
    assert "red_flag" in open_tasks(the_desk)
    the_desk.say(RedFlagCleared(person="ada", flag_ids=["f-2"]))
    assert open_tasks(the_desk) == {}
    assert the_desk.queue("overdue") == []


def test_a_flag_that_was_cleared_before_it_came_opens_nothing(the_desk: Desk) -> None:
    the_desk.say(RedFlagCleared(person="ada", flag_ids=["f-1"]), flag("f-1"))
    assert (open_tasks(the_desk), the_desk.case()["status"]) == ({}, "proposed")


@pytest.mark.parametrize(
    ("meaning", "kind"),
    [
        ("help", "asked_for_help"),
        ("call_me", "asked_for_help"),
        ("not_understood", "not_understood"),
        ("came", "not_understood"),
        ("no", "cannot_come"),
    ],
)
def test_a_reply_that_asks_for_a_human_gets_one(the_desk: Desk, meaning: str, kind: str) -> None:
    the_desk.say(reply(meaning, "please ring"), reply(meaning, "hello?"))
    task = open_tasks(the_desk)[kind]
    assert "please ring" in task["what"]
    assert datetime.fromisoformat(task["due_at"]) == NOW + timedelta(days=1)


def test_a_working_day_is_none_at_the_weekend(the_desk: Desk) -> None:
    the_desk.later(days=2)
    the_desk.say(reply("help"))
    assert datetime.fromisoformat(open_tasks(the_desk)["asked_for_help"]["due_at"]) == NOW + timedelta(days=5)


def test_a_message_that_failed_says_which_and_why(the_desk: Desk) -> None:
    the_desk.say(FollowUpFailed(**ABOUT, touch_id="t", step="day_before", reason="unknown"))
    assert open_tasks(the_desk)["message_failed"]["what"] == (
        "The reminder on the day before did not reach the person: nobody knows whether it arrived. Tell them yourself"
    )
    [touch] = the_desk.case()["touches"]
    assert (touch["step"], touch["state"]) == ("day_before", "failed")


@pytest.mark.parametrize("step", ["first_session", "day_before", "news"])
def test_what_was_too_late_to_send_and_must_be_said_is_a_task_that_says_so(the_desk: Desk, step: Step) -> None:
    the_desk.say(FollowUpCancelled(**ABOUT, touch_id="t", step=step, matching=NotSent(reason="too_late")))
    assert open_tasks(the_desk)["message_failed"]["what"].endswith(" did not reach the person: it was too late to send it. Tell them yourself")
    assert [(touch["step"], touch["state"]) for touch in the_desk.case()["touches"]] == [(step, "failed")]


@pytest.mark.parametrize(("step", "reason"), [("day_after", "too_late"), ("week_2", "too_late"), ("day_before", "stopped"), ("news", "moved")])
def test_what_is_of_no_use_any_more_is_no_task(the_desk: Desk, step: Step, reason: WhyCancelled) -> None:
    the_desk.say(FollowUpCancelled(**ABOUT, touch_id="t", step=step, matching=NotSent(reason=reason)))
    assert open_tasks(the_desk) == {}
    assert [touch["state"] for touch in the_desk.case()["touches"]] == ["cancelled"]


def test_a_person_nobody_reaches_is_silent_until_it_is_known_whether_they_came(the_desk: Desk) -> None:
    the_desk.say(ContactLost(**ABOUT), ContactLost(**ABOUT))
    assert set(open_tasks(the_desk)) == {"silent"}
    assert [item["case_id"] for item in the_desk.queue("silent")] == ["case-1"]
    the_desk.ask(RecordAttendance, group_id="choir", on=TUESDAY.date, attended=False)
    assert (open_tasks(the_desk), the_desk.queue("silent")) == ({}, [])


def test_an_organiser_s_silence_is_a_task_two_days_before_the_session_and_ends_with_a_yes(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    the_desk.clock.set(TUESDAY.start - timedelta(days=2, minutes=1))
    the_desk.later(seconds=0)
    assert open_tasks(the_desk) == {}
    the_desk.later(minutes=1)
    assert set(open_tasks(the_desk)) == {"organiser_silent"}
    the_desk.later(hours=1)
    assert len(the_desk.written(TaskOpened)) == 1
    the_desk.place(PlaceConfirmed, place)
    assert (open_tasks(the_desk), the_desk.case()["place"]["state"]) == ({}, "confirmed")
    the_desk.later(hours=20)
    assert len(the_desk.written(TaskOpened)) == 1


def test_a_place_without_a_date_is_asked_about_until_there_is_one(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place, None)
    assert set(open_tasks(the_desk)) == {"no_date"}
    the_desk.place(PlaceMoved, place, session=TUESDAY)
    assert open_tasks(the_desk) == {}


@pytest.mark.parametrize("ending", [ReferralWithdrawn, ReferralClosed])
def test_nobody_is_told_to_contact_a_person_whose_case_has_ended(the_desk: Desk, ending: type[Data]) -> None:
    the_desk.say(ending.model_validate(ABOUT))
    the_desk.say(FollowUpFailed(**ABOUT, touch_id="t", step="stop_confirmed", reason="unknown"))
    assert open_tasks(the_desk) == {}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("said", "safe"), [((False, None), False), ((False, True), True), ((True, False), False), ((None, None), True)])
def test_where_contact_may_not_be_safe_the_task_says_to_read_first(the_desk: Desk, said: tuple[bool | None, ...], safe: bool, at_once: bool) -> None:
    for number, one in enumerate(said, 2):
        the_desk.later(minutes=1)
        contact = PersonContact(name="Ada", safe_to_contact=one)
        details = ReferralDetails(referral_id=f"REF-{number}", person_id="of-ada", contact=contact)
        received = {"received_at": the_desk.clock.now(), "details": details, "matching": ReferralMatching.model_validate({})}
        the_desk.say(ReferralReceived.model_validate({"person": "ada", "case_id": f"case-{number}", **received}))
    late = FollowUpCancelled(**ABOUT, touch_id="t", step="day_before", matching=NotSent(reason="too_late"))
    the_desk.say(FollowUpFailed(**ABOUT, touch_id="t", step="day_before", reason="unreachable") if at_once else late)
    what = open_tasks(the_desk)["message_failed"]["what"]
    assert ("Tell them yourself" in what, "contact may not be safe" in what) == (safe, not safe)


def test_what_a_case_leaves_to_do_ends_with_it_but_for_who_asked_for_a_human(the_desk: Desk) -> None:
    the_desk.say(ContactLost(**ABOUT), reply("no"), reply("help"))
    the_desk.ask(CloseCase)
    assert set(open_tasks(the_desk)) == {"asked_for_help"}


def test_tasks_and_notes_by_hand(the_desk: Desk) -> None:
    [opened] = the_desk.ask(OpenTask, what="Ask the choir for a lift", owner="Sam")
    the_desk.ask(OpenTask, what="Send the leaflet", due_at=NOW + timedelta(days=9))
    the_desk.ask(WriteNote, text="Prefers mornings", written_by="Sam")
    [closed] = the_desk.ask(CloseTask, task_id=opened.task_id, note="Jo drives her")
    assert closed.task_id == opened.task_id
    assert the_desk.ask(CloseTask, task_id=opened.task_id) == []
    with pytest.raises(NotFound):
        the_desk.ask(CloseTask, task_id="nothing")
    case = the_desk.case()
    assert [(task["what"], task["note"]) for task in case["tasks"]] == [("Send the leaflet", None), ("Ask the choir for a lift", "Jo drives her")]
    assert [(note["text"], note["written_by"]) for note in case["notes"]] == [("Prefers mornings", "Sam")]
    assert "NoteWritten" not in [entry["event"] for entry in the_desk.status()["history"]]


def test_the_same_note_or_task_again_within_ten_minutes_is_the_same(the_desk: Desk) -> None:
    asked: list[tuple[type[Command], dict[str, Any]]] = [
        (WriteNote, {"text": "Prefers mornings", "written_by": "Sam"}),
        (OpenTask, {"what": "Send the leaflet", "owner": "Sam"}),
        (OpenTask, {"what": "Send the leaflet", "owner": "Sam", "due_at": NOW + timedelta(days=9)}),
    ]
    for kind, fields in asked:
        assert len(the_desk.ask(kind, **fields)) == 1
        the_desk.later(minutes=1)
        assert the_desk.ask(kind, **fields) == []
        assert len(the_desk.ask(kind, **{**fields, "text" if kind is WriteNote else "what": "Another"})) == 1
        the_desk.later(minutes=11)
        assert len(the_desk.ask(kind, **fields)) == 1


def test_a_task_that_is_closed_may_be_opened_again_at_once(the_desk: Desk) -> None:
    [opened] = the_desk.ask(OpenTask, what="Send the leaflet")
    the_desk.ask(CloseTask, task_id=opened.task_id)
    assert len(the_desk.ask(OpenTask, what="Send the leaflet")) == 1


def test_an_ended_case_with_something_to_do_stands_in_a_view(the_desk: Desk) -> None:
    the_desk.ask(CloseCase)
    assert (the_desk.queue(), the_desk.queue("to_do")) == ([], [])
    the_desk.say(reply("help"))
    assert (the_desk.queue(), [item["case_id"] for item in the_desk.queue("to_do")]) == ([], ["case-1"])
    with the_desk.embedded.reading("coordinator") as store:
        assert store.view_counts(NOW)["to_do"] == 1


def test_touches_are_told_with_how_far_they_have_come_whatever_came_first(the_desk: Desk, place: PlaceRequested) -> None:
    planned, claimed, sent = told_of(place)
    the_desk.say(sent)
    the_desk.say(planned, claimed)
    [touch] = the_desk.case()["touches"]
    assert (touch["state"], touch["channel"], touch["due_at"]) == ("sent", "sms", NOW.isoformat())


def test_an_outcome_closes_no_task_of_another_kind(the_desk: Desk) -> None:
    the_desk.ask(OpenTask, what="Send the leaflet")
    the_desk.say(SessionAttended(**ABOUT, group_id="choir", on=TUESDAY.date, said_by="organiser"))
    assert set(open_tasks(the_desk)) == {"by_hand"}
