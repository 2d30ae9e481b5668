"""The sample town's referrals: reproducible, lonely as published figures say, reachable nowhere real, and true to their own words."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time
from itertools import islice
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.town import town_groups, town_referrals
from models.town.contacts import nhs_number
from models.town.draws import Draws
from models.town.loneliness import loneliness_at
from models.town.voices import red_flags
from models.town.written import read
from schemas.referral import Referral

SEED = 7
FIRST = datetime(2025, 9, 3, 13, 15, tzinfo=UTC)
PUBLISHED_MEANS = {(18, 29): 4.34, (60, 64): 5.40, (65, 74): 4.80, (75, 84): 4.40, (85, 95): 4.46}
PUBLISHED_SHARES_OF_THE_YOUNG = dict(zip(range(3, 10), (0.41, 0.22, 0.17, 0.11, 0.06, 0.02, 0.02), strict=True))
PERSONS_PHONE = re.compile(r"07700 900[3-9]\d\d|01632 960\d{3}")
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def referrals() -> list[Referral]:
    return list(town_referrals(4_000, SEED, first_received=FIRST))


def people(referrals: Sequence[Referral]) -> list[Referral]:
    """The first referral of each person."""
    return list({referral.person_id: referral for referral in reversed(referrals)}.values())


def share(referrals: Sequence[Referral], of: Sequence[object]) -> float:
    return len(of) / len(referrals)


def sums(age: int, number: int) -> list[int]:
    answers = (loneliness_at(age, Draws(SEED, age, i)) for i in range(number))
    return [sum(answer.ucla3) for answer in answers if answer is not None and answer.ucla3 is not None]


def test_every_referral_is_a_valid_record_after_a_journey_through_json(referrals: list[Referral]) -> None:
    assert [Referral.model_validate_json(referral.model_dump_json()) for referral in referrals] == referrals
    assert not any(referral.model_extra for referral in referrals)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**40), people=st.integers(0, 25), more=st.integers(0, 25))
def test_a_longer_run_begins_with_the_people_of_a_shorter_one(seed: int, people: int, more: int) -> None:
    short = list(town_referrals(people, seed, first_received=FIRST))
    long = town_referrals(people + more, seed, first_received=FIRST)
    assert list(islice(long, len(short))) == short


def test_another_seed_gives_other_people() -> None:
    one, other = (list(town_referrals(50, seed, first_received=FIRST)) for seed in (1, 2))
    assert [referral.interests for referral in one] != [referral.interests for referral in other]


def test_when_the_town_begins_changes_nothing_but_the_time_of_receipt(referrals: list[Referral]) -> None:
    later = town_referrals(100, SEED, first_received=datetime(2031, 1, 6, tzinfo=UTC))
    for one, other in zip(later, referrals, strict=False):
        assert one.model_copy(update={"received_at": None}) == other.model_copy(update={"received_at": None})


def test_ids_are_unique_within_a_referrer_and_a_person_has_one(referrals: list[Referral]) -> None:
    assert len({referral.referral_id for referral in referrals}) == len(referrals)
    assert all(re.fullmatch(r"REF-\d{6}", referral.referral_id or "") for referral in referrals)
    assert len({referral.person_id for referral in referrals}) == 4_000


def test_a_few_people_are_referred_again_by_another_clinic(referrals: list[Referral]) -> None:
    twice = [id_ for id_, number in Counter(referral.person_id for referral in referrals).items() if number == 2]
    assert 0.01 < len(twice) / 4_000 < 0.03
    for id_ in twice:
        first, second = (referral for referral in referrals if referral.person_id == id_)
        assert first.contact == second.contact
        assert first.consent == second.consent
        assert first.referrer is not None
        assert second.referrer is not None
        assert first.referrer.organisation != second.referrer.organisation
        assert first.received_at is not None
        assert second.received_at is not None
        assert first.received_at < second.received_at


def test_nhs_numbers_are_valid_and_kept_for_tests() -> None:
    numbers = [nhs_number(index) for index in (*range(3_000), 399_999)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert re.fullmatch(r"999\d{7}", number)
        assert sum(weight * int(digit) for weight, digit in zip(range(10, 0, -1), number, strict=True)) % 11 == 0


def test_more_people_than_there_are_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="400000 people"):
        next(town_referrals(400_001, SEED, first_received=FIRST))


def test_people_can_only_be_reached_where_nobody_is(referrals: list[Referral]) -> None:
    for referral in referrals:
        assert referral.contact is not None
        assert PERSONS_PHONE.fullmatch(referral.contact.phone or "")
        addresses = (referral.contact.email, referral.referrer.reply_to if referral.referrer else None)
        assert all(address is None or re.fullmatch(r"[a-z0-9.-]+@example\.org", address) for address in addresses)
        assert not re.search(r"\d{5}|@|https?:", referral.interests)


def test_postcodes_of_people_cannot_exist(referrals: list[Referral]) -> None:
    assert all(re.fullmatch(r"LE\d{1,2} \d[CIKMOV]{2}", referral.postcode) for referral in referrals if referral.postcode)


@pytest.mark.parametrize(("ages", "expected"), PUBLISHED_MEANS.items())
def test_the_mean_of_ucla_3_by_age_is_the_published_one(ages: tuple[int, int], expected: float) -> None:
    assert mean(sums(ages[0], 4_000)) == pytest.approx(expected, abs=0.1)
    assert mean(sums(ages[1], 4_000)) == pytest.approx(expected, abs=0.1)


def test_referrals_carry_the_loneliness_of_their_age(referrals: list[Referral]) -> None:
    asked = [
        (referral.age, sum(referral.loneliness.ucla3)) for referral in referrals if referral.age and referral.loneliness and referral.loneliness.ucla3
    ]
    for (youngest, oldest), expected in PUBLISHED_MEANS.items():
        assert mean(total for age, total in asked if youngest <= age <= oldest) == pytest.approx(expected, abs=0.3)
    between = mean(total for age, total in asked if 30 <= age <= 59)
    assert 4.34 < between < 5.40


def test_the_young_spread_over_the_totals_as_published() -> None:
    counted = Counter(sums(24, 8_000))
    for total, expected in PUBLISHED_SHARES_OF_THE_YOUNG.items():
        assert counted[total] / counted.total() == pytest.approx(expected, abs=0.02)


def test_as_many_feel_lonely_at_least_some_of_the_time_as_in_english_small_areas(referrals: list[Referral]) -> None:
    direct = [referral.loneliness.direct for referral in people(referrals) if referral.loneliness and referral.loneliness.direct]
    assert 0.185 < mean(answer <= 2 for answer in direct) < 0.384


def test_the_lonelier_by_ucla_3_say_so_when_asked_directly(referrals: list[Referral]) -> None:
    both = [(sum(asked.ucla3), asked.direct) for referral in referrals if (asked := referral.loneliness) and asked.ucla3 and asked.direct]
    assert mean(direct for total, direct in both if total >= 7) + 1 < mean(direct for total, direct in both if total == 3)


def test_referrals_come_in_working_hours_of_the_weeks_that_follow(referrals: list[Referral]) -> None:
    for referral in referrals:
        assert referral.received_at is not None
        local = referral.received_at.astimezone(LONDON)
        assert local.weekday() < 5
        assert time(8, 30) <= local.time() < time(17, 30)
        assert local > FIRST
        assert (local - FIRST).days < 9 * 7 + 1


def test_a_few_come_with_a_red_flag_and_fewer_say_it_in_their_words(referrals: list[Referral]) -> None:
    flagged = [referral for referral in referrals if referral.flags]
    said = [referral for referral in referrals if any(flag.text in referral.interests for flag in red_flags())]
    assert 0.015 < share(referrals, flagged) < 0.04
    assert 0.008 < share(referrals, said) < 0.025
    assert {flag for referral in flagged for flag in referral.flags} == {"self_harm", "abuse", "unsafe_contact", "coercion", "capacity"}
    unsafe = [referral.contact for referral in flagged if "unsafe_contact" in referral.flags]
    assert all(contact is not None and contact.safe_to_contact is False for contact in unsafe)


def test_most_agree_to_be_matched_and_none_to_texts_on_a_landline(referrals: list[Referral]) -> None:
    agreed = [referral for referral in referrals if referral.consent and referral.consent.match]
    without_sms = [referral for referral in agreed if referral.consent and not referral.consent.sms]
    assert 0.9 < share(referrals, agreed) < 0.98
    assert 0.1 < share(agreed, without_sms) < 0.5
    for referral in referrals:
        if referral.consent and referral.contact and referral.contact.phone:
            assert not (referral.consent.sms and referral.contact.phone.startswith("01632"))
            assert not (referral.consent.email and referral.contact.email is None)


def test_some_live_in_villages_without_a_car_and_some_speak_what_no_group_speaks(referrals: list[Referral]) -> None:
    village = [referral for referral in referrals if re.match(r"LE(6|7|8|9|12) ", referral.postcode or "")]
    stranded = [referral for referral in village if referral.travel and referral.travel.mode in ("walk", "bus")]
    spoken = {language for group in town_groups(SEED) for language in group.languages}
    unheard = [referral for referral in referrals if not spoken.intersection(referral.languages)]
    assert share(referrals, stranded) > 0.015
    assert 0.001 < share(referrals, unheard) < 0.02


def test_what_clinics_leave_out_is_left_out_here_and_there(referrals: list[Referral]) -> None:
    assert 0.1 < share(referrals, [r for r in referrals if r.latitude is None]) < 0.35
    assert 0 < share(referrals, [r for r in referrals if r.latitude is None and r.postcode is None]) < 0.04
    assert 0.01 < share(referrals, [r for r in referrals if r.age is None]) < 0.06
    assert 0.05 < share(referrals, [r for r in referrals if r.loneliness is None or r.loneliness.ucla3 is None]) < 0.2
    assert 0.2 < share(referrals, [r for r in referrals if r.tags]) < 0.5
    assert all(r.interests for r in referrals)


def test_those_who_went_before_went_to_groups_that_exist(referrals: list[Referral]) -> None:
    ids = {group.group_id for group in town_groups(SEED)}
    went = [been for referral in referrals for been in referral.attended]
    assert 0.02 < len(went) / len(referrals) < 0.08
    assert {been.group_id for been in went} <= ids


@pytest.mark.parametrize(
    ("fact", "holds"),
    [
        ("step_free", lambda r: "step_free" in r.access_needs),
        ("hearing_loop", lambda r: "hearing_loop" in r.access_needs),
        ("quiet_space", lambda r: "quiet_space" in r.access_needs),
        ("no_money", lambda r: r.max_cost == 0),
        ("village_without_car", lambda r: r.travel.mode in ("walk", "bus")),
        ("companion", lambda r: r.consent.companion),
        ("weekends", lambda r: {window.weekday for window in r.availability} == {"sat", "sun"}),
        ("little_english", lambda r: "en" not in r.languages),
    ],
)
def test_what_stands_in_the_way_is_said_only_where_it_is_in_the_record(fact: str, holds: object, referrals: list[Referral]) -> None:
    sentences = read("voices/closings.toml")["facts"][fact]
    saying = [referral for referral in referrals if any(sentence in referral.interests for sentence in sentences)]
    assert len(saying) >= 5
    assert callable(holds)
    assert all(holds(referral) for referral in saying)
