"""Cautions are told from what speaks for a group, by their codes and by their sentences."""

import inspect
import re
from typing import get_args

import pytest

from models.cautions import CAUTIONS, is_caution
from models.explain import Reason, ReasonCode, render
from models.reasons import _say_cautions

VALUES: dict[ReasonCode, str | float] = {
    "widened": 12.0,
    "distance": 12.0,
    "particular": "faith, bereavement",
    "checked": "2026-05-01",
    "time": "tue 10:00-12:00",
}


@pytest.mark.parametrize("code", get_args(ReasonCode))
def test_the_sentence_tells_whether_it_is_a_caution(code: ReasonCode) -> None:
    value = VALUES.get(code, "GBP 3.50" if code in ("cost", "within_budget") else "singing")
    assert is_caution(render(Reason(code, value))) == (code in CAUTIONS)


def test_whatever_is_said_as_not_known_or_not_ideal_is_a_caution() -> None:
    named = set(re.findall(r'"(\w+)"', inspect.getsource(_say_cautions)))
    said = {code for code in get_args(ReasonCode) if code in named}
    assert len(said) >= 10
    assert said <= CAUTIONS
