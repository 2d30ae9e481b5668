"""How much the trees' two numbers count, so that their sum is the log-odds of a second attendance."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

PENALTY: Final = 1.0


def fit_weights(
    joins: NDArray[np.float64], comes_back: NDArray[np.float64], second: NDArray[np.bool_], weight: NDArray[np.float64], at_most: float
) -> tuple[float, float, float]:
    """The constant and the weights of both numbers (n,), by logistic regression on people kept for it (Platt 1999).

    No weight is negative, and the second is `at_most` times the first. Where there is nothing to tell them apart: 0, 1 and 0.
    """
    if not 0 < second.sum() < len(second):
        return 0.0, 1.0, 0.0
    start, join, back = _fit(np.column_stack([joins, comes_back]), second, weight)
    if join <= 0 or not 0 <= back <= at_most * join:
        share = at_most if join <= 0 or back > 0 else 0.0
        start, join = _fit((joins + share * comes_back)[:, None], second, weight)
        back = share * join
    return start, max(join, 0.0), max(back, 0.0)


def _fit(numbers: NDArray[np.float64], second: NDArray[np.bool_], weight: NDArray[np.float64]) -> tuple[float, ...]:
    fitted = LogisticRegression(C=1 / PENALTY, max_iter=1000).fit(numbers, second, sample_weight=weight)
    return (float(fitted.intercept_[0]), *map(float, fitted.coef_[0]))
