"""Decisions from a seed: the same on every machine, and as often as their shares say."""

from collections import Counter

import pytest

from models.town.draws import Draws


def test_a_seed_means_the_same_on_every_machine() -> None:
    draws = Draws(20_250_901, 2, 41)
    assert [draws.number() for _ in range(3)] == [0.2263869799091487, 0.8448576385123845, 0.5593653176367648]


def test_every_part_of_the_key_matters() -> None:
    assert len({Draws(*key).number() for key in ((1, 2, 3), (1, 2, 4), (1, 1, 3), (2, 2, 3))}) == 4


def test_a_seed_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Draws(-1, 2, 3)


def test_weighted_choices_come_as_often_as_their_share() -> None:
    draws = Draws(5)
    counts = Counter(draws.weighted({"often": 3, "seldom": 1, "never": 0}) for _ in range(20_000))
    assert counts["often"] / 20_000 == pytest.approx(0.75, abs=0.02)
    assert counts["never"] == 0


def test_two_of_are_different_in_order_and_every_pair_comes() -> None:
    draws = Draws(6)
    pairs = Counter(draws.two_of("abcd") for _ in range(12_000))
    assert set(pairs) == {("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")}
    assert min(pairs.values()) > 1_700


def test_around_stays_within_its_radius_and_prefers_the_middle() -> None:
    draws = Draws(7)
    offsets = [draws.around(0.5) for _ in range(10_000)]
    assert max(map(abs, offsets)) <= 0.5
    assert sum(abs(offset) < 0.25 for offset in offsets) == pytest.approx(7_500, abs=200)
