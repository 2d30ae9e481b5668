"""Exploration: bounded, its propensities exact, and never past what was ranked."""

from collections import Counter

import numpy as np
import pytest

from models.exploration import MOST, Exploration
from models.ranker import packaged_prior
from models.simulation.living import live
from models.simulation.policies import policy
from tests.unit.models.made_up_town import lived, town

EXPLORATION = Exploration(0.2)


@pytest.mark.parametrize("number", range(9))
def test_all_that_may_be_shown_adds_up_and_stays_in_order_within_the_ranking(number: int) -> None:
    options = EXPLORATION.options(number)
    assert sum(option.probability for option in options) == pytest.approx(1)
    for option in options:
        assert list(option.places) == sorted(set(option.places))
        assert len(option.places) == min(number, EXPLORATION.shown)
        assert all(place < min(number, EXPLORATION.ranked) for place in option.places)


def test_the_first_is_always_shown_and_at_most_one_is_swapped() -> None:
    for option in EXPLORATION.options(6):
        assert 0 in option.places
        assert len({0, 1, 2} & set(option.places)) >= 2


def test_propensities_are_those_of_the_design() -> None:
    assert EXPLORATION.propensities(6, range(6)) == pytest.approx((1, 0.9, 0.9, 0.2 / 3, 0.2 / 3, 0.2 / 3))
    assert EXPLORATION.propensities(4, range(4)) == pytest.approx((1, 0.9, 0.9, 0.2))
    assert EXPLORATION.propensities(3, range(3)) == (1, 1, 1)


def test_what_is_shown_is_as_frequent_as_its_propensity() -> None:
    chance = np.random.default_rng(1)
    seen = Counter(place for _ in range(20_000) for place in EXPLORATION.chosen(6, chance.random()).places)
    for place, likely in enumerate(EXPLORATION.propensities(6, range(6))):
        assert abs(seen[place] / 20_000 - likely) <= 4 * (likely * (1 - likely) / 20_000) ** 0.5


@pytest.mark.parametrize("wrong", [{"epsilon": MOST + 0.01}, {"epsilon": -0.1}, {"shown": 0}, {"kept": -1}])
def test_it_is_bounded(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"exploration is a chance|at least one group"):
        Exploration(**wrong)  # type: ignore[arg-type]


def test_without_a_chance_nothing_but_the_best_is_ranked_or_shown() -> None:
    assert Exploration().ranked == 3
    assert [Exploration().chosen(9, drawn).places for drawn in (0.0, 0.999999)] == [(0, 1, 2)] * 2


def test_a_town_that_explores_shows_only_what_was_ranked_and_logs_how_likely_it_was() -> None:
    stories = live(town(), policy("ours", packaged_prior()), EXPLORATION)
    explored = [story for story in stories if story.shown != story.ranked[:3]]
    assert 0 < len(explored) < len(stories) / 2
    for story in stories:
        assert set(story.shown) <= set(story.ranked)
        places = [story.ranked.index(row) for row in story.shown]
        assert story.propensity == EXPLORATION.propensities(len(story.ranked), places)
    assert all(min(story.propensity) < 0.5 for story in explored)
    assert [story.shown for story in lived("ours") if story.week == 0] == [story.ranked[:3] for story in stories if story.week == 0]
