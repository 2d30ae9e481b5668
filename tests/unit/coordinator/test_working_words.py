"""What is worked on in a case has words for every code, and an organiser is told no more than a first name and what they said themselves."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from schemas.events.follow_ups import Channel, Meaning, Step
from schemas.events.places import HeldSession, WhyRefused, WhyReleased
from schemas.group import Group
from services.coordinator.decisions import Free
from services.coordinator.domain import TOUCH_STATES, VIEWS, CaseFact, Clear
from services.coordinator.places import Place, PlaceState
from services.coordinator.presenters import choices, work
from services.coordinator.presenters.agreed import place_in_words, what_stands
from services.coordinator.presenters.choices import why_closed, why_declined, why_lost
from services.coordinator.presenters.moments import day_in_words, soon_in_words
from services.coordinator.presenters.organiser import SOMEBODY, Guest, guest, organiser_view
from services.coordinator.presenters.proposal import Seeker
from services.coordinator.presenters.words import FLAGS, VIEW_NAMES
from services.coordinator.standing import Standing

START = datetime.fromisoformat("2026-03-10T10:30:00+00:00")
SESSION = HeldSession(date=START.date(), start=START)
CHOIR = Group.model_validate({"group_id": "choir", "name": "Singers", "sessions": [{"weekday": "tue", "start": "10:30"}]})


def test_every_code_has_words() -> None:
    assert VIEW_NAMES.keys() == set(VIEWS)
    assert choices.WHY_REFUSED.keys() == set(get_args(WhyRefused))
    assert choices.WHY_RELEASED.keys() == set(get_args(WhyReleased))
    assert choices.WHY_NOT_HERE.keys() <= set(get_args(WhyRefused))
    assert choices.WHY_FLAGGED.keys() == FLAGS.keys() | {"other"}
    assert work._STATES.keys() == set(TOUCH_STATES)
    assert work._BY.keys() == set(get_args(Channel))
    assert work._MEANT.keys() == set(get_args(Meaning))
    assert all(work.message_in_words(step) for step in get_args(Step))


def test_a_code_of_another_program_is_told_as_words() -> None:
    assert why_declined("already_busy") == "already busy"
    assert why_closed("found_something_else") == "they have found something else"
    assert why_lost("refused_by_organiser") == "the group cannot take them"
    assert why_lost(None) == "no reason is known"


@pytest.mark.parametrize(
    ("state", "session", "reason", "position", "told"),
    [
        ("requested", None, None, None, "A place is asked for. The answer takes a few seconds as a rule."),
        ("held", SESSION, None, None, "A place is held for Tuesday 10 March, 10:30am. The group has not said yes yet."),
        ("confirmed", SESSION, None, None, "The group has said yes. They are expected on Tuesday 10 March, 10:30am."),
        ("held", None, None, None, "A place is held. No date is known yet: ask the group when they can come."),
        ("waitlisted", None, None, 3, "Third on the waiting list."),
        ("waitlisted", None, None, 11, "Number 11 on the waiting list."),
        ("waitlisted", None, None, None, "They are on the waiting list."),
        ("refused", None, "full", None, "The group had no place for them: it is full."),
        ("released", SESSION, "changed", None, "The place is given back: another group was agreed."),
    ],
)
def test_a_place_is_told_in_one_sentence(state: PlaceState, session: HeldSession | None, reason: str | None, position: int | None, told: str) -> None:
    assert place_in_words(Place("p", "choir", 1, state, session, reason), position) == told


def test_what_stands_is_told_to_who_was_beaten() -> None:
    held, lost = Place("p", "choir", 1, "held", SESSION), Place("p", "choir", 1, "refused", None, "full")
    known = {"choir": CHOIR}.get
    assert what_stands(Standing("placed", version=1, places=(held,)), known).startswith("Singers is agreed. A place is held for Tuesday")
    assert what_stands(Standing("proposed", version=1, places=(lost,)), known) == "Singers was agreed. The group had no place for them: it is full."
    assert what_stands(Standing("proposed", version=1, declined=True), known) == "what was proposed is turned down"
    assert what_stands(Standing("closed"), known) == "the case is closed"
    assert what_stands(Standing("withdrawn"), known) == "the referral was taken back"


def test_a_near_moment_is_told_without_its_year_in_its_own_offset_or_a_zone() -> None:
    assert soon_in_words(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), ZoneInfo("Europe/London")) == "Sunday 29 March, 2:30am"
    assert soon_in_words(datetime.fromisoformat("2026-07-07T12:00:00+02:00")) == "Tuesday 7 July, midday"
    assert day_in_words(date(2026, 12, 31)) == "Thursday 31 December"


def test_the_session_they_would_go_to_is_one_when_they_are_free() -> None:
    def told(group: Group, *windows: dict[str, str]) -> str:
        free = Free.model_validate({"availability": windows})
        return Seeker(free, "Europe/London", START, {}, None).session(group)

    tuesday = {"weekday": "tue", "start": "09:00", "end": "13:00"}
    assert told(CHOIR, tuesday) == "They would go on Tuesdays at 10:30am."
    assert told(CHOIR, tuesday | {"weekday": "wed"}) == "It meets when they are not free: agree a time with them first."
    assert told(CHOIR) == "They would go to whichever of its sessions comes first."
    assert told(Group(group_id="g", name="Any time"), tuesday) == "It has no fixed times: agree one with the group."


def said(name: str, by: str, revision: int = 1) -> CaseFact:
    """What somebody said about the session."""
    clear = Clear(group_id="choir", on=SESSION.date, said_by=by, revision=revision)
    return CaseFact(f"{name}-{by}", "case", "person", name, START, clear=clear)


def test_an_organiser_is_told_what_they_said_and_never_what_the_person_said() -> None:
    place = Place("p", "choir", 1, "held", SESSION)
    assert guest(place, "case", [said("SessionMissed", "person")], None, None).came == {}  # type: ignore[arg-type]
    both = [said("SessionAttended", "organiser", revision=2), said("SessionMissed", "organiser"), said("SessionMissed", "person", revision=3)]
    assert guest(place, "case", both, None, None).came == {START.date(): True}  # type: ignore[arg-type]


def test_who_has_no_name_is_somebody_new() -> None:
    assert guest(Place("p", "choir", 1), "case", [], None, None).first_name == SOMEBODY  # type: ignore[arg-type]


def one(place_id: str, state: PlaceState = "held", days: int | None = 1, accepted: bool | None = None) -> Guest:
    start = START + timedelta(days=days or 0)
    session = None if days is None else HeldSession(date=start.date(), start=start)
    return Guest(Place(place_id, "choir", 1, state, session), "case", place_id.title(), accepted, {})


def test_open_questions_stand_in_the_order_of_their_sessions_and_answered_ones_apart() -> None:
    guests = [one("undated", days=None), one("later", days=8), one("sooner"), one("yes", accepted=True), one("confirmed", "confirmed")]
    view = organiser_view(CHOIR, [*guests, one("no", accepted=False), one("waits", "waitlisted", None)], START)
    assert [(wish.name, wish.when) for wish in view.wishes] == [
        ("Sooner", "Wednesday 11 March, 10:30am"),
        ("Later", "Wednesday 18 March, 10:30am"),
        ("Undated", "No date is agreed yet"),
    ]
    assert [wish.name for wish in view.expected] == ["Confirmed", "Yes"]
    assert view.waiting == "1 person is on your waiting list."
    assert view.visits == ()


@pytest.mark.parametrize(("days", "asked"), [(0, []), (-1, ["2026-03-09"]), (-14, ["2026-02-24", "2026-03-10"]), (-29, ["2026-02-23"]), (-60, [])])
def test_who_came_is_asked_of_the_first_session_and_the_one_two_weeks_on_for_four_weeks(days: int, asked: list[str]) -> None:
    view = organiser_view(CHOIR, [one("a", days=days)], START - timedelta(minutes=1) if days == 0 else START)
    assert [visit.on for visit in view.visits] == asked
