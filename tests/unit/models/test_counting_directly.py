"""What counts beside the trees: learned from which group of all each person chose, for people with a history alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.features import Values
from models.learned.signals import directly
from models.pairs import Pairs
from models.ranker import seen_by
from models.reach import ReachDefaults
from models.training.asking import asked_of
from models.training.calibration import fit_choice
from models.training.plan import Plan
from models.training.questions import by_person, questions_of
from models.training.welcome import in_turn
from tests.unit.models.attended_town import PLAN, TODAY, attendance, group_id, groups, known, learned, somebody

QUESTIONS, GROUPS = 1500, 30


def choices(true: list[float], seed: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """What trees said of each question's groups, signals, and which group was chosen, the first of each question."""
    rng = np.random.default_rng(seed)
    said, signals = rng.standard_normal((QUESTIONS, GROUPS)), rng.standard_normal((QUESTIONS, GROUPS, len(true)))
    chosen = (said + signals @ np.array(true) + rng.gumbel(size=said.shape)).argmax(axis=1)
    order = np.argsort(np.arange(GROUPS)[None, :] != chosen[:, None], axis=1, kind="stable")
    said, signals = np.take_along_axis(said, order, axis=1), np.take_along_axis(signals, order[:, :, None], axis=1)
    return said.ravel(), signals.reshape(-1, len(true)), np.tile(np.arange(GROUPS) == 0, QUESTIONS)


def fitted(said: NDArray[np.float64], signals: NDArray[np.float64], chosen: NDArray[np.bool_], **more: NDArray[np.float64]) -> NDArray[np.float64]:
    return fit_choice(said, signals, chosen, more.get("groups", np.ones(len(said))), more.get("counts", np.ones(int(chosen.sum()))))


def test_what_led_to_the_choices_is_found_and_is_never_less_than_nothing() -> None:
    first, second, third = fitted(*choices([1.0, -0.5, 0.0]))
    assert first == pytest.approx(1, abs=0.1)
    assert second == 0
    assert third == pytest.approx(0, abs=0.1)


def test_what_is_the_same_for_all_groups_of_a_person_makes_no_difference() -> None:
    said, signals, chosen = choices([1.0])
    of_the_person = np.repeat(np.random.default_rng(5).standard_normal(QUESTIONS), GROUPS)
    assert fitted(said + of_the_person, signals, chosen) == pytest.approx(fitted(said, signals, chosen), abs=1e-4)


def test_a_group_that_stands_for_several_counts_as_several() -> None:
    said, signals, chosen = choices([1.0])
    thrice = np.where(chosen, 1, 3)
    repeated = fitted(np.repeat(said, thrice), np.repeat(signals, thrice, axis=0), np.repeat(chosen, thrice))
    scale = signals.std() / np.repeat(signals, thrice, axis=0).std()
    assert fitted(said, signals, chosen, groups=thrice.astype(float)) == pytest.approx(repeated, abs=1e-2 * abs(1 - scale) + 1e-4)


def test_the_choices_that_count_more_decide() -> None:
    parts = [choices([weight], seed) for weight, seed in ((1.5, 1), (0.0, 2))]
    said, signals, chosen = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    towards = [float(fitted(said, signals, chosen, counts=np.repeat(counts, QUESTIONS))[0]) for counts in ([1, 0.01], [1, 1], [0.01, 1])]
    assert towards == sorted(towards, reverse=True)
    assert towards[0] > 1.3
    assert towards[2] < 0.2


def test_nobody_who_chose_leaves_nothing() -> None:
    assert fit_choice(np.zeros(0), np.zeros((0, 2)), np.zeros(0, np.bool_), np.zeros(0), np.zeros(0)).tolist() == [0, 0]


def test_an_input_that_never_differs_adds_nothing() -> None:
    said, signals, chosen = choices([1.0])
    assert fitted(said, np.column_stack([signals, np.ones(len(said))]), chosen)[1] == 0


def test_not_known_counts_as_neither_good_nor_bad_and_nothing_counts_without_a_history() -> None:
    values: Values = {"nearness": np.array([0.0, 0.5, 1.0, np.nan, 1.0]), "sought": np.array([0.0, 1.0, 2.0, np.nan, np.nan])}
    histories: Values = {"histories": np.array([1.0, 1.0, 1.0, 1.0, 0.0])}
    assert directly(values | histories, "nearness").tolist() == [-0.5, 0, 0.5, 0, 0]
    assert directly(values | histories, "sought").tolist() == [0, 1, 2, 0, 0]
    assert not directly(histories, "sought").any()


def test_how_near_a_group_is_counts_for_people_with_a_history_alone() -> None:
    directory = Directory.of(groups())
    block = Block.of([somebody(), somebody({group_id(0, 0): 2})], ReachDefaults())
    seen = seen_by(learned(), block, directory, Pairs(block, directory, TODAY), TODAY)
    unknown, experienced = (directly(seen.values, "nearness")[person] for person in range(2))
    assert not unknown.any()
    assert np.ptp(experienced) > 0


def test_so_many_choices_are_asked_about_as_the_plan_says() -> None:
    people, directory = by_person(attendance()), Directory.of(groups())

    def chosen(most: int) -> int:
        plan = Plan(**{**vars(PLAN), "choices": most})
        return int(asked_of(people, known(), directory, plan, TODAY).choices.answer.sum())

    assert chosen(5) == 5
    assert chosen(10**6) == chosen(PLAN.choices) > chosen(30) == 30


def test_everybody_s_first_choice_is_asked_about_before_anybody_s_second() -> None:
    questions = list(questions_of(by_person(attendance()), known()))
    turns = in_turn(questions, PLAN)
    people = len({question.person_id for question in turns})
    assert people < len(turns) < len(questions)
    assert len({question.person_id for question in turns[:people]}) == people
    assert turns == in_turn(questions[::-1], PLAN)


def test_trees_that_say_too_much_are_taken_for_what_they_tell() -> None:
    said, signals, chosen = choices([1.0])
    assert fitted(1.5 * said, signals, chosen) == pytest.approx(1.5 * fitted(said, signals, chosen), rel=0.02)
