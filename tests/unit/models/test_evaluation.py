"""What is told of a ranker: places, intervals, calibration, slices, and the card."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from models.directory import Directory
from models.evaluation.card import write_card
from models.evaluation.judging import judged
from models.evaluation.measures import area_under_curve, calibration, calibration_error, place_of, ranking_figures
from models.ranker import packaged_prior
from tests.unit.models.attended_town import TODAY, attendance, groups, known, learned


def test_a_place_is_counted_among_the_candidates_and_a_tie_is_its_middle() -> None:
    score = np.array([5.0, 9.0, 5.0, 7.0, 1.0])
    assert place_of(score, np.array([True, True, True, True, True]), 0) == 3.5
    assert place_of(score, np.array([True, False, True, False, True]), 4) == 3.0
    assert place_of(score, np.array([False, True, True, True, True]), 0) == float("inf")


def test_ranking_figures_are_those_of_the_definition_and_lie_in_their_interval() -> None:
    figures = ranking_figures(np.array([1.0, 3.0, 6.0, float("inf")]))
    assert figures["hit@5"][0] == 0.5
    assert figures["ndcg@10"][0] == pytest.approx((1 + 1 / 2 + 1 / np.log2(7)) / 4, abs=1e-4)
    assert figures["mrr"][0] == pytest.approx((1 + 1 / 3 + 1 / 6) / 4, abs=1e-4)
    assert all(low <= value <= high for value, low, high in figures.values())


def test_the_area_counts_pairs_in_the_right_order_and_ties_half() -> None:
    said, came = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert area_under_curve(said, came) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert np.isnan(area_under_curve(said, np.ones(4, np.bool_)))


def test_calibration_is_perfect_where_what_was_said_comes_true() -> None:
    said = np.repeat([0.25, 0.75], 400)
    came = np.tile([True, False, False, False], 100).tolist() + np.tile([True, True, True, False], 100).tolist()
    assert calibration_error(calibration(said, np.array(came))) == pytest.approx(0, abs=1e-9)
    assert calibration_error(calibration(said + 0.1, np.array(came))) == pytest.approx(0.1)


def test_the_learned_ranker_finds_more_than_the_prior_and_its_card_says_for_whom(tmp_path: Path) -> None:
    directory = Directory.of(groups())
    figures = {ranker.model: judged(ranker, attendance(90), known(), directory, TODAY).figures() for ranker in (learned(), packaged_prior())}
    better, worse = (figures[ranker.model]["slices"]["no history"] for ranker in (learned(), packaged_prior()))
    assert better["mrr"][0] > worse["mrr"][0]
    mine = figures[learned().model]
    assert mine["slices"]["overall"]["people"] == 90
    assert mine["slices"]["new groups"] == {"people": 0}
    assert mine["comes_back"]["auc"] > 0.5
    assert "auc" not in figures[packaged_prior().model]["comes_back"]
    names = [path.name for path in write_card(mine, learned().told, tmp_path)]
    assert names == ["card.md", "figures.json", "slices.svg", "importance.svg", "calibration.svg"]
    assert "| no history |" in (tmp_path / "card.md").read_text()
    assert "a coin would have told as much" not in (tmp_path / "card.md").read_text()
    write_card({**mine, "comes_back": {**mine["comes_back"], "auc": 0.461}}, learned().told, tmp_path / "blind")
    assert "a coin would have told as much" in (tmp_path / "blind" / "card.md").read_text()
    for name in names[2:]:
        assert ElementTree.fromstring((tmp_path / name).read_text()).tag.endswith("svg")
