"""The learned ranker: what it makes of histories, new groups and missing facts, and that it serves from plain arrays as it was grown."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from models.block import Block
from models.directory import Directory
from models.features import FEATURES, INPUTS, Features
from models.learned.model import ARRAYS_FILE, Learned
from models.matching import propose
from models.pairs import Pairs
from models.ranker import MODEL_FILE, ModelUnreadable, load, packaged_prior
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.training.fitting import taken_over
from models.training.questions import by_person, questions_of
from models.training.train import TooLittle, train
from schemas.attendance import Attendance
from tests.unit.models.attended_town import KINDS, PLAN, TODAY, attendance, group_id, groups, known, learned, somebody, text_of_kind


def features(seekers: list[Seeker], directory: Directory) -> Features:
    block = Block.of(seekers, ReachDefaults())
    pairs = Pairs(block, directory, TODAY)
    return Features.of(block, directory, pairs, TODAY).joined(learned().signals(block, directory, pairs))


def first(seeker: Seeker, directory: Directory, number: int = 5) -> list[str]:
    return [match.group_id for match in propose([seeker], directory, learned(), top=number, today=TODAY)[0].matches]


def test_trees_as_arrays_say_bit_for_bit_what_the_library_says() -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((3000, 6))
    rows[rng.random(rows.shape) < 0.2] = np.nan
    target = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 1]) * rng.standard_normal(3000) > 0.2
    grown = HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(rows, target)
    fresh = np.concatenate([rng.standard_normal((5000, 6)) * 2, np.full((1, 6), np.nan), np.full((1, 6), np.inf)])
    trees = taken_over(grown)
    assert np.array_equal(trees.raw(fresh), grown._raw_predict(fresh)[:, 0])
    assert trees.start + trees.contributions(fresh).sum(axis=1) == pytest.approx(trees.raw(fresh), abs=1e-9)


def test_it_finds_groups_of_the_kind_that_somebody_went_to() -> None:
    seeker = somebody({group_id(1, 0): 3, group_id(1, 1): 2})
    assert all(found.startswith(KINDS[1]) for found in first(seeker, Directory.of(groups())))


def test_a_group_without_history_is_found_by_its_text() -> None:
    seeker = somebody({group_id(2, number): 2 for number in range(6)})
    found = first(seeker, Directory.of(groups(new=2)), 4)
    assert set(found) == {group_id(2, number) for number in (6, 7, 8, 9)}


def test_interests_alone_are_enough() -> None:
    seeker = replace(somebody(vector=text_of_kind(0)), words=())
    assert all(found.startswith(KINDS[0]) for found in first(seeker, Directory.of(groups())))


def test_contributions_add_up_to_the_log_odds() -> None:
    some = features([somebody({group_id(0, 0): 1}), somebody(vector=text_of_kind(1))], Directory.of(groups(new=1)))
    logit = learned().base + learned().contributions(some).sum(axis=0)
    assert learned().score(some) == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-9)


def test_a_feature_of_which_outcomes_tell_is_left_to_them_and_the_others_to_the_prior() -> None:
    share = learned().mix.prior_share
    assert share["nearness"] < 0.7
    assert share["taste"] < 0.8
    assert share["text"] == pytest.approx(1) == pytest.approx(share["affordability"])


def test_the_fewer_outcomes_the_nearer_the_prior() -> None:
    few = train(by_person(attendance(12)), known(12), Directory.of(groups()), packaged_prior(), TODAY, PLAN)
    assert 0 < few.mix.joins + few.mix.comes_back < learned().mix.joins + learned().mix.comes_back
    assert few.mix.prior_share["nearness"] > learned().mix.prior_share["nearness"]


def test_a_saved_model_is_the_same_when_loaded(tmp_path: Path) -> None:
    learned().save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert isinstance(loaded, Learned)
    assert loaded.model == learned().model
    some = features([somebody({group_id(0, 0): 1})], Directory.of(groups(new=1)))
    assert np.array_equal(loaded.score(some), learned().score(some))
    assert np.array_equal(loaded.contributions(some), learned().contributions(some))


def test_serving_imports_no_learning_library(tmp_path: Path) -> None:
    learned().save(tmp_path)
    code = f"import sys; from pathlib import Path; from models.ranker import load; load(Path({str(tmp_path)!r})); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda folder: (folder / ARRAYS_FILE).unlink(), f"{ARRAYS_FILE}: there is no such file"),
        (lambda folder: ((folder / MODEL_FILE).unlink(), (folder / MODEL_FILE).mkdir()), f"{MODEL_FILE}: cannot be opened: is a directory"),
        (lambda folder: (folder / ARRAYS_FILE).write_bytes(b"PK nothing"), "model.json: "),
        (
            lambda folder: (folder / MODEL_FILE).write_text((folder / MODEL_FILE).read_text().replace('"joins": ', '"joins": 1')),
            "its numbers are those",
        ),
        (lambda folder: (folder / MODEL_FILE).write_text((folder / MODEL_FILE).read_text().replace('"stayed"', '"strayed"')), "train it again"),
        (lambda folder: (folder / MODEL_FILE).write_text((folder / MODEL_FILE).read_text().replace('"version": 2', '"version": 1')), "again"),
        (
            lambda folder: (folder / MODEL_FILE).write_text((folder / MODEL_FILE).read_text().replace('"crowd"', '"cloud"')),
            "other things than this version does: train it again",
        ),
    ],
)
def test_a_model_that_was_harmed_is_told(tmp_path: Path, harm: object, reason: str) -> None:
    learned().save(tmp_path)
    assert callable(harm)
    harm(tmp_path)
    with pytest.raises(ModelUnreadable, match=reason):
        load(tmp_path)


def test_the_order_of_rows_makes_no_difference() -> None:
    rows = attendance(60)
    backwards = train(by_person(reversed(rows)), {}, Directory.of(list(reversed(groups()))), packaged_prior(), TODAY, PLAN)
    forwards = train(by_person(rows), {}, Directory.of(groups()), packaged_prior(), TODAY, PLAN)
    assert backwards.model == forwards.model


def test_a_question_knows_only_what_came_before() -> None:
    def row(group: str, month: int, sessions: int = 1) -> Attendance:
        return Attendance(person_id="p", group_id=group, sessions=sessions, first_at=datetime(2026, month, 1, tzinfo=UTC))

    asked = list(questions_of(by_person([row("b", 5), row("a", 3), row("c", 4, 0)]), {}))
    assert [(one.group_id, [been.group_id for been in one.seeker.needs.attended]) for one in asked] == [("a", []), ("b", ["a"]), ("c", ["a"])]
    assert [one.offered for one in asked] == [False, False, True]


def test_nothing_to_learn_from_is_told() -> None:
    with pytest.raises(TooLittle):
        train(by_person([Attendance(person_id="p", group_id="elsewhere", sessions=2)]), {}, Directory.of(groups()), packaged_prior(), TODAY, PLAN)


def test_its_file_is_json_that_names_what_it_sees(tmp_path: Path) -> None:
    learned().save(tmp_path)
    content = json.loads((tmp_path / MODEL_FILE).read_text())
    assert tuple(content["inputs"]) == INPUTS
    assert set(content["mix"]["prior_share"]) == set(FEATURES)
