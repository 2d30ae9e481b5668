"""What is planned for a place, and what a move, a loss, a new place or a change of the clocks makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.events.places import HeldSession
from schemas.referral import Consent
from services.followup.domain.people import Known
from services.followup.domain.touches import MessageChannel, Touch
from services.followup.planning import Changes, Plan
from tests.unit.followup.people import CAUSE, LONDON, NOW, PLACE, SESSION, ada, place

LIFE = ["first_session", "day_before", "day_after", "week_2", "week_6", "organiser_asked", "organiser_asked"]


def changes(one: Any = PLACE, touches: Sequence[Touch] = (), person: Any = ada(), known: Sequence[Known] = (), at: datetime = NOW) -> Changes:  # noqa: B008
    """What is to be planned and cancelled for one place."""
    return Plan(person, [one], touches, known, ("sms", "email"), CAUSE, at).changes()


def planned(*arguments: Any, **named: Any) -> dict[str, Touch]:
    """The planned touches by step; an organiser's second question as `over`."""
    return {"over" if touch.over else touch.step: touch for touch, _ in changes(*arguments, **named).planned}


def steps(found: Changes) -> list[str]:
    """The steps that are planned."""
    return [touch.step for touch, _ in found.planned]


def reasons(found: Changes) -> set[str | None]:
    """Why touches are cancelled."""
    return {touch.reason for touch, _ in found.cancelled}


def held(start: datetime) -> HeldSession:
    """A session at this moment."""
    return HeldSession(date=start.date(), start=start)


def everything() -> list[Touch]:
    """Every touch of the place, planned."""
    return [touch for touch, _ in changes().planned]


def sent(touches: Sequence[Touch], *which: str) -> list[Touch]:
    """The same touches, those of these steps sent."""
    return [touch.after("sent") if touch.step in which else touch for touch in touches]


def test_a_held_place_has_its_whole_life_planned_and_only_once() -> None:
    assert steps(changes()) == LIFE
    assert len({touch.touch_id for touch in everything()}) == len(LIFE)
    assert changes(touches=everything()) == Changes([], [])
    assert everything() == everything()


@pytest.mark.parametrize(
    ("start", "reminder", "next_day"),
    [
        (datetime(2026, 3, 29, 10, tzinfo=LONDON), datetime(2026, 3, 28, 9, tzinfo=LONDON), datetime(2026, 3, 30, 10, tzinfo=LONDON)),
        (datetime(2026, 3, 28, 10, tzinfo=LONDON), datetime(2026, 3, 27, 10, tzinfo=LONDON), datetime(2026, 3, 29, 10, tzinfo=LONDON)),
        (datetime(2026, 10, 25, 10, tzinfo=LONDON), datetime(2026, 10, 24, 11, tzinfo=LONDON), datetime(2026, 10, 26, 10, tzinfo=LONDON)),
        (datetime(2026, 3, 20, 7, tzinfo=LONDON), datetime(2026, 3, 19, 8, tzinfo=LONDON), datetime(2026, 3, 21, 10, tzinfo=LONDON)),
        (datetime(2026, 3, 20, 21, tzinfo=LONDON), datetime(2026, 3, 19, 19, tzinfo=LONDON), datetime(2026, 3, 21, 10, tzinfo=LONDON)),
    ],
)
def test_times_are_local_whatever_the_clocks_do(start: datetime, reminder: datetime, next_day: datetime) -> None:
    found = planned(place(session=held(start)))
    assert found["day_before"].due_at == reminder.astimezone(UTC)
    assert found["day_after"].due_at == found["over"].due_at == next_day.astimezone(UTC)
    assert found["week_2"].due_at.astimezone(LONDON).time() == found["week_6"].due_at.astimezone(LONDON).time() == next_day.time()
    assert (found["week_2"].asks_about, found["week_6"].asks_about) == (start.date() + timedelta(14), start.date() + timedelta(42))


def test_no_reminder_follows_on_the_heels_of_the_details() -> None:
    assert "day_before" not in planned(place(session=held(NOW + timedelta(hours=25))))
    assert "day_before" in planned(place(session=held(NOW + timedelta(hours=26))))


def test_a_place_without_a_session_or_on_the_waiting_list_plans_nothing() -> None:
    assert changes(place(session=None)) == changes(place(state="waitlisted")) == Changes([], [])


def test_a_move_before_anything_was_said_plans_the_details_anew() -> None:
    moved = place(session=held(SESSION.start + timedelta(days=1)), seat=2, count=2)
    found = changes(moved, everything())
    assert steps(found) == LIFE
    assert reasons(found) == {"moved"}
    assert len(found.cancelled) == len(LIFE)


def test_a_move_after_the_details_is_news_and_a_move_back_is_news_again() -> None:
    first = sent(everything(), "first_session")
    moved = place(session=held(SESSION.start + timedelta(days=1)), seat=2, count=2)
    found = changes(moved, first)
    assert steps(found) == ["news", *LIFE[1:]]
    then = [*first, *sent([touch for touch, _ in found.planned], "news")]
    back = changes(place(seat=3, count=3), then)
    assert steps(back) == ["news", *LIFE[1:]]
    assert not {touch.touch_id for touch, _ in back.planned} & {touch.touch_id for touch in then}


@pytest.mark.parametrize(("reason", "step"), [("too_late", "news"), ("place_lost", "first_session")])
def test_who_was_left_to_be_told_by_a_human_is_sent_news_of_a_move(reason: Any, step: str) -> None:
    first = [touch.after("cancelled", reason) if touch.step == "first_session" else touch for touch in everything()]
    assert steps(changes(place(session=held(SESSION.start + timedelta(days=1)), seat=2, count=2), first))[0] == step


@pytest.mark.parametrize(
    ("reason", "news"), [("refused_by_organiser", True), ("delisted", True), ("full", True), ("withdrawn", False), ("changed", False)]
)
def test_a_lost_place_is_news_to_who_had_heard_of_it_and_did_not_wish_it(reason: Any, news: bool) -> None:
    lost = place(state="lost", reason=reason, count=2)
    unheard = changes(lost, everything())
    assert (steps(unheard), reasons(unheard)) == ([], {"place_lost"})
    heard = changes(lost, sent(everything(), "first_session"))
    assert steps(heard) == (["news"] if news else [])
    told = [*sent(everything(), "first_session"), *[touch for touch, _ in heard.planned]]
    assert steps(changes(replace(lost, count=3), [touch.after("cancelled", "place_lost") if touch.session else touch for touch in told])) == []


def test_a_case_that_is_over_has_everything_cancelled() -> None:
    found = changes(touches=everything(), person=ada(ended={"case-1": "withdrawn"}))
    assert (steps(found), reasons(found), len(found.cancelled)) == ([], {"withdrawn"}, len(LIFE))


def test_a_stop_leaves_what_is_left_to_a_human_and_a_start_takes_it_back() -> None:
    stopped = ada(consent=Consent(), turned_off=frozenset({"sms", "email"}))
    found = changes(touches=everything(), person=stopped)
    assert reasons(found) == {"stopped"}
    assert {touch.channel for touch, _ in found.planned} == {"task"}
    then = {touch.touch_id: touch for touch in everything()} | {touch.touch_id: touch for touch, _ in [*found.cancelled, *found.planned]}
    assert changes(touches=list(then.values()), person=stopped) == Changes([], [])
    back = changes(touches=list(then.values()))
    assert {touch.channel for touch, _ in back.planned} == {"sms"}
    assert {touch.channel for touch, _ in back.cancelled} == {"task"}


def test_what_is_of_no_use_any_more_is_not_planned_again() -> None:
    stopped = [touch.after("cancelled", "stopped") for touch in everything() if not touch.to_organiser]
    later = changes(touches=stopped, at=SESSION.start + timedelta(hours=1))
    assert steps(later) == ["day_after", "week_2", "week_6", "organiser_asked", "organiser_asked"]


def test_who_has_said_it_is_not_asked() -> None:
    def said_by(who: str, on: date = SESSION.date) -> list[Known]:
        return [Known("ada", "choir", on, who)]

    assert [touch.step for touch, _ in changes(touches=everything(), known=said_by("person")).cancelled] == ["day_after"]
    assert [touch.over for touch, _ in changes(touches=everything(), known=said_by("organiser")).cancelled] == [True]
    assert len(changes(touches=everything(), known=said_by("coordinator")).cancelled) == 2
    assert changes(touches=everything(), known=said_by("coordinator", SESSION.date + timedelta(days=1))).cancelled == []
    assert [touch.over for touch, _ in changes(place(confirmed=True), everything()).cancelled] == [False]


def test_the_channel_is_the_one_they_prefer_of_those_that_are_open() -> None:
    contact = ada().contact
    assert contact is not None
    by_mail = ada(contact=contact.model_copy(update={"preferred": "E-mail"}))
    assert planned(person=by_mail)["first_session"].channel == "email"
    assert planned()["first_session"].channel == "sms"
    unsafe = ada(contact=contact.model_copy(update={"safe_to_contact": False}))
    assert planned(person=unsafe)["first_session"].channel == planned(person=ada(consent=Consent()))["first_session"].channel == "task"
    mail: tuple[MessageChannel, ...] = ("email",)
    only_mail = Plan(ada(), [PLACE], [], [], mail, CAUSE, NOW).changes()
    assert {touch.channel for touch, _ in only_mail.planned} == {"email"}
