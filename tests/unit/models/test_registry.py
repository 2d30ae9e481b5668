"""Which model serves: promoted only by what came later, rolled back by one step, never forgotten."""

from pathlib import Path
from typing import Any

import pytest

from models.ranker import ModelUnreadable, packaged_prior
from models.registry import HISTORY_FILE, PRIOR, NotPromoted, Registry, reasons_against


def figures(overall: float, **slices: float) -> dict[str, Any]:
    def measured(value: float) -> dict[str, Any]:
        return {"people": 50, "ndcg@10": (value, value - 0.1, value + 0.1)}

    return {"slices": {"overall": measured(overall), **{name: measured(value) for name, value in slices.items()}}, "equity": {}}


def registry(folder: Path) -> Registry:
    for name in ("a", "b"):
        packaged_prior().save(folder / name)
    return Registry(folder)


def test_the_prior_serves_until_something_is_promoted(tmp_path: Path) -> None:
    there = registry(tmp_path)
    assert (there.serving(), there.names()) == (PRIOR, ["a", "b"])
    there.promote("a", "2026-05-01T10:00:00+00:00", "wins")
    assert there.serving() == "a"


def test_rolling_back_goes_back_one_step_each_time(tmp_path: Path) -> None:
    there = registry(tmp_path)
    for name in ("a", "b"):
        there.promote(name, "2026-05-01T10:00:00+00:00", "wins")
    assert [there.roll_back("2026-05-02T10:00:00+00:00").name for _ in range(2)] == ["a", PRIOR]
    assert [one.name for one in there.history()] == ["a", "b", "a", PRIOR]
    there.promote("b", "2026-05-03T10:00:00+00:00", "wins")
    assert there.roll_back("2026-05-04T10:00:00+00:00").name == PRIOR


def test_there_is_nothing_to_roll_back_where_nothing_was_promoted(tmp_path: Path) -> None:
    with pytest.raises(NotPromoted):
        registry(tmp_path).roll_back("2026-05-01T10:00:00+00:00")


def test_there_is_nothing_left_to_roll_back_where_all_was_rolled_back(tmp_path: Path) -> None:
    there = registry(tmp_path)
    there.promote("a", "2026-05-01T10:00:00+00:00", "wins")
    there.roll_back("2026-05-02T10:00:00+00:00")
    with pytest.raises(NotPromoted, match="nothing left to roll back: the prior serves"):
        there.roll_back("2026-05-03T10:00:00+00:00")
    assert len(there.history()) == 2


def test_a_roll_back_that_was_remembered_though_nothing_was_left_takes_nothing_away_later(tmp_path: Path) -> None:
    there = registry(tmp_path)
    there.promote(PRIOR, "2026-05-01T10:00:00+00:00", "rolled back from prior")
    there.promote("a", "2026-05-02T10:00:00+00:00", "wins")
    assert there.roll_back("2026-05-03T10:00:00+00:00").name == PRIOR
    with pytest.raises(NotPromoted):
        there.roll_back("2026-05-04T10:00:00+00:00")


def test_a_model_that_cannot_be_read_is_not_promoted(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable):
        registry(tmp_path).promote("c", "2026-05-01T10:00:00+00:00", "wins")
    assert not (tmp_path / HISTORY_FILE).exists()


def test_a_history_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / HISTORY_FILE).write_text("{")
    with pytest.raises(ModelUnreadable, match=HISTORY_FILE):
        registry(tmp_path).serving()


def test_a_challenger_must_win_overall_and_lose_on_no_slice() -> None:
    serving = figures(0.30, tail=0.20, new=0.10)
    assert reasons_against(figures(0.31, tail=0.195, new=0.10), serving) == []
    assert reasons_against(figures(0.30, tail=0.25), serving) == ["overall ndcg@10 is 0.300, that of the model that serves 0.300"]
    assert reasons_against(figures(0.35, tail=0.20, new=0.05), serving) == ["new: ndcg@10 falls from 0.100 to 0.050"]
    assert reasons_against({"slices": {"overall": {"people": 3}}, "equity": {}}, serving) == ["there are too few outcomes to tell"]
