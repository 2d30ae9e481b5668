"""Who has to be told when a place is lost or its group stops, and what there is no more to do then."""

import pytest

from schemas.events.base import Data
from schemas.events.follow_ups import FollowUpCancelled, FollowUpFailed, NotSent
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import PlaceHeld, PlaceReleased, PlaceRequested, PlaceWaitlisted
from services.coordinator.commands import ChooseGroup, CloseTask, DeclineGroups
from tests.integration.coordinator.desk import CHOIR, TUESDAY, Desk
from tests.integration.coordinator.task_facts import ABOUT, open_tasks, reply, told_of


def test_a_place_that_is_lost_after_the_person_was_told_is_a_task(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    the_desk.say(*told_of(place))
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    assert set(open_tasks(the_desk)) == {"place_lost"}
    assert the_desk.case()["status"] == "proposed"


def test_a_place_that_was_given_up_or_that_nobody_told_of_is_none(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    assert open_tasks(the_desk) == {}
    second = the_desk.ask(ChooseGroup, group_id="choir")[1]
    the_desk.held(second)
    the_desk.say(*told_of(second))
    the_desk.place(PlaceReleased, second, reason="declined")
    assert open_tasks(the_desk) == {}


@pytest.mark.parametrize("stopped", ["paused", "delisted"])
def test_a_group_that_stops_after_the_person_was_told_is_a_task_and_no_release(the_desk: Desk, place: PlaceRequested, stopped: str) -> None:
    the_desk.held(place)
    the_desk.say(*told_of(place))
    paused = CHOIR.model_copy(update={"status": "paused"})
    gone = GroupDelisted(group_id="choir", feed="f")
    the_desk.say(gone if stopped == "delisted" else GroupListed(group_id="choir", feed="f", group=paused, content="d"))
    assert set(open_tasks(the_desk)) == {"place_lost"}
    assert the_desk.case()["status"] == "placed"


@pytest.mark.parametrize("answer", [PlaceHeld, PlaceWaitlisted])
@pytest.mark.parametrize("first", ["stopped", "answered"])
def test_a_group_that_stops_is_a_task_for_everybody_who_has_a_place_or_waits_for_one(
    the_desk: Desk, place: PlaceRequested, answer: type[Data], first: str
) -> None:
    gone = GroupDelisted(group_id="choir", feed="f")
    if first == "stopped":
        the_desk.say(gone)
        assert open_tasks(the_desk) == {}
    the_desk.place(answer, place, **({"session": TUESDAY} if answer is PlaceHeld else {}))
    the_desk.say(gone)
    assert set(open_tasks(the_desk)) == {"place_lost"}
    the_desk.ask(CloseTask, task_id=open_tasks(the_desk)["place_lost"]["task_id"])
    the_desk.say(gone)
    assert open_tasks(the_desk) == {}
    the_desk.say(*told_of(place))
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    assert set(open_tasks(the_desk)) == {"place_lost"}


def test_a_group_that_runs_again_by_now_is_no_task(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    paused = CHOIR.model_copy(update={"status": "paused"})
    listed = [GroupListed(group_id="choir", feed="f", group=group, content=group.status) for group in (paused, CHOIR)]
    the_desk.say(*listed)
    assert open_tasks(the_desk) == {}


@pytest.mark.parametrize("failed_first", [True, False])
def test_a_message_that_may_have_arrived_makes_a_lost_place_a_task_and_its_own_task_goes(
    the_desk: Desk, place: PlaceRequested, failed_first: bool
) -> None:
    the_desk.held(place)
    failed = FollowUpFailed(**ABOUT, touch_id="t", step="first_session", place_id=place.place_id, reason="unknown")
    if failed_first:
        the_desk.say(failed)
        assert set(open_tasks(the_desk)) == {"message_failed"}
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    if not failed_first:
        the_desk.say(failed)
    assert set(open_tasks(the_desk)) == {"place_lost"}
    the_desk.say(FollowUpFailed(**ABOUT, touch_id="n", step="news", place_id=place.place_id, reason="unreachable"))
    assert set(open_tasks(the_desk)) == {"place_lost", "message_failed"}


def test_who_was_left_to_be_told_by_a_human_may_know_of_the_place_that_is_lost(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    too_late = NotSent(reason="too_late")
    the_desk.say(FollowUpCancelled(**ABOUT, touch_id="t", step="first_session", place_id=place.place_id, matching=too_late))
    assert set(open_tasks(the_desk)) == {"message_failed"}
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    assert set(open_tasks(the_desk)) == {"place_lost"}


def test_a_message_about_something_else_stays_a_task_when_a_place_is_lost(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    the_desk.say(FollowUpFailed(**ABOUT, touch_id="t", step="stop_confirmed", reason="unknown"))
    the_desk.place(PlaceReleased, place, reason="refused_by_organiser")
    assert set(open_tasks(the_desk)) == {"message_failed"}


def test_a_place_that_was_given_up_ends_what_it_left_to_do(the_desk: Desk, place: PlaceRequested) -> None:
    the_desk.held(place)
    the_desk.say(*told_of(place), reply("no"), GroupDelisted(group_id="choir", feed="f"))
    assert set(open_tasks(the_desk)) == {"cannot_come", "place_lost"}
    the_desk.ask(DeclineGroups, group_id="choir", version=1)
    the_desk.place(PlaceReleased, place, reason="declined")
    assert open_tasks(the_desk) == {}
