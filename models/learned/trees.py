"""Boosted trees as plain arrays, walked without the library that grew them.

All trees stand one after another in the same arrays. Numbers add up tree by tree in the order of growing, which makes the sum equal,
bit for bit, to that of scikit-learn's `HistGradientBoostingClassifier._raw_predict`. The leaves that a row comes to are looked up
(`models.learned.leaves`), and walked to where a tree has more of them than that allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.learned.leaves import Leaves

ROWS: Final = 512
"""Rows worked on at a time, so that what is in hand stays in the processor's cache."""


@dataclass(frozen=True)
class Trees:
    """`base` and the trees that start at the nodes `root`; per node the arrays that follow, each (nodes,) and contiguous.

    A row goes left where its `feature` is at most `threshold`, or is NaN and `missing_left`; `left` and `right` are nodes, and a leaf's
    are itself. `value` is what a leaf adds, and for an inner node the mean of its leaves over the rows it was grown from.
    """

    base: float
    root: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]

    def raw(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the trees say of each row of features, (rows, features) to (rows,)."""
        said = np.full(len(rows), self.base)
        for low in range(0, len(rows), ROWS):
            some, part = rows[low : low + ROWS], said[low : low + ROWS]
            if self._leaves:
                self._leaves.add(np.ascontiguousarray(some.T), part)
            else:
                for nodes in self._walked(some):
                    part += self.value[nodes]
        return said

    def contributions(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to each row's sum, (rows, features): along its path, the change of the node's mean (Saabas 2014).

        With `start` they add up to `raw` but for rounding.
        """
        added = np.zeros((len(rows), self._owed.shape[1]))
        for low in range(0, len(rows), ROWS):
            some, part = rows[low : low + ROWS], added[low : low + ROWS]
            if self._leaves:
                self._leaves.add_ways(self._owed, np.ascontiguousarray(some.T), part)
            else:
                for nodes in self._walked(some):
                    part += self._owed[nodes]
        return np.pad(added, [(0, 0), (0, rows.shape[1] - added.shape[1])])

    @cached_property
    def _leaves(self) -> Leaves | None:
        return Leaves.of(self) if len(self.root) else None

    def _walked(self, rows: NDArray[np.float64]) -> NDArray[np.int32]:
        """The leaf of each tree that each row comes to, by its node, (trees, rows), step by step."""
        node = np.repeat(self.root[:, None], len(rows), axis=1)
        for tree, depth in enumerate(self._depths):
            for _ in range(depth):
                node[tree] = self._step(rows, node[tree])
        return node

    def _step(self, rows: NDArray[np.float64], node: NDArray[np.int32]) -> NDArray[np.int32]:
        value = rows[np.arange(len(rows)), self.feature[node]]
        goes_left = (value <= self.threshold[node]) | (np.isnan(value) & self.missing_left[node])
        return np.where(goes_left, self.left[node], self.right[node])

    @cached_property
    def _owed(self) -> NDArray[np.float64]:
        """What the way to each node adds for each feature, (nodes, features up to the last that a tree asks for)."""
        owed = np.zeros((len(self.value), int(self.feature.max(initial=-1)) + 1))
        for node in np.flatnonzero(self.left != np.arange(len(self.left))).tolist():  # no node leads to one before it
            for after in (self.left[node], self.right[node]):
                owed[after] = owed[node]
                owed[after, self.feature[node]] += self.value[after] - self.value[node]
        return owed

    @property
    def start(self) -> float:
        """What is said of a row of which no feature was looked at."""
        return float(self.base + self.value[self.root].sum())

    @cached_property
    def _depths(self) -> list[int]:
        """How many steps lead to the deepest leaf of each tree, (trees,)."""
        return [self._depth(int(root)) for root in self.root]

    def _depth(self, root: int) -> int:
        level, depth = np.array([root], np.int32), 0
        while len(level := self._inner(level)):
            level, depth = np.concatenate([self.left[level], self.right[level]]), depth + 1
        return depth

    def _inner(self, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.asarray(nodes[self.left[nodes] != nodes])

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Its arrays by name, for a file that holds others too."""
        return {f"{name}.{field.name}": np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Self:
        """From such arrays; raises KeyError or ValueError where they are no trees."""
        held = {field.name: np.ascontiguousarray(arrays[f"{name}.{field.name}"]) for field in fields(cls)}
        nodes = len(held["feature"])
        links = np.concatenate([held["left"], held["right"], held["root"]])
        if any(len(held[each]) != nodes for each in ("threshold", "missing_left", "left", "right", "value")):
            raise ValueError("the arrays of its trees differ in length")
        if links.size and not (links.min() >= 0 and links.max() < nodes):
            raise ValueError("a tree leads to a node that is not there")
        if np.any(held["left"] < np.arange(nodes)) or np.any((held["right"] <= np.arange(nodes)) & (held["left"] != np.arange(nodes))):
            raise ValueError("a tree leads back to where it came from")
        return cls(base=float(held.pop("base").item()), **held)
