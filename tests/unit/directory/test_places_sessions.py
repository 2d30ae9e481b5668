"""Which session a held place is for, and where it moves when the group's sessions change."""

from datetime import timedelta

from schemas.events.places import PlaceHeld, PlaceMoved
from tests.unit.directory.place_desk import NOW, Desk, answered, capacity, choir, desk_of, given_up, requested, requests


def sessions_of(desk: Desk) -> list[str | None]:
    """The first sessions that were told."""
    told = [one for one in desk.told if isinstance(one, PlaceHeld | PlaceMoved)]
    return [one.session.start.isoformat() if one.session else None for one in told]


def test_a_held_place_has_the_next_session_that_suits_a_day_ahead_at_least() -> None:
    desk = desk_of(sessions=[{"weekday": "tue", "start": "08:30"}, {"weekday": "tue", "start": "14:00"}, {"weekday": "thu", "start": "10:00"}])

    desk.ask(requested("a"), requested("b", ("thu", "10:00")), requested("c", ("fri", "10:00")), requested("d", ("tue", "08:30")))

    assert sessions_of(desk) == ["2026-03-03T14:00:00+00:00", "2026-03-05T10:00:00+00:00", "2026-03-03T14:00:00+00:00", "2026-03-10T08:30:00+00:00"]


def test_so_many_newcomers_a_week_and_the_others_in_the_weeks_that_follow() -> None:
    desk = desk_of(newcomers_per_week=2)
    desk.ask(*requests("abcde"), given_up("a"), requested("f"))

    days = ["2026-03-03", "2026-03-03", "2026-03-10", "2026-03-10", "2026-03-17", "2026-03-03"]
    assert sessions_of(desk) == [f"{day}T14:00:00+00:00" for day in days]


def test_where_no_week_of_a_year_has_room_a_place_is_held_without_a_session() -> None:
    desk = desk_of(newcomers_per_week=1)
    desk.ask(*requests([str(number) for number in range(54)]))

    assert sessions_of(desk)[51:] == ["2027-02-23T14:00:00+00:00", "2027-03-02T14:00:00+00:00", None]


def test_who_moves_up_gets_a_session_from_the_day_on_which_they_move_up() -> None:
    desk = desk_of(capacity={"maximum": 1, "waitlist": True})
    desk.ask(*requests("ab"))
    desk.now = NOW + timedelta(days=10)

    desk.ask(given_up("a"))

    assert sessions_of(desk)[-1] == "2026-03-17T14:00:00+00:00"


MOVED = choir(sessions=[{"weekday": "wed", "start": "18:00"}])


def test_when_a_session_is_no_more_the_places_for_it_move_to_another() -> None:
    desk = desk_of(newcomers_per_week=1, sessions=[{"weekday": "tue", "start": "14:00"}, {"weekday": "fri", "start": "11:00"}])
    desk.ask(requested("a", ("tue", "14:00")), requested("b", ("fri", "11:00")), requested("c", ("tue", "14:00")))

    fridays = choir(sessions=[{"weekday": "fri", "start": "11:00"}], newcomers_per_week=1)
    assert desk.changes(fridays, capacity(None)) == ["Moved a", "Moved c"]
    assert sessions_of(desk)[-2:] == ["2026-03-06T11:00:00+00:00", "2026-03-20T11:00:00+00:00"]
    assert desk.ask(capacity(None)) == []


def test_a_moved_place_goes_where_it_was_asked_for_as_soon_as_that_is_there() -> None:
    desk = desk_of(sessions=[{"weekday": "fri", "start": "11:00"}])
    desk.ask(requested("a", ("wed", "18:00")))

    assert desk.changes(MOVED, capacity(None)) == ["Moved a"]
    assert sessions_of(desk)[-1] == "2026-03-04T18:00:00+00:00"


def test_a_moved_place_stays_confirmed_and_who_has_been_there_stays() -> None:
    desk = desk_of()
    desk.ask(requested("a"), answered("a", accepted=True))
    desk.now = NOW + timedelta(days=1, hours=6)
    desk.ask(requested("b"))

    assert desk.changes(MOVED, capacity(None)) == ["Moved b"]
    assert desk.book.held["a"].confirmed
    assert desk.ask(answered("a", accepted=True)) == []


def test_a_session_that_is_only_every_other_week_now_has_no_date_that_is_known() -> None:
    desk = desk_of()
    desk.ask(requested("a"))

    assert desk.changes(choir(sessions=[{"weekday": "tue", "start": "14:00", "every_weeks": 2}]), capacity(None)) == ["Moved a"]
    assert sessions_of(desk)[-1] is None


def test_an_import_that_says_the_same_moves_nobody() -> None:
    desk = desk_of(capacity={"maximum": 2, "waitlist": True})
    desk.ask(*requests("abc"))

    assert desk.changes(choir(capacity={"maximum": 2, "waitlist": True}, description="Songs."), capacity(2, waitlist=True)) == []
