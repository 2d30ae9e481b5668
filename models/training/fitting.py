"""Grows the trees with scikit-learn and takes them over as plain arrays."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from models.features import FEATURES, INPUTS
from models.learned.trees import Trees
from models.training.plan import Plan

MONOTONE: Final = [int(name in FEATURES) for name in INPUTS]
"""More of a feature is never worse. Signals are left free: they overlap, and what one says may be taken back by another."""

FEWEST: Final = 5
"""The fewest rows of a leaf, however little there is to learn from."""


def fit_joins(rows: NDArray[np.float64], joined: NDArray[np.bool_], weight: NDArray[np.float64], plan: Plan) -> Trees:
    """Trees for the log-odds of joining, (n, inputs) and (n,) each; no trees where all rows are alike."""
    return _fit(rows, joined, weight, plan, plan.trees, plan.leaves)


def fit_comes_back(rows: NDArray[np.float64], back: NDArray[np.bool_], plan: Plan) -> Trees:
    """Trees for the log-odds of coming back of those who joined."""
    return _fit(rows, back, np.ones(len(rows)), plan, plan.back_trees, plan.back_leaves)


def _fit(rows: NDArray[np.float64], target: NDArray[np.bool_], weight: NDArray[np.float64], plan: Plan, trees: int, leaves: int) -> Trees:
    if not (0 < target.sum() < len(target)):
        return taken_over(None)
    boosting = HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=plan.rate,
        max_leaf_nodes=leaves,
        min_samples_leaf=max(FEWEST, min(plan.leaf, len(rows) // 50)),
        l2_regularization=5.0,
        max_features=plan.columns,
        monotonic_cst=MONOTONE,
        early_stopping=False,
        random_state=plan.seed,
    )
    return taken_over(boosting.fit(_with_no_empty_column(rows), target, sample_weight=weight / weight[target].mean()))


def _with_no_empty_column(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns that are NaN throughout as zeros: a tree cannot split either, but the library warns of the former."""
    empty = np.isnan(rows).all(axis=0)
    return np.where(empty, 0.0, rows)


def taken_over(boosting: Any | None) -> Trees:
    """A fitted classifier's trees; none at all for None. An inner node's value becomes the mean of its leaves over its rows."""
    nodes = [] if boosting is None else [predictor.nodes for (predictor,) in boosting._predictors]
    first = np.cumsum([0, *map(len, nodes)])[:-1].astype(np.int32) if nodes else np.zeros(0, np.int32)
    together = np.concatenate(nodes) if nodes else np.zeros(0, _NO_NODES)
    moved = np.repeat(first, list(map(len, nodes))).astype(np.int32) if nodes else first
    leaf = together["is_leaf"].astype(bool)
    itself = np.arange(len(together), dtype=np.int32)
    trees = Trees(
        base=0.0 if boosting is None else float(boosting._baseline_prediction.item()),
        root=first,
        feature=np.where(leaf, 0, together["feature_idx"]).astype(np.int32),
        threshold=np.where(leaf, 0.0, together["num_threshold"]),
        missing_left=together["missing_go_to_left"].astype(np.bool_),
        left=np.where(leaf, itself, together["left"].astype(np.int32) + moved).astype(np.int32),
        right=np.where(leaf, itself, together["right"].astype(np.int32) + moved).astype(np.int32),
        value=together["value"].astype(np.float64),
    )
    _settle_means(trees, together["count"].astype(np.float64))
    return trees


_NO_NODES: Final = np.dtype([
    (name, np.float64)
    for name in ("is_leaf", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "value", "count")
])  # fmt: skip


def _settle_means(trees: Trees, count: NDArray[np.float64]) -> None:
    for node in range(len(count) - 1, -1, -1):
        left, right = trees.left[node], trees.right[node]
        if left != node:
            trees.value[node] = (count[left] * trees.value[left] + count[right] * trees.value[right]) / (count[left] + count[right])
