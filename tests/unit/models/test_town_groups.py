"""The sample town's directory: enough of it, varied, believable, and true to the rooms it meets in."""

import re
from collections import Counter
from datetime import date
from itertools import combinations
from math import cos, hypot, radians

import pytest

from models.geography import locate
from models.town import town_groups
from models.town.places import areas, venues
from schemas.group import Group
from schemas.record import minutes

SEED = 20_250_901
CENTRE = (52.634, -1.128)
ORGANISERS_PHONE = re.compile(r"07700 900[0-2]\d\d")
EXAMPLE_ORG = re.compile(r"[a-z0-9.-]+@example\.org")


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    return town_groups(SEED)


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Good to a few metres over a town."""
    return 111.2 * hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0])))


def trigrams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def test_there_are_at_least_180_groups_of_at_least_45_kinds(groups: list[Group]) -> None:
    assert len(groups) >= 180
    assert len({group.tags[0] for group in groups}) >= 45


def test_every_group_is_a_valid_record_after_a_journey_through_json(groups: list[Group]) -> None:
    assert [Group.model_validate_json(group.model_dump_json()) for group in groups] == groups
    assert not any(group.model_extra for group in groups)


def test_ids_are_unique_short_and_begin_with_the_kind(groups: list[Group]) -> None:
    assert len({group.group_id for group in groups}) == len(groups)
    for group in groups:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", group.group_id)
        assert len(group.group_id) <= 45
        assert group.group_id.startswith(group.tags[0])


def test_no_two_groups_share_a_name_or_a_description(groups: list[Group]) -> None:
    assert len({group.name for group in groups}) == len(groups)
    assert len({group.description for group in groups}) == len(groups)


def test_no_two_descriptions_share_a_fifth_of_their_word_trigrams(groups: list[Group]) -> None:
    said = [(group.group_id, trigrams(group.description)) for group in groups]
    alike = [(one, other) for (one, a), (other, b) in combinations(said, 2) if len(a & b) > 0.2 * min(len(a), len(b))]
    assert alike == []


def test_every_description_is_a_few_sentences_on_one_line(groups: list[Group]) -> None:
    for group in groups:
        assert 30 <= len(group.description.split()) <= 110, group.group_id
        assert "\n" not in group.description
        assert group.description[-1] in ".!?'" or group.description.endswith("Danny"), group.group_id


def test_the_same_seed_gives_the_same_directory_and_another_seed_the_same_words(groups: list[Group]) -> None:
    assert town_groups(SEED) == groups
    other = town_groups(SEED + 1)
    assert [(group.group_id, group.description, group.sessions) for group in other] == [
        (group.group_id, group.description, group.sessions) for group in groups
    ]
    assert sum(one.capacity != two.capacity for one, two in zip(groups, other, strict=True)) > len(groups) / 2


def test_organisers_can_only_be_reached_where_nobody_is(groups: list[Group]) -> None:
    phones = [group.contact.phone for group in groups if group.contact and group.contact.phone]
    assert all(ORGANISERS_PHONE.fullmatch(phone) for phone in phones)
    assert len(set(phones)) == len(phones) > 150
    for group in groups:
        assert group.contact is not None
        assert group.contact.name
        assert group.contact.phone or group.contact.email
        assert group.contact.email is None or EXAMPLE_ORG.fullmatch(group.contact.email)


def test_villages_lie_six_to_fourteen_kilometres_out_and_have_few_groups(groups: list[Group]) -> None:
    villages = {key for key, area in areas().items() if area.village}
    for key, area in areas().items():
        away = kilometres(CENTRE, (area.latitude, area.longitude))
        assert (6 <= away <= 14) if key in villages else away < 6, key
    where = Counter(venue.area for group in groups for venue in venues().values() if venue.name == group.organisation)
    assert max(where[key] for key in villages) < sum(where[key] for key in areas()) / 10
    assert min(where[key] for key in areas()) >= 2


def test_postcodes_resolve_offline_near_the_door_and_cannot_exist(groups: list[Group]) -> None:
    for group in groups:
        if group.postcode is None or group.latitude is None or group.longitude is None:
            assert group.mode == "online" or group.group_id == "womens-group-by-arrangement"
            continue
        assert re.fullmatch(r"LE\d{1,2} \d[CIKMOV]{2}", group.postcode)
        place = locate(group.postcode)
        assert place is not None
        assert kilometres((place.latitude, place.longitude), (group.latitude, group.longitude)) < 6, group.group_id


def test_schedules_are_varied_and_end_after_they_begin(groups: list[Group]) -> None:
    sessions = [session for group in groups for session in group.sessions]
    assert all(group.sessions for group in groups)
    assert {session.weekday for session in sessions} == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert sum(session.every_weeks == 2 for session in sessions) > 30
    assert sum(session.every_weeks == 4 for session in sessions) > 10
    assert sum(minutes(session.start) >= 17 * 60 for session in sessions) > 60
    assert sum(session.weekday in ("sat", "sun") for session in sessions) > 50
    overnight = [session for session in sessions if session.end is not None and minutes(session.end) <= minutes(session.start)]
    assert {(session.start, session.end) for session in overnight} == {("23:00", "01:00")}


def test_what_directories_leave_out_is_left_out_here_and_there(groups: list[Group]) -> None:
    def share(number: int) -> float:
        return number / len(groups)

    assert 0.03 < share(sum(group.access is None for group in groups)) < 0.2
    assert 0.1 < share(sum(group.access is not None and "step_free" not in group.access for group in groups)) < 0.3
    assert 0.03 < share(sum(group.cost is None for group in groups)) < 0.15
    assert 0.3 < share(sum(group.cost == 0 for group in groups)) < 0.7
    assert 0.05 < share(sum(group.capacity is None for group in groups)) < 0.25
    assert 0.1 < share(sum(group.assured_on is None for group in groups)) < 0.4
    assert sum(not group.languages for group in groups) >= 5
    assert sum(group.latitude is None and group.mode == "in_person" for group in groups) == 1


def test_some_groups_are_small_some_full_and_some_keep_a_waiting_list(groups: list[Group]) -> None:
    capacities = [group.capacity for group in groups if group.capacity is not None]
    assert sum(5 <= capacity.maximum <= 8 for capacity in capacities) >= 15
    full = [capacity for capacity in capacities if capacity.available == 0]
    assert {capacity.waitlist for capacity in full} == {True, False}
    assert 0.05 < len(full) / len(capacities) < 0.25
    assert all(capacity.available is None or capacity.available <= capacity.maximum for capacity in capacities)


def test_limits_languages_and_modes_follow_from_what_the_group_is(groups: list[Group]) -> None:
    assert {group.mode for group in groups} == {"in_person", "online", "hybrid"}
    assert {group.status for group in groups} == {"active", "inactive", "paused"}
    assert sum(group.status != "active" for group in groups) < 5
    assert {"pl", "ur", "bn", "uk", "so", "gu", "en"} <= {language for group in groups for language in group.languages}
    assert {gender for group in groups for gender in group.genders or ()} == {"female", "male"}
    assert sum(group.minimum_age is not None and group.minimum_age >= 50 for group in groups) >= 15
    for group in groups:
        assert group.minimum_age is None or group.maximum_age is None or group.minimum_age < group.maximum_age
        assert (group.mode == "online") == (group.organisation == "Aldersby Online")


def test_no_step_free_room_is_described_as_up_stairs(groups: list[Group]) -> None:
    upstairs = re.compile(r"no lift|(?:two|three) (?:stone |worn |wooden )?(?:steps|stairs)|flights|staircase")
    described = [group for group in groups if upstairs.search(group.description)]
    assert len(described) >= 8
    for group in described:
        assert group.access is None or "step_free" not in group.access, group.group_id


def test_no_group_was_checked_after_the_town_was_written(groups: list[Group]) -> None:
    assert all(group.assured_on is None or date(2023, 6, 1) <= group.assured_on <= date(2025, 6, 30) for group in groups)
