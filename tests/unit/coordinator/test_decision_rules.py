"""The small rules that decisions, tasks and outcomes rest on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.events.follow_ups import Step
from schemas.events.places import WeeklySession
from schemas.group import Group
from services.coordinator.decisions import Free, suiting
from services.coordinator.domain import Case, CaseFact, Clear
from services.coordinator.outcomes import Statement, outcome_of
from services.coordinator.places import place_id_of
from services.coordinator.tasks import MESSAGES, WHAT, WHY_FAILED, Periods, failed_message, next_action, working_days_after

LONDON = ZoneInfo("Europe/London")
WEDNESDAY = datetime(2026, 7, 1, 8, 15, tzinfo=UTC)
FORTNIGHTLY = {"weekday": "tue", "start": "09:00", "every_weeks": 2}
TUESDAY_MORNING = {"weekday": "tue", "start": "09:00", "end": "13:00"}


def group(*sessions: dict[str, Any], zone: str | None = None) -> Group:
    return Group.model_validate({"group_id": "g", "name": "G", "sessions": list(sessions), "time_zone": zone})


def free(*windows: dict[str, Any], zone: str | None = None) -> Free:
    return Free.model_validate({"availability": list(windows), "time_zone": zone})


@pytest.mark.parametrize(
    ("meets", "when", "weekly"),
    [
        (group({"weekday": "tue", "start": "10:00", "end": "12:00"}), free(), None),
        (group({"weekday": "tue", "start": "10:00", "end": "12:00"}), free(TUESDAY_MORNING), ("tue", "10:00")),
        (group({"weekday": "tue", "start": "12:00", "end": "14:00"}), free(TUESDAY_MORNING), None),
        (group({"weekday": "tue", "start": "12:30"}), free(TUESDAY_MORNING), ("tue", "12:30")),
        (group({"weekday": "tue", "start": "11:00"}, {"weekday": "tue", "start": "09:00"}), free(TUESDAY_MORNING), ("tue", "09:00")),
        (group(FORTNIGHTLY, {"weekday": "tue", "start": "11:00"}), free(TUESDAY_MORNING), ("tue", "11:00")),
        (group(FORTNIGHTLY), free(TUESDAY_MORNING), ("tue", "09:00")),
        (group({"weekday": "tue", "start": "08:30"}, zone="Europe/London"), free(TUESDAY_MORNING, zone="Europe/Paris"), ("tue", "08:30")),
        (group({"weekday": "sun", "start": "23:00", "end": "01:00"}), free({"weekday": "sun", "start": "22:00", "end": "02:00"}), ("sun", "23:00")),
    ],
)  # fmt: skip
def test_the_session_asked_for_lies_inside_a_window(meets: Group, when: Free, weekly: tuple[Any, str] | None) -> None:
    expected = WeeklySession(weekday=weekly[0], start=weekly[1]) if weekly else None
    assert suiting(meets, when, "Europe/London", WEDNESDAY) == expected


def test_a_place_is_known_by_its_case_and_decision() -> None:
    assert place_id_of("case", 1) == place_id_of("case", 1)
    assert len({place_id_of("case", 1), place_id_of("case", 2), place_id_of("other", 1)}) == 3


def test_working_days_pass_over_the_weekend_and_keep_the_local_time_over_a_change_of_clocks() -> None:
    friday = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)
    assert working_days_after(friday, 1, LONDON) == datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
    assert working_days_after(WEDNESDAY, 2, LONDON) == WEDNESDAY + timedelta(days=2)


def test_a_red_flag_is_due_within_the_hour_at_any_time_and_has_an_owner() -> None:
    periods = Periods("Dr Okafor", LONDON)
    assert (periods.due("red_flag", WEDNESDAY), periods.owner("red_flag")) == (WEDNESDAY + timedelta(hours=1), "Dr Okafor")
    assert (periods.due("silent", WEDNESDAY), periods.owner("silent")) == (WEDNESDAY + timedelta(days=1), None)


def test_every_message_and_every_failure_has_words() -> None:
    steps: tuple[Step, ...] = tuple(MESSAGES)
    assert all(failed_message(step, reason).endswith(("Tell them yourself", "Ask the organiser")) for step in steps for reason in WHY_FAILED)


def test_an_open_task_comes_before_what_the_status_asks_for_and_says_when_it_is_overdue() -> None:
    def case(**fields: Any) -> Case:
        return Case("c", "ada", WEDNESDAY, "placed", False, 2, **fields)

    assert next_action(case(), WEDNESDAY) == "After the first visit, ask how it went"
    assert next_action(case(task="silent", due_at=WEDNESDAY), WEDNESDAY) == WHAT["silent"]
    assert next_action(case(task="silent", due_at=WEDNESDAY), WEDNESDAY + timedelta(seconds=1)) == (
        "Overdue: the person has not answered: find out how they are"
    )


def said(name: str, by: str, revision: int) -> CaseFact:
    clear = Clear(group_id="g", on=date(2026, 7, 7), said_by=by, revision=revision)
    return CaseFact(f"e-{revision}", "first-case", "ada", f"better-together.{name}", WEDNESDAY, clear=clear)


@pytest.mark.parametrize(
    ("before", "by", "attended", "revision", "disagrees"),
    [
        (None, "organiser", True, 1, False),
        (("SessionAttended", "person", 1), "organiser", True, None, False),
        (("SessionAttended", "person", 1), "organiser", False, 2, True),
        (("SessionMissed", "organiser", 2), "person", True, 3, True),
        (("SessionAttended", "person", 1), "person", False, 2, False),
        (("SessionAttended", "person", 1), "coordinator", False, 2, False),
        (("SessionMissed", "coordinator", 3), "organiser", True, 4, True),
    ],
)
def test_what_follows_from_a_statement(before: Any, by: Any, attended: bool, revision: int | None, disagrees: bool) -> None:
    outcome = outcome_of(Statement("ada", "case", "g", date(2026, 7, 7), attended, by), [said(*before)] if before else [])
    assert (outcome.fact and outcome.fact.revision, outcome.disagrees) == (revision, disagrees)
    if outcome.fact:
        assert outcome.fact.case_id == ("first-case" if before else "case")
