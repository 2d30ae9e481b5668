"""What is said of joining to somebody who has been nowhere: by what they say of themselves and where they live, and by how many go."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from models.block import Block
from models.directory import Directory
from models.features import INPUTS, Features
from models.learned.model import going_to, seen_of_joining
from models.learned.signals import HISTORY_SIGNALS
from models.pairs import Pairs
from models.ranker import seen_by
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.training.asking import asked_of
from models.training.calibration import fit_both, fit_scale
from models.training.examples import Advance
from models.training.questions import by_person
from models.training.train import _without_history, train
from schemas.attendance import Attendance
from schemas.referral import Needs
from tests.unit.models.attended_town import PLAN, TODAY, attendance, group_id, groups, known, learned, somebody, text_of_kind

JOINED, EXPECTED, HISTORIES = (INPUTS.index(name) for name in ("joined", "expected", "histories"))


def features(*been: dict[str, int], new: int = 0) -> Features:
    directory = Directory.of(groups(new))
    block = Block.of([somebody(where) for where in been], ReachDefaults())
    return seen_by(learned(), block, directory, Pairs(block, directory, TODAY), TODAY)


def rows(histories: float, joined: float = 3.0, expected: float = 2.0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    row = np.ones((1, len(INPUTS)))
    row[0, [JOINED, EXPECTED, HISTORIES]] = joined, expected, histories
    return row


def test_the_trees_for_joining_see_no_history_of_a_group_where_the_person_has_none() -> None:
    hidden = np.isnan(seen_of_joining(np.concatenate([rows(0), rows(2)])))
    assert {name for name, one in zip(INPUTS, hidden[0], strict=True) if one} == set(HISTORY_SIGNALS)
    assert not hidden[1].any()


def test_how_many_go_to_a_group_and_to_a_new_one_would() -> None:
    assert going_to(rows(0)) == pytest.approx(3)
    assert going_to(rows(0, joined=np.nan)) == pytest.approx(2)
    assert going_to(rows(0, joined=np.nan, expected=np.nan)) == pytest.approx(0)


def test_it_bears_on_people_without_history_alone() -> None:
    some = features({}, {group_id(0, 0): 2}, new=1)
    more = replace(learned(), mix=replace(learned().mix, crowd=learned().mix.crowd + 1))
    changed = more.score(some) != learned().score(some)
    assert changed[0].all()
    assert not changed[1].any()


def test_it_is_told_of_how_many_go_and_adds_up() -> None:
    some = features({}, {group_id(0, 0): 2}, new=1)
    ranker = replace(learned(), mix=replace(learned().mix, doubted=0.4, crowd=0.7, unknown=-2.0))
    told = ranker.base + ranker.contributions(some).sum(axis=0)
    assert told == pytest.approx(ranker.log_odds(some), abs=1e-9)


def test_of_two_groups_alike_in_everything_else_the_one_that_more_go_to_is_found_first() -> None:
    ranker = replace(learned(), mix=replace(learned().mix, crowd=1.0))
    some = features({})
    fuller = Features({**some.values, "joined": some.values["joined"] + 1})
    assert (ranker.score(fuller) > ranker.score(some)).all()


def test_how_much_it_counts_is_learned_from_people_without_history() -> None:
    alone = [Attendance(person_id=f"alone{person:03}", group_id=group_id(0, 0), sessions=1) for person in range(120)]
    fuller = train(by_person([*attendance(60), *alone]), {}, Directory.of(groups()), learned().prior, TODAY, PLAN)
    assert fuller.mix.crowd > 0
    with_history = [row for rows in by_person(attendance(60)).values() if len(rows) > 1 for row in rows]
    assert train(by_person(with_history), {}, Directory.of(groups()), learned().prior, TODAY, PLAN).mix.crowd == 0


def test_everybody_is_asked_once_and_those_kept_back_once_more_beside_many_groups() -> None:
    people, steps = by_person(attendance()), Counter[str]()

    def begin(what: str, parts: int) -> Advance:
        steps[what] += parts
        return lambda done: steps.subtract({what: done})

    asked = asked_of(people, known(), Directory.of(groups()), PLAN, TODAY, begin)
    assert asked.everyone().answer.sum() == sum(map(len, people.values()))
    assert 0 < asked.kept_back.answer.sum() < asked.learned_from.answer.sum()
    assert all(one.answer.sum() == 1 and one.answer[0] and len(one.rows) > PLAN.negatives for one in asked.choices.by_question())
    assert set(steps.values()) == {0}


def test_interests_still_tell_among_groups_for_somebody_without_history() -> None:
    needs = Needs.model_validate({"tags": ["music"]})
    directory = Directory.of(groups())
    block = Block.of([replace(somebody(), needs=needs)], ReachDefaults())
    said = learned().score(seen_by(learned(), block, directory, Pairs(block, directory, TODAY), TODAY))[0]
    music = np.array([str(group).startswith("music") for group in directory.columns.ids])
    assert said[music].mean() > said[~music].mean()


def test_their_scores_have_a_scale_and_a_level_of_their_own() -> None:
    rng = np.random.default_rng(3)
    said, going = rng.standard_normal(20_000), rng.standard_normal(20_000)
    joined = rng.random(20_000) < 1 / (1 + np.exp(2 - 0.3 * said - 1.2 * going))
    assert fit_both(said, going, joined, np.ones(20_000)) == pytest.approx((0.3, 1.2), abs=0.08)
    level, scale = fit_scale(said / 4 + going, joined, np.ones(20_000), said)
    assert (level, scale) == pytest.approx((-2, 1.2), abs=0.1)


def test_where_nobody_without_history_is_judged_they_are_told_the_level_of_the_others() -> None:
    nothing = asked_of({}, {}, Directory.of(groups()), PLAN, TODAY).kept_back
    assert _without_history(-3.0, np.zeros(0), nothing, 0.5, 0.2, PLAN) == (0.5, 0.2, 0.0)


def test_where_nobody_came_back_the_level_is_that_of_the_others() -> None:
    nobody = np.zeros(2, np.bool_)
    assert fit_scale(np.array([1.0, 3.0]), nobody, np.ones(2), np.array([5.0, 5.0])) == (3.0, 1.0)
    assert fit_both(np.zeros(2), np.ones(2), ~nobody, np.ones(2)) == (1.0, 0.0)


def offered(people: int, experienced: int) -> tuple[list[Attendance], dict[str, Seeker]]:
    """As at a clinic: one group is offered to each, liked where it is of the kind that they speak of; a few have been to another."""
    rng, rows, spoken = np.random.default_rng(1), [], {}
    for number in range(people):
        person, likes, kind = f"c{number:04}", number % 3, int(rng.integers(3))
        came = 3 if likes == kind and rng.random() < 0.7 else int(rng.random() < 0.2)
        rows.append(
            Attendance(person_id=person, group_id=group_id(kind, int(rng.integers(8))), sessions=came, offered_at=datetime(2026, 1, 1, tzinfo=UTC))
        )
        rows += [Attendance(person_id=person, group_id=group_id(likes, 0), sessions=1)] if number < experienced else []
        spoken[person] = somebody(vector=text_of_kind(likes))
    return rows, spoken


@pytest.mark.parametrize(("people", "experienced"), [(1500, 0), (1500, 6)])
def test_what_is_said_to_people_without_history_is_as_likely_as_it_was(people: int, experienced: int) -> None:
    rows, spoken = offered(people, experienced)
    ranker, directory = train(by_person(rows), spoken, Directory.of(groups()), learned().prior, TODAY, PLAN), Directory.of(groups())
    block = Block.of(list(spoken.values()), ReachDefaults())
    said = ranker.score(seen_by(ranker, block, directory, Pairs(block, directory, TODAY), TODAY))
    each = [row for row in rows if row.offered_at]
    told = np.array([said[number, directory.rows[row.group_id]] for number, row in enumerate(each)])
    came = np.array([row.sessions > 1 for row in each])
    assert told.mean() == pytest.approx(came.mean(), abs=0.06)
    assert told[came].mean() > 2 * told[~came].mean()
