"""The walk down the trees, compiled: for each row of features the leaf of every tree, in one loop instead of a NumPy call a level.

Bit for bit what `Trees` does in NumPy, which stays as the reference: the same comparisons, and the same numbers added in the same order.
It needs numba, the extra `speed`, and is switched on by whoever asks for many answers; loading what was compiled before takes about
a second, and it is compiled anew, in some seconds, where there is no folder to keep it in.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Walk = Callable[..., None]


class Kernels(NamedTuple):
    """Both walks, over (root, feature, threshold, missing_left, left, right, value, rows) and what they add to."""

    raw: Walk
    contributions: Walk


_COMPILED: Final[list[Kernels]] = []


def compiled() -> Kernels | None:
    """The compiled walks, where they were switched on."""
    return _COMPILED[0] if _COMPILED else None


def compile_walks() -> bool:
    """Switches them on for this process; False where numba is not installed, and everything goes on in NumPy."""
    if not _COMPILED and find_spec("numba"):
        _COMPILED.append(_kernels())
    return bool(_COMPILED)


def _kernels() -> Kernels:
    from numba import njit  # here, because importing it takes a second that a small file does not need

    try:
        kept: Any = njit(cache=True)
        kernels = Kernels(kept(add_leaves), kept(add_steps))
    except RuntimeError:  # nowhere to keep it: neither beside the program nor in the user's folder
        kernels = Kernels(njit()(add_leaves), njit()(add_steps))
    rows, said = np.zeros((1, 1)), np.zeros(1)
    node, truth, number = np.zeros(1, np.int32), np.zeros(1, np.bool_), np.zeros(1)
    kernels.raw(node, node, number, truth, node, node, number, rows, said)
    kernels.contributions(node, node, number, truth, node, node, number, rows, np.zeros((1, 1)))
    return kernels


def add_leaves(
    root: NDArray[np.int32],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float64],
    missing_left: NDArray[np.bool_],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    value: NDArray[np.float64],
    rows: NDArray[np.float64],
    said: NDArray[np.float64],
) -> None:
    """Adds to `said` (rows,) what each row's leaf of each tree says, tree by tree."""
    for row in range(rows.shape[0]):
        total = said[row]
        for tree in range(root.shape[0]):
            node = root[tree]
            while left[node] != node:
                known = rows[row, feature[node]]
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
    rows: NDArray[np.float64],
    added: NDArray[np.float64],
) -> None:
    """Adds to `added` (rows, features) what each step down each tree changes, for the feature that was asked about."""
    for row in range(rows.shape[0]):
        for tree in range(root.shape[0]):
            node = root[tree]
            while left[node] != node:
                known = rows[row, feature[node]]
                after = left[node] if known <= threshold[node] or (missing_left[node] and np.isnan(known)) else right[node]
                added[row, feature[node]] += value[after] - value[node]
                node = after
