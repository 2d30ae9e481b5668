"""Measures of rankings and of probabilities, with the interval that chance in the sample leaves."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 1000
PARTS: Final = 10
FEW: Final = 5
NORMAL: Final = 1.959964
"""Half of the width of a 95 % interval, in standard errors."""

Figures = dict[str, tuple[float, float, float]]
"""Of each measure its value and the ends of its 95 % interval."""


def ranking_figures(place: NDArray[np.float64], seed: int = 0) -> Figures:
    """Hit@5, nDCG@10 and MRR of the places from 1, (n,), infinite where it was not ranked, over bootstrapped questions; none of an empty array."""
    if not len(place):
        return {}
    measures = {"hit@5": place <= FEW, "ndcg@10": np.where(place <= 10, 1 / np.log2(1 + place), 0.0), "mrr": 1 / place}
    drawn = np.random.default_rng(seed).integers(len(place), size=(DRAWS, len(place)))
    return {name: _interval(values.astype(np.float64), drawn) for name, values in measures.items()}


def _interval(values: NDArray[np.float64], drawn: NDArray[np.int64]) -> tuple[float, float, float]:
    low, high = np.quantile(np.array([values[one].mean() for one in drawn]), (0.025, 0.975))
    return round(float(values.mean()), 4), round(float(low), 4), round(float(high), 4)


def place_of(score: NDArray[np.float64], candidates: NDArray[np.bool_], target: int) -> float:
    """The place of the target among the candidates from 1, the middle of a tie; infinity where it is none of them."""
    if not candidates[target]:
        return float("inf")
    mine = score[candidates]
    return float(1 + (mine > score[target]).sum() + ((mine == score[target]).sum() - 1) / 2)


def area_under_curve(said: NDArray[np.float64], came: NDArray[np.bool_]) -> float:
    """How often one who came was given more than one who did not, ties counting half; NaN where all are alike."""
    if not 0 < came.sum() < len(came):
        return float("nan")
    _, tied, number = np.unique(said, return_inverse=True, return_counts=True)
    rank = (np.cumsum(number) - (number - 1) / 2)[tied]
    return float((rank[came].sum() - came.sum() * (came.sum() + 1) / 2) / (came.sum() * (~came).sum()))


def calibration(said: NDArray[np.float64], came: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """What was said and what came true, the means in ten equal parts by what was said, and how many in each."""
    parts = [part for part in np.array_split(np.argsort(said, kind="stable"), PARTS) if len(part)]
    return [(float(said[part].mean()), float(came[part].mean()), len(part)) for part in parts]


def calibration_error(parts: list[tuple[float, float, int]]) -> float:
    """The mean distance between what was said and what came true, each part by its size (expected calibration error)."""
    return sum(number * abs(said - came) for said, came, number in parts) / max(1, sum(number for _, _, number in parts))
