"""Made-up towns: the same seed gives the same town, policies differ by what they propose alone, and what is lived through follows the truth."""

from collections import Counter

import numpy as np
import pytest

from models.columns import free_places
from models.eligibility import first_broken_rule
from models.ranker import packaged_prior
from models.reach import ReachDefaults
from models.simulation.living import live
from models.simulation.numbers import sources
from models.simulation.places import KEPT_AFTER_ONCE, Places
from models.simulation.policies import POLICIES, PolicyName, policy
from models.simulation.records import attendance_of
from models.simulation.town import Size, built
from tests.unit.models.made_up_town import READING, SIZE, lived, town


def test_every_number_of_the_truth_says_where_it_comes_from() -> None:
    assert all(source.startswith(("Nashville", "judgement", "set so that under `nearest`")) for source in sources().values())


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_seed_gives_the_same_stories(name: PolicyName) -> None:
    again = live(built(1, SIZE, READING), policy(name, packaged_prior()))
    assert again == lived(name)


def test_another_seed_gives_another_town() -> None:
    assert lived("nearest", 2) != lived("nearest", 1)


def test_a_town_with_more_people_has_the_same_people_first() -> None:
    larger, smaller = town(1, Size(150, SIZE.groups, SIZE.weeks)), town(1)
    assert larger.newcomers[: SIZE.people] == smaller.newcomers
    assert np.array_equal(larger.truth.chance.comes[: SIZE.people], smaller.truth.chance.comes)
    assert np.allclose(larger.truth.second(0)[: SIZE.people], smaller.truth.second(0), rtol=0, atol=1e-12)


def test_a_pair_has_the_same_chance_whatever_other_groups_there_are() -> None:
    larger, smaller = town(1, Size(20, 100, SIZE.weeks)), town(1, Size(20, 60, SIZE.weeks))
    rows = [larger.groups.index(group) for group in smaller.groups]
    assert np.array_equal(larger.truth.chance.back[:, rows], smaller.truth.chance.back)


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_proposes_a_group_that_a_rule_keeps_out(name: PolicyName) -> None:
    place = town()
    shown = 0
    for story in lived(name):
        needs = place.newcomers[story.person].referral
        furthest = ReachDefaults().usual_km(needs.travel) * max(ReachDefaults().widened)
        for row in story.shown:
            free = place.groups[row].model_copy(update={"capacity": None})
            broken = first_broken_rule(needs, free, today=place.day(story.week), limit_km=furthest, feed_around_home=True)
            assert broken is None, (name, needs.referral_id, place.groups[row].group_id)
            shown += 1
    assert shown > SIZE.people


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_is_placed_beyond_the_places_of_a_group(name: PolicyName) -> None:
    place = town()
    staying = Counter(story.agreed for story in lived(name) if story.end == "came_twice")
    assert staying
    assert all(number <= place.free[row] for row, number in staying.items() if row is not None)


def test_who_agrees_on_the_same_group_in_the_same_week_has_the_same_end_under_every_policy() -> None:
    same = [
        (mine, theirs)
        for name in POLICIES[1:]
        for mine, theirs in zip(lived("ours"), lived(name), strict=True)
        if mine.agreed is not None and mine.placed_in is not None and (mine.agreed, mine.placed_in) == (theirs.agreed, theirs.placed_in)
    ]
    assert len(same) > 20
    assert all(mine.end == theirs.end for mine, theirs in same)


def test_what_is_lived_through_is_as_frequent_as_the_truth_says() -> None:
    place = town(3, Size(1000, 60, 8))
    stories = [story for story in live(place, policy("random", packaged_prior())) if story.placed_in is not None]
    placed = [(story.person, story.agreed or 0, story.placed_in or 0) for story in stories]
    likely = np.array([place.truth.second(week)[person, row] for person, row, week in placed])
    happened = sum(story.sessions > 1 for story in stories)
    assert abs(happened - likely.sum()) < 3.5 * np.sqrt((likely * (1 - likely)).sum())


def test_nobody_comes_to_a_group_that_has_ended_and_once_told_it_is_proposed_no_more() -> None:
    place, stories = town(1, SIZE, ended_a_year=0.8, told_ended=1.0), lived("nearest", 1, ended_a_year=0.8, told_ended=1.0)
    placed = [story for story in stories if story.placed_in is not None and story.agreed is not None]
    ended = [story for story in placed if place.truth.ends[story.agreed or 0] <= (story.placed_in or 0)]
    assert len(ended) > 10
    assert all(story.sessions == 0 for story in ended)
    told: dict[int, int] = {}
    for story in ended:
        person, row, week = story.person, story.agreed or 0, story.placed_in or 0
        if place.truth.chance.comes[person, row] < place.truth.comes[person, row]:
            told[row] = min(week, told.get(row, week))
    assert told
    assert not [story for story in stories for row in story.shown if story.week > told.get(row, SIZE.weeks)]


def test_somebody_who_waits_is_placed_when_a_place_is_given_back_and_not_all_still_want_it() -> None:
    stories = [story for seed in range(1, 6) for story in lived("greedy", seed, still_wants=0.7, comes=-1.0)]
    assert any(story.placed_in is not None and story.placed_in > story.week for story in stories)
    assert any(story.end == "gave_up_waiting" for story in stories)


def test_the_oracle_brings_more_people_back_than_chance() -> None:
    back = {name: sum(story.sessions > 1 for seed in (1, 2, 3) for story in lived(name, seed)) for name in ("oracle", "random")}
    assert back["oracle"] > 1.5 * back["random"]


def test_ours_goes_by_the_score_alone_where_nobody_is_spread_and_else_fills_more_groups() -> None:
    assert live(town(), policy("ours", packaged_prior(), 0.0)) == lived("greedy")
    filled = {name: sum(len({one.agreed for one in lived(name, seed) if one.placed_in is not None}) for seed in (1, 2, 3)) for name in POLICIES}
    assert filled["ours"] > filled["greedy"]


def test_places_are_known_by_the_record_and_by_what_was_given_and_given_back_since() -> None:
    places = Places(town())
    limited = [row for row, group in enumerate(town().groups) if group.capacity is not None]
    assert all(places.known_free()[row] == free_places(town().groups[row].capacity) for row in limited if places.free[row] > 0)  # type: ignore[arg-type]
    assert np.isinf(places.known_free()[[row for row in range(len(town().groups)) if row not in limited]]).all()
    row = max(limited, key=lambda row: float(places.free[row]))
    before = places.known_free()[row]
    assert places.ask(row, person=0, week=0)
    assert places.known_free()[row] == before - 1
    places.given_back(row, week=0, sessions=1)
    assert list(places.moved_up(KEPT_AFTER_ONCE)) == []
    assert places.known_free()[row] == before
    places.free[row] = 0
    assert places.known_free()[row] == 0


def test_a_policy_cannot_see_the_truth() -> None:
    """Another truth behind the same records changes not what is proposed in the first week, save by the oracle."""
    for name in POLICIES:
        first = [
            [story.shown for story in lived(name, 1, **other) if story.week == 0]
            for other in ({}, {"told_of_people": 0.01, "taste_back": 9.0, "km_back": 3.0})
        ]
        assert (first[0] == first[1]) == (name != "oracle")


def test_attendance_has_a_row_for_every_group_that_was_proposed() -> None:
    rows = list(attendance_of(town(), lived("ours")))
    assert len(rows) == sum(len(story.shown) for story in lived("ours"))
    assert sum(row.sessions > 1 for row in rows) == sum(story.sessions > 1 for story in lived("ours")) > 0
    assert all(row.propensity == 1 and row.offered_at and (row.first_at is None) == (row.sessions == 0) for row in rows)


@pytest.mark.parametrize("groups", [0, 10_000])
def test_a_town_has_no_other_groups_than_those_written(groups: int) -> None:
    with pytest.raises(ValueError, match="the town has 1 to"):
        built(1, Size(1, groups, 1), READING)
