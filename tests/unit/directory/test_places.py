"""What is answered to requests for one group's places, rule by rule."""

import pytest

from schemas.events.base import Data
from schemas.events.places import PlaceReleased
from tests.unit.directory.place_desk import Desk, answered, capacity, choir, desk_of, given_up, requested, requests

FULL_LIST = {"maximum": 2, "waitlist": True}


def test_places_are_held_up_to_the_maximum_and_no_further() -> None:
    desk = desk_of(capacity={"maximum": 2})

    assert desk.ask(*requests("abc")) == ["Held a", "Held b", "Refused c full"]
    assert [(one.free, one.waiting, one.count) for one in desk.told] == [(1, 0, 1), (0, 0, 2), (0, 0, 3)]


def test_with_a_waiting_list_the_others_wait_in_the_order_of_their_requests() -> None:
    desk = desk_of(capacity=FULL_LIST)

    assert desk.ask(*requests("abcd")) == ["Held a", "Held b", "Waitlisted c", "Waitlisted d"]
    assert [one.waiting for one in desk.told] == [0, 0, 1, 2]


def test_without_a_capacity_every_place_is_held_and_free_is_not_known() -> None:
    desk = desk_of()

    assert desk.ask(*requests("abc")) == ["Held a", "Held b", "Held c"]
    assert [one.free for one in desk.told] == [None, None, None]


def test_a_group_that_is_not_listed_takes_nobody() -> None:
    assert Desk(listed=False).ask(requested("a")) == ["Refused a delisted"]


@pytest.mark.parametrize("status", ["paused", "inactive"])
def test_a_group_that_is_not_running_takes_nobody(status: str) -> None:
    assert desk_of(status=status, capacity=FULL_LIST).ask(requested("a")) == ["Refused a not_running"]


def test_a_group_that_takes_no_newcomers_is_full() -> None:
    assert desk_of(newcomers_per_week=0, capacity=FULL_LIST).ask(requested("a")) == ["Refused a full"]


def test_a_request_that_comes_again_changes_nothing() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("abc"))

    assert desk.ask(*requests("aabbcc")) == []
    assert desk.book.count == 3


def test_a_place_that_was_lost_or_refused_is_not_given_to_a_request_that_comes_again() -> None:
    desk = desk_of(capacity={"maximum": 1})
    desk.ask(*requests("ab"), given_up("a"))

    assert desk.ask(*requests("ab")) == []
    assert desk.ask(requested("c")) == ["Held c"]


def test_who_gives_up_a_place_lets_the_first_of_the_list_move_up() -> None:
    desk = desk_of(capacity=FULL_LIST)
    desk.ask(*requests("abcd"))

    assert desk.ask(given_up("a", "declined")) == ["Released a declined", "Held c"]
    assert [(one.free, one.waiting) for one in desk.told[-2:]] == [(1, 2), (0, 1)]


def test_who_leaves_the_list_leaves_the_places_as_they_are() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("abc"))

    assert desk.ask(given_up("b")) == ["Released b withdrawn"]
    assert desk.ask(given_up("a")) == ["Released a withdrawn", "Held c"]


def test_a_place_is_given_up_once() -> None:
    desk = desk_of(capacity={"maximum": 1})
    desk.ask(requested("a"), given_up("a"))

    assert desk.ask(given_up("a", "closed"), given_up("a")) == []


def test_a_place_given_up_before_it_is_asked_for_is_released_at_once_and_for_good() -> None:
    desk = desk_of(capacity={"maximum": 1})

    assert desk.ask(given_up("a", "changed")) == []
    assert desk.ask(requested("a")) == ["Released a changed"]
    assert desk.ask(requested("a"), given_up("a")) == []
    assert desk.book.free == 1


def test_of_a_lost_place_its_id_alone_is_kept() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})

    answers = desk.ask(*requests("ab"), given_up("b", "erased"), given_up("a", "erased"))

    assert answers == ["Held a", "Waitlisted b", "Released b erased", "Released a erased"]
    assert (desk.book.held, desk.book.waiting, desk.book.lost) == ({}, {}, {"a": None, "b": None})


def test_the_organiser_s_yes_confirms_a_held_place_once() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("ab"))

    assert desk.ask(answered("a", accepted=True), answered("a", accepted=True)) == ["Confirmed a"]
    assert desk.ask(answered("b", accepted=True), answered("x", accepted=True)) == []


def test_the_organiser_s_no_releases_the_place_and_the_next_moves_up() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("ab"), answered("a", accepted=True))

    assert desk.ask(answered("a", accepted=False, reason="not_suitable")) == ["Released a refused_by_organiser", "Held b"]
    assert desk.ask(answered("a", accepted=False, reason="not_suitable")) == []


def test_the_organiser_s_no_to_who_waits_refuses_the_place_with_the_reason() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("abc"))

    assert desk.ask(answered("b", accepted=False, reason="not_suitable")) == ["Refused b not_suitable"]
    assert desk.ask(answered("c", accepted=False)) == ["Refused c no_reason_given"]


@pytest.mark.parametrize("reason", ["full", "not_running"])
def test_an_organiser_who_takes_nobody_shuts_the_group_until_its_capacity_is_said_anew(reason: str) -> None:
    desk = desk_of(capacity={"maximum": 3, "waitlist": True})
    desk.ask(capacity(2, waitlist=True, revision=1), *requests("abc"))

    assert desk.ask(answered("a", accepted=False, reason=reason)) == ["Released a refused_by_organiser"]
    assert desk.told[-1].free == 0
    assert desk.ask(given_up("b"), requested("d")) == ["Released b withdrawn", "Waitlisted d"]
    assert desk.ask(capacity(2, waitlist=True, revision=1)) == []
    assert desk.ask(capacity(2, waitlist=True, revision=2)) == ["Held c", "Held d"]


@pytest.mark.parametrize("reason", ["full", "not_running"])
def test_a_group_without_capacity_is_shut_by_its_organiser_too(reason: str) -> None:
    desk = desk_of()
    desk.ask(requested("a"))

    assert desk.ask(answered("a", accepted=False, reason=reason), requested("b")) == ["Released a refused_by_organiser", f"Refused b {reason}"]


def test_an_answer_about_a_place_long_lost_does_not_shut_the_group() -> None:
    desk = desk_of(capacity={"maximum": 1})

    assert desk.ask(requested("a"), given_up("a"), answered("a", accepted=False, reason="full"), requested("b"))[-1] == "Held b"


def test_more_capacity_moves_the_list_up_in_order() -> None:
    desk = desk_of(capacity=FULL_LIST)
    desk.ask(*requests("abcdef"))

    assert desk.ask(capacity(5, waitlist=True)) == ["Held c", "Held d", "Held e"]


def test_less_capacity_evicts_nobody_and_lets_nobody_in_until_there_is_room() -> None:
    desk = desk_of(capacity={"maximum": 3, "waitlist": True})
    desk.ask(*requests("abcd"))

    assert desk.ask(capacity(1, waitlist=True)) == []
    assert desk.ask(given_up("a"), given_up("b")) == ["Released a withdrawn", "Released b withdrawn"]
    assert desk.ask(given_up("c")) == ["Released c withdrawn", "Held d"]


def test_a_list_that_is_abolished_keeps_who_waits_and_takes_nobody_else() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("ab"))

    assert desk.ask(capacity(1), requested("c")) == ["Refused c full"]
    assert desk.ask(given_up("a")) == ["Released a withdrawn", "Held b"]


def test_free_is_never_more_than_what_the_snapshot_left() -> None:
    desk = desk_of(capacity={"maximum": 10, "available": 2})

    assert desk.ask(*requests("abc")) == ["Held a", "Held b", "Refused c full"]
    assert [one.free for one in desk.told] == [1, 0, 0]


def test_the_same_snapshot_again_is_none_and_a_newer_one_counts_anew() -> None:
    desk = desk_of()
    desk.ask(capacity(10, available=1, revision=1), requested("a"))

    assert desk.ask(capacity(10, available=1, revision=1), requested("b")) == ["Refused b full"]
    assert desk.ask(capacity(10, available=1, revision=2), requested("c")) == ["Held c"]
    assert desk.ask(capacity(10, available=2, revision=2), *requests("def")) == ["Held d", "Held e", "Refused f full"]


def test_a_capacity_without_a_revision_is_heard_and_does_not_make_an_older_one_news() -> None:
    desk = desk_of()
    desk.ask(capacity(10, available=1, revision=3), capacity(10, available=2), *requests("ab"))

    assert desk.ask(capacity(10, available=2, revision=3), requested("c")) == ["Refused c full"]


def test_a_release_gives_a_slot_of_the_snapshot_back() -> None:
    desk = desk_of(capacity={"maximum": 10, "available": 1, "waitlist": True})

    assert desk.ask(*requests("ab"), given_up("a")) == ["Held a", "Waitlisted b", "Released a withdrawn", "Held b"]


def test_a_pause_or_a_delisting_takes_no_place_and_moves_nobody_up() -> None:
    desk = desk_of(capacity=FULL_LIST)
    desk.ask(*requests("abc"))

    assert desk.changes(choir(capacity=FULL_LIST, status="paused"), capacity(2, waitlist=True)) == []
    assert desk.ask(given_up("a")) == ["Released a withdrawn"]
    assert desk.changes(None, capacity(5, waitlist=True)) == []
    assert list(desk.book.held) == ["b"]


def test_nobody_overtakes_who_waited_while_the_group_was_paused() -> None:
    desk = desk_of(capacity=FULL_LIST)
    desk.ask(*requests("abc"))
    desk.changes(choir(status="paused"), given_up("a"))

    assert desk.changes(choir(), requested("d")) == ["Held c", "Waitlisted d"]


def test_what_is_no_request_is_answered_with_nothing() -> None:
    desk = desk_of()
    released: Data = PlaceReleased(group_id="choir", place_id="a", person="p", case_id="c", count=1, reason="closed")

    assert desk.ask(released) == []
