"""The walk down the trees as loops: for each row of features the leaf of every tree, once compiled without a NumPy call a level.

Bit for bit what `Trees` does in NumPy, which stays as the reference: the same comparisons, and the same numbers added in the same order.
"""

import numpy as np
from numpy.typing import NDArray


def add_leaves(
    root: NDArray[np.int32],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float64],
    missing_left: NDArray[np.bool_],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    value: NDArray[np.float64],
    columns: NDArray[np.float64],
    said: NDArray[np.float64],
) -> None:
    """Adds to `said` (rows,) what each row's leaf of each tree says, tree by tree; `columns` is (features, rows)."""
    for row in range(columns.shape[1]):
        total = said[row]
        for tree in range(root.shape[0]):
            node = root[tree]
            while left[node] != node:
                known = columns[feature[node], row]
                node = left[node] if known <= threshold[node] or (missing_left[node] and np.isnan(known)) else right[node]
            total += value[node]
        said[row] = total


def add_steps(
    root: NDArray[np.int32],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float64],
    missing_left: NDArray[np.bool_],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    value: NDArray[np.float64],
    columns: NDArray[np.float64],
    added: NDArray[np.float64],
) -> None:
    """Adds to `added` (rows, features) what each step down each tree changes, for the feature asked about; `columns` is (features, rows)."""
    for row in range(columns.shape[1]):
        for tree in range(root.shape[0]):
            node = root[tree]
            while left[node] != node:
                known = columns[feature[node], row]
                after = left[node] if known <= threshold[node] or (missing_left[node] and np.isnan(known)) else right[node]
                added[row, feature[node]] += value[after] - value[node]
                node = after
