"""The joint choice against every possible one on small cases, and what must hold of it on any."""

from collections.abc import Iterator
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.assignment.greedy import one_by_one
from models.assignment.joint import place_jointly
from models.assignment.problem import MILLION, NOBODY, Placing, Problem

FEWER = settings(max_examples=60)
"""Each example is a whole placing, or two."""

worths = st.integers(0, MILLION) | st.sampled_from((0, 1, 299_999, 300_000, 300_001, MILLION))


def problem_of(people: list[dict[int, int]], capacity: list[int]) -> Problem:
    """Each person's candidates as {group: worth}."""
    starts = np.cumsum([0, *(len(candidates) for candidates in people)])
    groups = [group for candidates in people for group in candidates]
    values = [worth for candidates in people for worth in candidates.values()]
    return Problem(starts, np.array(groups, np.int64), np.array(values, np.int64), np.array(capacity, np.int64))


@st.composite
def problems(draw: st.DrawFn, most_people: int = 5, most_groups: int = 4) -> tuple[list[dict[int, int]], list[int]]:
    number = draw(st.integers(1, most_groups))
    candidates = st.dictionaries(st.integers(0, number - 1), worths, max_size=number)
    capacity = draw(st.lists(st.integers(0, 3), min_size=number, max_size=number))
    return draw(st.lists(candidates, max_size=most_people)), capacity


def every_placing(people: list[dict[int, int]], capacity: list[int]) -> Iterator[int]:
    """The worth of each placing that no capacity forbids."""
    for choice in product(*([None, *candidates] for candidates in people)):
        if all(choice.count(group) <= places for group, places in enumerate(capacity)):
            yield sum(candidates[group] for candidates, group in zip(people, choice, strict=True) if group is not None)


def within_places(placing: Placing, capacity: list[int]) -> bool:
    return bool((np.bincount(placing.group[placing.group != NOBODY], minlength=len(capacity)) <= capacity).all())


@settings(max_examples=400)
@given(problems())
@example(([{0: 300_000, 1: 300_000}] * 3, [1, 1]))
@example(([{0: MILLION}, {0: 1, 1: 1}], [1, 0]))
@example(([{}, {0: 0}], [3]))
def test_it_is_the_best_of_all_placings(case: tuple[list[dict[int, int]], list[int]]) -> None:
    people, capacity = case
    placing = place_jointly(problem_of(people, capacity))
    assert placing.worth == placing.bound == max(every_placing(people, capacity))
    assert within_places(placing, capacity)
    assert all(group == NOBODY or group in candidates for candidates, group in zip(people, placing.group.tolist(), strict=True))


@FEWER
@given(problems(30, 8), st.sampled_from((0.3, 0.01, 0.001)))
def test_no_better_placing_lies_above_the_bound_and_the_gap_is_no_larger_than_asked(
    case: tuple[list[dict[int, int]], list[int]], tolerance: float
) -> None:
    problem = problem_of(*case)
    best, rough = place_jointly(problem), place_jointly(problem, tolerance)
    assert rough.worth <= best.worth == best.bound <= rough.bound
    assert rough.gap <= tolerance
    assert within_places(rough, case[1])


alike = st.dictionaries(st.integers(0, 3), st.sampled_from((200_000, 300_000)), max_size=4)


@given(st.lists(alike, max_size=5), st.lists(st.integers(0, 2), min_size=4, max_size=4))
@example([{1: 300_000, 2: 200_000}, {0: 200_000, 3: 200_000}, {1: 300_000, 0: 200_000, 3: 200_000}], [1, 1, 2, 1])
def test_nobody_is_moved_past_a_group_worth_as_much_that_has_a_place_left(people: list[dict[int, int]], capacity: list[int]) -> None:
    placed = place_jointly(problem_of(people, capacity)).group.tolist()
    left = {group for group, places in enumerate(capacity) if placed.count(group) < places}
    for candidates, group in zip(people, placed, strict=True):
        earlier = list(candidates)[: list(candidates).index(group)] if group in candidates else []
        assert not [other for other in earlier if candidates[other] == candidates[group] and other in left]


@FEWER
@given(problems(30, 8))
def test_the_prices_prove_the_bound(case: tuple[list[dict[int, int]], list[int]]) -> None:
    people, capacity = case
    placing = place_jointly(problem_of(people, capacity))
    taken = np.bincount(placing.group[placing.group != NOBODY], minlength=len(capacity))
    places = np.minimum(capacity, len(people) + 1)
    assert (placing.prices[taken < capacity] == 0).all()
    gains = sum(max([0.0, *(worth / MILLION - placing.prices[group] for group, worth in one.items() if capacity[group])]) for one in people)
    assert float(places @ placing.prices) + gains == pytest.approx(placing.bound / MILLION, abs=1e-5)


@FEWER
@given(problems(20, 6), st.data())
def test_another_place_never_lowers_what_is_expected(case: tuple[list[dict[int, int]], list[int]], data: st.DataObject) -> None:
    people, capacity = case
    more = list(capacity)
    more[data.draw(st.integers(0, len(capacity) - 1))] += 1
    before, after = place_jointly(problem_of(people, capacity)), place_jointly(problem_of(people, more))
    assert before.worth <= after.worth


@FEWER
@given(problems(20, 6), st.randoms(use_true_random=False))
def test_the_order_of_people_and_of_their_candidates_does_not_change_what_is_expected(
    case: tuple[list[dict[int, int]], list[int]], chance: Random
) -> None:
    people, capacity = case
    shuffled = [dict(chance.sample(list(candidates.items()), len(candidates))) for candidates in chance.sample(people, len(people))]
    assert place_jointly(problem_of(shuffled, capacity)).worth == place_jointly(problem_of(people, capacity)).worth


@FEWER
@given(problems(20, 6))
def test_one_by_one_each_takes_the_best_that_is_left(case: tuple[list[dict[int, int]], list[int]]) -> None:
    people, capacity = case
    problem, free = problem_of(people, capacity), list(capacity)
    placed = one_by_one(problem, range(len(problem)))
    for candidates, group in zip(people, placed.tolist(), strict=True):
        left = sorted((-worth, other) for other, worth in candidates.items() if free[other])
        assert group == (left[0][1] if left else NOBODY)
        if group != NOBODY:
            free[group] -= 1
    assert problem.worth_of(placed) <= place_jointly(problem).worth


def test_a_question_of_a_thousand_people_with_scarce_places_is_settled_exactly() -> None:
    chance = np.random.default_rng(7)
    groups = np.argsort(chance.random((1_000, 60)), axis=1)[:, :12]
    problem = Problem(np.arange(0, 12_001, 12), groups.ravel(), chance.integers(0, MILLION, 12_000), chance.integers(0, 20, 60))
    placing = place_jointly(problem)
    assert placing.worth == placing.bound > problem.worth_of(one_by_one(problem, range(len(problem))))


@pytest.mark.parametrize(
    ("people", "capacity", "told"),
    [
        ([{0: MILLION + 1}], [1], "a worth is"),
        ([{0: -1}], [1], "a worth is"),
        ([{1: 5}], [1], "none of the groups"),
        ([{0: 5}], [-1], "fewer than no places"),
    ],
)
def test_numbers_that_cannot_be_are_refused(people: list[dict[int, int]], capacity: list[int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        problem_of(people, capacity)
