"""The prior: probabilities, its file, and what no weight may do."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.features import FEATURES, FeatureName, Features
from models.ranker import MODEL_FILE, PACKAGED, ModelUnreadable, Prior, load, packaged_prior

PRIOR: dict[str, Any] = json.loads(PACKAGED.read_text(encoding="utf-8"))


def features(**known: float) -> Features:
    return Features({name: np.array([[known.get(name, np.nan)]]) for name in FEATURES})


def score(**known: float) -> float:
    return float(packaged_prior().score(features(**known))[0, 0])


def test_a_group_of_which_nothing_is_known_is_an_ordinary_group() -> None:
    ordinary = score()
    assert ordinary == pytest.approx(1 / (1 + np.exp(-PRIOR["base"]["logit"])))
    for name in FEATURES:
        assert score(**{name: PRIOR["terms"][name]["centre"]}) == pytest.approx(ordinary)


def test_an_unknown_distance_is_neither_none_nor_the_worst() -> None:
    assert score(nearness=0.1) < score() < score(nearness=1.0)


@pytest.mark.parametrize("name", FEATURES)
def test_more_of_any_feature_is_better(name: FeatureName) -> None:
    assert score(**{name: 0.2}) < score(**{name: 0.9})


def test_the_best_and_the_worst_are_still_probabilities_and_never_certain() -> None:
    assert 0.00001 < score(**dict.fromkeys(FEATURES, 0.0)) < score(**dict.fromkeys(FEATURES, 1.0)) < 0.9999


def test_contributions_add_up_to_the_log_odds() -> None:
    some = features(text=0.61, nearness=0.4, place=0.0)
    logit = PRIOR["base"]["logit"] + packaged_prior().contributions(some).sum()
    assert packaged_prior().score(some)[0, 0] == pytest.approx(1 / (1 + np.exp(-logit)))


def test_every_number_of_the_prior_has_a_source() -> None:
    assert PRIOR["base"]["source"]
    assert all("judgement" in term["source"] for term in PRIOR["terms"].values())


def test_a_saved_prior_is_the_same_when_loaded(tmp_path: Path) -> None:
    prior = Prior.of(PRIOR)
    prior.save(tmp_path / "model")
    assert load(tmp_path / "model") == prior
    assert load(tmp_path / "model").model == packaged_prior().model


def test_the_name_of_a_prior_follows_its_numbers_not_their_sources() -> None:
    reworded = json.loads(json.dumps(PRIOR).replace("judgement", "opinion"))
    heavier = json.loads(json.dumps(PRIOR))
    heavier["terms"]["text"]["weight"] += 0.1
    assert Prior.of(reworded).model == Prior.of(PRIOR).model != Prior.of(heavier).model
    assert Prior.of(PRIOR).model.startswith("prior-")


FAULTS: list[tuple[str, Any, str]] = [
    ("kind", "forest", "no prior over the features"),
    ("terms", {}, "no prior over the features"),
    ("base", {}, "missing 'logit'"),
    ("base", {"logit": float("inf"), "source": ""}, "not finite"),
    ("terms", PRIOR["terms"] | {"nearness": {"weight": -1, "centre": 0, "source": ""}}, "no weight may be negative"),
    ("terms", PRIOR["terms"] | {"nearness": {"weight": "much", "centre": 0, "source": ""}}, "could not convert"),
]


@pytest.mark.parametrize(("field", "value", "reason"), FAULTS)
def test_a_model_that_cannot_be_is_refused_with_its_file_and_the_reason(tmp_path: Path, field: str, value: object, reason: str) -> None:
    (tmp_path / MODEL_FILE).write_text(json.dumps(PRIOR | {field: value}), encoding="utf-8")
    with pytest.raises(ModelUnreadable, match=reason) as refused:
        load(tmp_path)
    assert str(tmp_path / MODEL_FILE) in str(refused.value)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", "null", '"prior"'])
def test_a_missing_or_garbled_model_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / MODEL_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ModelUnreadable):
        load(tmp_path)
