"""What towns come to: measures by their definitions, intervals that widen with chance, and the picture and rows that tell of them."""

import json
from dataclasses import replace
from statistics import mean, stdev
from xml.etree import ElementTree

import numpy as np
import pytest

from models.simulation.comparing import compared, interval, paired, student
from models.simulation.outcomes import MEASURES, VALUES, Outcome, by_group_of_people, gini, groups_of_people, outcome_of
from models.simulation.picture import comparison_picture
from schemas.referral import Referral
from tests.unit.models.made_up_town import SIZE, lived, town

ONE = Outcome(100, 40, 15, 20, np.array([0, 3, 1, 0]), {"young": (60, 12), "old": (60, 3), "few": (2, 0)}, {"came_twice": 15})


def test_measures_are_those_of_their_definitions() -> None:
    told = {name: value([ONE, replace(ONE, second=25, people=300)]) for name, value in VALUES.items()}
    assert told["second"] == pytest.approx(100 * 40 / 400)
    assert told["first"] == pytest.approx(100 * 80 / 400)
    assert told["unplaced"] == pytest.approx(10)
    assert told["coverage"] == 0.5
    assert told["worst_off"] == pytest.approx(100 * 6 / 120)
    assert set(told) | {"regret"} == set(MEASURES)


@pytest.mark.parametrize(("counts", "expected"), [([2, 2, 2], 0.0), ([0, 0, 0, 4], 0.75), ([0, 0], 0.0)])
def test_gini(counts: list[int], expected: float) -> None:
    assert gini(np.array(counts)) == pytest.approx(expected)


def test_a_group_of_few_people_is_not_judged() -> None:
    assert by_group_of_people([ONE]) == {"old": (60, 5.0), "young": (60, 20.0)}


def test_somebody_belongs_to_a_group_of_people_by_travel_age_and_language() -> None:
    assert groups_of_people(Referral(age=70, languages=["pl"])) == ["says nothing of travel", "aged 65 and over", "speaks no English"]
    assert groups_of_people(Referral.model_validate({"languages": ["en-GB"], "travel": {"mode": "bus"}})) == ["travels by bus", "speaks English"]


def test_the_interval_of_a_mean_is_students() -> None:
    numbers = [3.0, 5.0, 4.0, 9.0, 6.0]
    half = 2.7764 * stdev(numbers) / 5**0.5
    assert interval(numbers, mean) == pytest.approx((5.4, 5.4 - half, 5.4 + half))


def test_one_town_tells_of_no_spread() -> None:
    assert np.isnan(interval([3.0], mean)[1:]).all()


@pytest.mark.parametrize(("degrees", "point"), [(1, 12.7062), (4, 2.7764), (11, 2.2010), (19, 2.0930), (30, 2.0423), (120, 1.9799)])
def test_students_points(degrees: int, point: float) -> None:
    assert student(degrees) == pytest.approx(point, abs=5e-4)


def test_a_difference_in_the_same_towns_has_no_spread_where_it_is_the_same_everywhere() -> None:
    towns = [replace(ONE, second=second) for second in (5, 15, 40)]
    better = [replace(one, second=one.second + 2) for one in towns]
    assert paired(better, towns, "second") == pytest.approx((2.0, 2.0, 2.0))


def test_outcomes_are_counted_from_the_stories() -> None:
    outcome = outcome_of(town(), lived("ours"))
    assert outcome.people == sum(outcome.ends.values()) == SIZE.people
    assert outcome.ends["came_twice"] == outcome.second
    assert sum(number for name, (number, _) in outcome.groups.items() if name.startswith("aged")) == SIZE.people
    assert sum(second for name, (_, second) in outcome.groups.items() if name.startswith("speaks")) == outcome.second


def test_rows_and_picture_tell_every_policy_and_difference() -> None:
    lived_through = {name: [outcome_of(town(seed), lived(name, seed)) for seed in (1, 2)] for name in ("ours", "nearest", "oracle")}
    rows = compared(lived_through, "ours")
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert [row["policy"] for row in rows] == ["ours", "nearest", "oracle"]
    assert rows[0]["minus_ours"]["second"] == [0, 0, 0]
    assert rows[2]["regret"] == [0, 0, 0]
    assert rows[1]["regret"][0] == pytest.approx(rows[2]["second"][0] - rows[1]["second"][0], abs=2e-3)
    text = "".join(ElementTree.fromstring(comparison_picture(rows)).itertext())
    assert all(f"{row['second'][0]:.3g}" in text for row in rows)
    assert "made-up towns" in text


def test_without_an_oracle_there_is_no_regret() -> None:
    rows = compared({"ours": [outcome_of(town(), lived("ours"))]}, "ours")
    assert "regret" not in rows[0]
    assert rows[0]["second"][1:] == [None, None]
    assert "came a second time" in comparison_picture(rows)
