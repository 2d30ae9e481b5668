"""Off-policy estimates on logs of a made-up town, where what the other way truly brings is known."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.evaluation.off_policy import Estimate, Logged, doubly_robust, inverse_propensity, self_normalised
from models.exploration import Exploration
from models.ranker import packaged_prior
from models.simulation.counterfactual import Decisions, Other, decisions, second_of
from models.simulation.policies import Now, Ours
from models.simulation.town import Size
from tests.unit.models.made_up_town import town

LOGS = 300
MANY = 5
"""Every person decides so many times: enough decisions for a normal interval where one in twenty-four is the other way's."""

ESTIMATORS = (inverse_propensity, self_normalised, doubly_robust)
OTHERS: tuple[Other, ...] = ("as_logged", "best_only", "last_swapped")


@cache
def some_decisions(other: Other) -> Decisions:
    """Decisions about 300 people, of whom one in four is shown something to learn from."""
    place, exploration = town(7, Size(300, 60, 8)), Exploration(0.25)
    now = Now(place, 0, place.directory, np.zeros(60, np.int64), np.zeros(60), np.full(60, np.inf))
    ranked = Ours(packaged_prior())(range(300), now, exploration.ranked)
    said = [[0.3 - 0.03 * rank for rank in range(len(slate))] for slate in ranked]
    known = decisions(place, ranked, said, exploration, other)
    return Decisions(*(np.tile(each, (MANY, 1)) for each in (known.logged, known.target, known.truth, known.predicted)))


@cache
def estimates(other: Other) -> list[tuple[Estimate, ...]]:
    chance = np.random.default_rng(3)
    logs = (some_decisions(other).lived(chance) for _ in range(LOGS))
    return [tuple(estimator(log) for estimator in ESTIMATORS) for log in logs]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("estimator", range(3))
def test_an_estimate_is_right_on_the_mean_of_many_logs(other: Other, estimator: int) -> None:
    values = np.array([one[estimator].value for one in estimates(other)])
    assert abs(values.mean() - some_decisions(other).value) < 3.5 * values.std(ddof=1) / LOGS**0.5 + 1e-9


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("estimator", range(3))
def test_an_interval_holds_the_truth_as_often_as_it_says(other: Other, estimator: int) -> None:
    truth = some_decisions(other).value
    held = sum(one[estimator].low <= truth <= one[estimator].high for one in estimates(other))
    slack = 3.5 * (0.95 * 0.05 * LOGS) ** 0.5
    assert 0.95 * LOGS - slack <= held <= 0.95 * LOGS + slack


def test_ignoring_the_propensities_is_caught() -> None:
    """A log taken for another's: the mean of what was seen is not what the other way brings."""
    chance = np.random.default_rng(4)
    logs = [some_decisions("last_swapped").lived(chance) for _ in range(LOGS)]
    naive = np.array([inverse_propensity(replace(log, propensity=np.full(len(log), 0.5))).value for log in logs])
    assert abs(naive.mean() - some_decisions("last_swapped").value) > 10 * naive.std() / LOGS**0.5


def test_the_doubly_robust_estimate_is_right_where_only_the_model_is() -> None:
    known = some_decisions("last_swapped")
    told = replace(known, predicted=known.truth)
    chance = np.random.default_rng(5)
    values = np.array([doubly_robust(replace(told.lived(chance), propensity=np.full(300 * MANY, 0.5))).value for _ in range(LOGS)])
    assert abs(values.mean() - known.value) < 3.5 * values.std(ddof=1) / LOGS**0.5


def test_a_good_model_narrows_the_doubly_robust_interval() -> None:
    known, chance = some_decisions("last_swapped"), np.random.default_rng(6)
    log = replace(known, predicted=known.truth).lived(chance)
    width = {estimator: estimate.high - estimate.low for estimator in ESTIMATORS for estimate in [estimator(log)]}
    assert width[doubly_robust] < width[inverse_propensity]


def test_estimates_by_hand() -> None:
    log = Logged(np.array([1.0, 0.0]), np.array([0.5, 0.25]), np.array([1.0, 0.5]), np.array([0.5, 0.5]), np.array([0.4, 0.2]))
    assert inverse_propensity(log).value == pytest.approx((2 * 1 + 0) / 2)
    assert self_normalised(log).value == pytest.approx(2 / 4)
    assert doubly_robust(log).value == pytest.approx((0.4 + 2 * 0.5 + 0.2 - 2 * 0.5) / 2)
    assert inverse_propensity(log).effective == pytest.approx(2)


def test_where_nothing_logged_is_the_other_ways_nothing_is_said() -> None:
    nothing = Logged(*(np.array(each) for each in ([1.0, 0.0], [0.5, 0.5], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0])))
    assert np.isnan(self_normalised(nothing).value)
    assert inverse_propensity(nothing).effective == 0


@pytest.mark.parametrize(("propensity", "target"), [(0.0, 0.5), (1.5, 0.5), (0.5, -0.1)])
def test_what_cannot_be_a_probability_is_refused(propensity: float, target: float) -> None:
    one = np.ones(1)
    with pytest.raises(ValueError, match="probability"):
        Logged(one, np.array([propensity]), np.array([target]), one, one)


def test_the_true_chance_is_that_of_choosing_and_coming_twice() -> None:
    place = town()
    shown = (3, 11)
    weights = np.exp([place.appeal(5, 3, 0), place.appeal(5, 11, 1)])
    second = place.truth.second(place.newcomers[5].week)[5]
    expected = (weights[0] * second[3] + weights[1] * second[11]) / (1 + weights.sum())
    assert second_of(place, 5, shown) == pytest.approx(expected)
    assert second_of(place, 5, ()) == 0
