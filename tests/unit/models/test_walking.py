"""To look leaves up, compiled or not, gives the bits that the plain walk gives, and that the library gives which grew the trees."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from models import compiled
from models.learned import leaves
from models.learned.trees import Trees
from models.training.fitting import taken_over

FEATURES = 5


def grown(seed: int, most: int = 31) -> tuple[HistGradientBoostingClassifier, NDArray[np.float64]]:
    """Trees over features some of which are not known, and rows to ask them about."""
    rng = np.random.default_rng(seed)
    rows = np.round(rng.random((600, FEATURES)), 2)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    liked = np.nan_to_num(rows[:, 0], nan=0.4) + np.nan_to_num(rows[:, 1]) * rng.random(600) > 0.8
    return HistGradientBoostingClassifier(max_iter=25, max_leaf_nodes=most, min_samples_leaf=1, random_state=seed).fit(rows, liked), rows


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_SWITCHED_ON", [])
    assert compiled.switch_on()


def told(trees: Trees, rows: NDArray[np.float64]) -> tuple[bytes, bytes]:
    return trees.raw(rows).tobytes(), trees.contributions(rows).tobytes()


@pytest.mark.parametrize(("seed", "most"), [(0, 31), (1, 31), (2, 2), (3, 32), (4, 33), (5, 64)])
def test_every_bit_is_the_plain_walk_s_and_the_library_s(seed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    boosting, rows = grown(seed, most)
    monkeypatch.setattr(compiled, "_SWITCHED_ON", [])
    looked_up = told(taken_over(boosting), rows)
    assert looked_up[0] == boosting._raw_predict(rows).ravel().tobytes()
    with monkeypatch.context() as few:
        few.setattr(leaves, "MOST_LEAVES", 1)
        assert leaves.Leaves.of(taken_over(boosting)) is None
        assert told(taken_over(boosting), rows) == looked_up
    assert compiled.switch_on()
    assert told(taken_over(boosting), rows) == looked_up


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("rows", [np.zeros((0, FEATURES)), np.full((2, FEATURES), np.nan), np.asfortranarray(np.ones((3, FEATURES)))])
def test_any_rows_will_do(rows: NDArray[np.float64]) -> None:
    trees = taken_over(grown(0)[0])
    assert len(trees.raw(rows)) == len(rows)
    assert trees.raw(rows).tolist() == [trees.raw(np.array([row]))[0] for row in rows]


def test_any_prime_of_which_two_is_a_primitive_root_tells_the_bits_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the values are put and where they are looked for is one number."""
    boosting, rows = grown(5, 64)
    trees = taken_over(boosting)
    plain = trees.raw(rows[:20])
    monkeypatch.setattr(compiled, "_SWITCHED_ON", [])
    monkeypatch.setattr(leaves, "PLACES", 83)
    assert taken_over(boosting).raw(rows[:20]).tobytes() == plain.tobytes()


@pytest.mark.parametrize("rows", [0, 1, 65, 513])
def test_what_one_feature_adds_is_the_same_bits_for_any_number_of_rows(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    some = np.random.default_rng(rows).random((max(rows, 200), 1))
    trees = taken_over(HistGradientBoostingClassifier(max_iter=60, min_samples_leaf=1).fit(some, some[:, 0] > 0.4))
    monkeypatch.setattr(compiled, "_SWITCHED_ON", [])
    looked_up = told(trees, some[:rows])
    assert compiled.switch_on()
    assert told(trees, some[:rows]) == looked_up
    assert trees.contributions(some[:rows]).tolist() == [trees.contributions(one[None])[0].tolist() for one in some[:rows]]


@pytest.mark.usefixtures("switched_on")
def test_no_trees_at_all_say_what_they_start_from() -> None:
    assert taken_over(None).raw(np.zeros((2, FEATURES))).tolist() == [0.0, 0.0]
    assert not taken_over(None).contributions(np.zeros((2, FEATURES))).any()


def test_without_the_compiler_everything_goes_on_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_SWITCHED_ON", [])
    monkeypatch.setattr(compiled, "find_spec", lambda _: None)
    assert not compiled.switch_on()
    assert compiled.compiled(leaves.close_leaves) is None


def test_it_is_off_until_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_SWITCHED_ON", [])
    assert compiled.compiled(leaves.close_leaves) is None
