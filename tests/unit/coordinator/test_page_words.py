"""Every closed code has words on the pages, and times, days and chances are told as people say them."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from schemas.events.matches import NeedsHuman
from schemas.events.places import WhyRefused
from schemas.group import Group, Session
from schemas.proposal import RULES
from schemas.record import WEEKDAYS
from schemas.referral import TravelMode, Window
from services.coordinator.domain import STATUSES
from services.coordinator.presenters.moments import clock, moment_in_words, month_in_words, sessions_in_words, waited, windows_in_words
from services.coordinator.presenters.person import TRAVEL
from services.coordinator.presenters.proposal import access, cost, estimate, where
from services.coordinator.presenters.words import (
    ABSTAINED,
    NEEDS_HUMAN_IN_WORDS,
    RULES_IN_WORDS,
    STATUS_TAGS,
    counted,
    flag_in_words,
    languages_in_words,
    money,
    reason_in_words,
)
from services.coordinator.tasks import NEXT_ACTIONS

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def test_every_code_has_words() -> None:
    assert STATUS_TAGS.keys() == NEXT_ACTIONS.keys() == set(STATUSES)
    assert RULES_IN_WORDS.keys() == set(RULES)
    assert ABSTAINED.keys() == set(get_args(NeedsHuman))
    assert NEEDS_HUMAN_IN_WORDS.keys() >= ABSTAINED.keys()
    assert TRAVEL.keys() == set(get_args(TravelMode))


def test_statuses_are_told_apart_by_their_words_alone() -> None:
    assert len({tag.text for tag in STATUS_TAGS.values()}) == len(STATUSES)


@pytest.mark.parametrize("code", [*RULES, *get_args(NeedsHuman), *get_args(WhyRefused), "declined", "no_group_at_all"])
def test_a_reason_of_the_ledger_is_a_sentence_and_not_a_code(code: str) -> None:
    assert "_" not in reason_in_words(code)
    assert " " in reason_in_words(code)


def test_a_flag_that_is_not_known_is_told_all_the_same() -> None:
    assert flag_in_words("flying") == "something that a person should read"


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (-5, "less than an hour"), (0.9, "less than an hour"), (1, "1 hour"), (23.9, "23 hours"), (24, "1 day"), (24 * 13.9, "13 days"),
        (24 * 14, "2 weeks"), (24 * 60, "8 weeks"), (24 * 62, "2 months"), (24 * 400, "13 months"),
    ],
)  # fmt: skip
def test_waiting_is_told_in_the_largest_unit_that_says_enough(hours: float, told: str) -> None:
    assert waited(NOW - timedelta(hours=hours), NOW) == told


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("00:00", "midnight"),
        ("00:30", "12:30am"),
        ("09:00", "9am"),
        ("12:00", "midday"),
        ("12:15", "12:15pm"),
        ("17:30", "5:30pm"),
        ("24:00", "midnight"),
    ],
)
def test_a_time_of_day_is_told_as_the_nhs_writes_it(time: str, told: str) -> None:
    assert clock(time) == told


def test_a_moment_is_told_in_the_zone_of_the_place_on_both_sides_of_a_change_of_clocks() -> None:
    london = ZoneInfo("Europe/London")
    assert moment_in_words(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), london) == "Sunday 29 March 2026, 12:59am"
    assert moment_in_words(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), london) == "Sunday 29 March 2026, 2am"
    assert moment_in_words(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), london) == "Wednesday 1 July 2026, 12:30am"
    assert month_in_words("2026-12") == "December 2026"


def test_days_with_the_same_hours_are_told_together() -> None:
    weekdays = [Window(weekday=day, start="09:00", end="17:00") for day in WEEKDAYS[:5]]
    assert windows_in_words(weekdays) == ("Monday to Friday: 9am to 5pm",)
    assert windows_in_words([Window(weekday=day, start="18:00", end="22:00") for day in WEEKDAYS]) == ("Every day: 6pm to 10pm",)
    assert windows_in_words([*weekdays[:2], Window(weekday="sat", start="10:00", end="12:00")]) == (
        "Monday, Tuesday: 9am to 5pm",
        "Saturday: 10am to midday",
    )


def test_sessions_are_told_with_how_often_they_are() -> None:
    assert sessions_in_words([Session(weekday="tue", start="10:00", end="12:30")]) == ("Tuesdays, 10am to 12:30pm",)
    assert sessions_in_words([Session(weekday="thu", start="19:00", every_weeks=2)]) == ("Every 2 weeks on Thursday, from 7pm",)
    assert sessions_in_words([Session(weekday=day, start="08:00", end="09:00") for day in WEEKDAYS[:5]]) == ("Monday to Friday, 8am to 9am",)
    assert sessions_in_words([Session(weekday="mon", start="09:00"), Session(weekday="sat", start="09:00")]) == ("Mondays, Saturdays, from 9am",)


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (1, "very likely (100%)"),
        (0.8, "very likely (80%)"),
        (0.79, "likely (79%)"),
        (0.59, "as likely as not (59%)"),
        (0.4, "as likely as not (40%)"),
        (0.2, "less likely than not (20%)"),
        (0, "not likely (0%)"),
    ],
)
def test_a_chance_that_was_learned_has_its_words_and_its_number(score: float, told: str) -> None:
    assert estimate(score, is_prior=False) == f"Second visit: {told}"


@pytest.mark.parametrize(("score", "told"), [(1, "very good"), (0.6, "very good"), (0.59, "good"), (0.39, "fair"), (0.1, "some")])
def test_the_prior_tells_how_well_a_group_fits_and_no_number(score: float, told: str) -> None:
    assert estimate(score, is_prior=True) == f"Fit: {told}"


def test_what_is_not_known_of_a_group_is_said_and_never_guessed() -> None:
    bare, told = Group(group_id="a", name="A"), Group(group_id="b", name="B", cost=0, access=[], mode="online", postcode="LE1 1AA")
    assert (where(bare, None), cost(bare), access(bare)) == ("Not known: ask first",) * 3
    assert (where(told, 3.0), cost(told), access(told)) == ("Online", "Free", "None listed")


def test_where_and_cost_are_told_with_distance_and_currency() -> None:
    group = Group(group_id="a", name="A", organisation="Hall", postcode="LE1 1AA", mode="hybrid", cost=2.5, currency="USD")
    assert where(group, 1.24) == "Hall, LE1 1AA (1.2 km away), or online"
    assert cost(group) == "$2.50 a session"
    assert [money(3), money(0.5), money(4, "CHF")] == ["£3", "£0.50", "4 CHF"]


def test_languages_and_numbers_are_told_by_name() -> None:
    assert languages_in_words(["en-GB", "pl", "tlh"]) == "English, Polish, tlh"
    assert [counted(1, "case", "cases"), counted(2000, "case", "cases")] == ["1 case", "2,000 cases"]
