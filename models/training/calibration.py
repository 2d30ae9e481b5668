"""How much single signals count beside the trees, and how much the trees' two numbers, so that their sum is the log-odds of a second attendance."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

PENALTY: Final = 1.0
EXACT: Final = 1e-9
"""Where few of very many join, the loss is flat long before its lowest point."""

LEAST_OF_TREES: Final = 0.5
"""However little the trees tell of who chooses what, what is added to them is weighed as if they told this much."""


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


def fit_scale(
    said: NDArray[np.float64], second: NDArray[np.bool_], weight: NDArray[np.float64], otherwise: NDArray[np.float64]
) -> tuple[float, float]:
    """The constant and the weight, above 0, of one number (n,), by logistic regression.

    Where it tells nothing of coming back: a weight of 1, and the constant with which it is `otherwise` (n,) on average.
    """
    start, found = _fit(said[:, None], second, weight) if 0 < second.sum() < len(second) else (0.0, 0.0)
    if found > 0:
        return start, found
    return float(np.average(otherwise - said, weights=weight)), 1.0


def fit_both(said: NDArray[np.float64], signal: NDArray[np.float64], joined: NDArray[np.bool_], weight: NDArray[np.float64]) -> tuple[float, float]:
    """How much what the trees `said` (n,) counts, and a signal (n,) beside it, by logistic regression; 1 and 0 where the trees would tell nothing."""
    if not 0 < joined.sum() < len(joined):
        return 1.0, 0.0
    scale = max(float(signal.std()), EXACT)
    _, of_trees, found = _fit(np.column_stack([said, signal / scale]), joined, weight / weight[joined].mean())
    return (of_trees, max(found, 0.0) / scale) if of_trees > 0 else (1.0, 0.0)


def fit_choice(
    said: NDArray[np.float64], signals: NDArray[np.float64], chosen: NDArray[np.bool_], groups: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What one more of each signal (n, k) adds to what the trees `said` (n,), (k,), by conditional logit (McFadden 1974); no weight is negative.

    The rows of a question stand together, the group `chosen` first; a row stands for so many `groups`, and each question `counts` (q,) so much.
    """
    added, first = np.zeros(signals.shape[1]), np.flatnonzero(chosen)
    if not len(first):
        return added
    scale = signals.std(axis=0)
    kept = np.flatnonzero(scale > 0)
    known, alone = np.column_stack([said, signals[:, kept] / scale[kept]]), np.eye(1, 1 + len(kept))[0]
    question, counts, stands_for = np.cumsum(chosen) - 1, counts / counts.mean(), np.log(groups)

    def surprise(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = known @ weights + stands_for
        score -= np.maximum.reduceat(score, first)[question]
        likely = np.exp(score)
        whole = np.add.reduceat(likely, first)
        expected = (likely / whole[question] * counts[question]) @ known
        lost = float(counts @ (np.log(whole) - score[first])) + PENALTY * float((weights - alone) @ (weights - alone))
        return lost, expected - counts @ known[first] + 2 * PENALTY * (weights - alone)

    at_least = [(LEAST_OF_TREES, None), *[(0, None)] * len(kept)]
    of_trees, *found = minimize(surprise, alone, jac=True, method="L-BFGS-B", bounds=at_least, options={"ftol": EXACT}).x
    added[kept] = np.array(found) / scale[kept] / of_trees
    return added


def _fit(numbers: NDArray[np.float64], second: NDArray[np.bool_], weight: NDArray[np.float64]) -> tuple[float, ...]:
    fitted = LogisticRegression(C=1 / PENALTY, max_iter=1000, tol=EXACT).fit(numbers, second, sample_weight=weight)
    return (float(fitted.intercept_[0]), *map(float, fitted.coef_[0]))
