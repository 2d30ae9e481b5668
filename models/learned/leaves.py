"""Which leaf of every tree a row of features comes to, without walking: for each feature, the leaves of all trees that its value leaves open.

Each tree's leaves are numbered from left to right and are bits of a word. A value that goes right at a node closes the leaves to the left of it, and
the other way round; so a leaf stays open in the end where all features leave it open, and it is the one that the walk ends in (after Lucchese and
others 2015, QuickScorer). A feature's value matters only by the thresholds that it lies between, so that what it closes is looked up.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

if TYPE_CHECKING:
    from models.learned.trees import Trees

MOST_LEAVES: Final = 64
"""Of one tree, for its leaves to be bits of a word."""

PLACES: Final = 67
"""A prime of which 2 is a primitive root: divided by it, a word of one bit leaves a remainder that is that bit's alone."""


@dataclass(frozen=True)
class Leaves:
    """All leaves of each tree, `every` (trees,), and those that a value leaves open, `open` (bins, trees), as bits.

    The thresholds of feature f are `thresholds[first[f] : first[f + 1]]`, rising; its bins are one more than those, and one for a value that is
    not known, and begin at `first[f] + 2 * f`. `node` (trees, PLACES) is each leaf, by its node, at the place of its bit, and `value` what it adds.
    """

    first: NDArray[np.int64]
    thresholds: NDArray[np.float64]
    every: NDArray[Any]
    open: NDArray[Any]
    node: NDArray[np.int32]
    value: NDArray[np.float64]

    @classmethod
    def of(cls, trees: "Trees") -> "Leaves | None":
        """Of these trees; None where one has more leaves than a word has bits."""
        leaves = [_leaves(trees, int(root)) for root in trees.root]
        most = max((len(some) for some in leaves), default=1)
        if most > MOST_LEAVES:
            return None
        features = max(1, int(trees.feature.max()) + 1)
        inner = np.flatnonzero(trees.left != np.arange(len(trees.left)))
        thresholds = [np.unique(trees.threshold[inner[trees.feature[inner] == feature]]) for feature in range(features)]
        first = np.concatenate([[0], np.cumsum([len(some) for some in thresholds])]).astype(np.int64)
        word: Any = np.uint32 if most <= np.iinfo(np.uint32).bits else np.uint64
        every = np.array([(1 << len(some)) - 1 for some in leaves], word)
        node = np.zeros((len(leaves), PLACES), np.int32)
        for tree, some in enumerate(leaves):
            node[tree, [pow(2, bit, PLACES) for bit in range(len(some))]] = some
        everything = np.tile(every, (int(first[-1]) + 2 * features, 1))
        found = cls(first, np.concatenate(thresholds), every, everything, node, trees.value[node])
        for tree, root in enumerate(trees.root.tolist()):
            found._close(trees, root, tree, 0, word)
        return found

    def add(self, columns: NDArray[np.float64], said: NDArray[np.float64]) -> None:
        """Adds to `said` (rows,) what each row's leaf of each tree says, tree by tree; `columns` is (features, rows)."""
        still = self._still_open(columns)
        loop = compiled(add_open)
        if loop:
            loop(self.value, still, said)
        else:
            for value, place in zip(self.value, _places(still), strict=True):
                said += value[place]

    def add_ways(self, owed: NDArray[np.float64], columns: NDArray[np.float64], added: NDArray[np.float64]) -> None:
        """Adds to `added` (rows, some features) what the way to each row's leaf of each tree adds, `owed` (nodes, those features)."""
        still = self._still_open(columns)
        loop = compiled(add_ways)
        if loop:
            loop(owed, self.node, still, added)
        else:
            for node in np.take_along_axis(self.node, _places(still), axis=1):
                added += owed[node]

    def _still_open(self, columns: NDArray[np.float64]) -> NDArray[Any]:
        """The leaf of each tree that all features of a row leave open, (rows, trees), as a bit."""
        still = np.tile(self.every, (columns.shape[1], 1))
        (compiled(close_leaves) or leaves_closed)(self.first, self.thresholds, self.open, columns, still)
        return still

    def _close(self, trees: "Trees", node: int, tree: int, before: int, word: Any) -> int:
        """Takes from what each value leaves open at this node and below; returns the number of leaves there, of which `before` are to the left."""
        left, right = int(trees.left[node]), int(trees.right[node])
        if left == node:
            return 1
        on_the_left = self._close(trees, left, tree, before, word)
        on_the_right = self._close(trees, right, tree, before + on_the_left, word)
        lefts = ((1 << on_the_left) - 1) << before
        rights = ((1 << on_the_right) - 1) << (before + on_the_left)
        feature = int(trees.feature[node])
        start, end = self.first[feature : feature + 2].tolist()
        place = int(np.searchsorted(self.thresholds[start:end], trees.threshold[node]))
        bins = self.open[start + 2 * feature : end + 2 * feature + 2, tree]
        everything = int(np.iinfo(word).max)
        bins[: place + 1] &= word(everything ^ rights)
        bins[place + 1 : -1] &= word(everything ^ lefts)
        bins[-1] &= word(everything ^ (rights if trees.missing_left[node] else lefts))
        return on_the_left + on_the_right


def _leaves(trees: "Trees", node: int) -> list[int]:
    """The leaves below a node, from left to right."""
    left, right = int(trees.left[node]), int(trees.right[node])
    return [node] if left == node else [*_leaves(trees, left), *_leaves(trees, right)]


def _places(still: NDArray[Any]) -> NDArray[np.intp]:
    """Of words of one bit (rows, trees) the places of the bits, (trees, rows)."""
    return np.ascontiguousarray((still % still.dtype.type(PLACES)).T, np.intp)


def add_open(value: NDArray[np.float64], still: NDArray[Any], said: NDArray[np.float64]) -> None:
    """Adds to `said` (rows,) what the leaf says that is open still, `still` (rows, trees), tree by tree."""
    for row in range(still.shape[0]):
        total = said[row]
        for tree in range(still.shape[1]):
            total += value[tree, still[row, tree] % np.uint32(PLACES)]
        said[row] = total


def add_ways(owed: NDArray[np.float64], node: NDArray[np.int32], still: NDArray[Any], added: NDArray[np.float64]) -> None:
    """Adds to `added` (rows, features) what the way to the leaf adds that is open still, tree by tree."""
    for row in range(still.shape[0]):
        for tree in range(still.shape[1]):
            way = owed[node[tree, still[row, tree] % np.uint32(PLACES)]]
            for feature in range(owed.shape[1]):
                added[row, feature] += way[feature]


def close_leaves(
    first: NDArray[np.int64], thresholds: NDArray[np.float64], left_open: NDArray[Any], columns: NDArray[np.float64], still: NDArray[Any]
) -> None:
    """Takes from `still` (rows, trees) the leaves that any of the `columns` (features, rows) closes."""
    for row in range(columns.shape[1]):
        for feature in range(first.shape[0] - 1):
            if first[feature] < first[feature + 1]:
                known = columns[feature, row]
                low, high = first[feature], first[feature + 1]
                if np.isnan(known):
                    place = high + 1
                else:
                    while low < high:
                        middle = (low + high) // 2
                        if thresholds[middle] < known:
                            low = middle + 1
                        else:
                            high = middle
                    place = low
                for tree in range(still.shape[1]):
                    still[row, tree] &= left_open[place + 2 * feature, tree]


def leaves_closed(
    first: NDArray[np.int64], thresholds: NDArray[np.float64], left_open: NDArray[Any], columns: NDArray[np.float64], still: NDArray[Any]
) -> None:
    """`close_leaves` in NumPy."""
    for feature in np.flatnonzero(np.diff(first)).tolist():
        known, (start, end) = columns[feature], first[feature : feature + 2].tolist()
        place = np.where(np.isnan(known), end - start + 1, np.searchsorted(thresholds[start:end], known))
        still &= left_open[place + (start + 2 * feature)]
