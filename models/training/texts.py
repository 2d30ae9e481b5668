"""The texts of groups with history, and how alike every two of them are: by their vectors, and by the words they have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.closeness import STEPS
from models.directory import Directory

BY_WORDS: Final = 2.0
"""How much the words that two texts have in common count in how alike they are, beside the closeness of their vectors."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Texts:
    """Of m groups: `vectors` (m, 384), and by word, in their order, `carried`: which of them carry it, two or more but not all.

    A group that is not listed has neither vector nor words.
    """

    vectors: Numbers
    carried: Mapping[str, NDArray[np.intp]]

    @classmethod
    def of(cls, ids: Sequence[str], directory: Directory) -> Self:
        """The texts of these groups as the directory has them."""
        listed = np.array([place for place, group_id in enumerate(ids) if group_id in directory.rows], np.intp)
        rows = np.array([directory.rows[ids[place]] for place in listed], np.intp)
        vectors = np.zeros((len(ids), directory.vectors[0].shape[1]))
        vectors[listed] = directory.some_vectors(rows) / STEPS
        carried = directory.codes.wording.taken(rows).rows
        return cls(vectors, {word: listed[carried[word]] for word in sorted(carried) if 1 < len(carried[word]) < len(ids)})

    @cached_property
    def says(self) -> Numbers:
        """How much each word says, (w,): the logarithm of its rarity."""
        return np.log(len(self.vectors) / np.array([len(groups) for groups in self.carried.values()], np.float64))

    @cached_property
    def alike(self) -> Numbers:
        """How alike every two texts are, (m, m)."""
        common = np.zeros((len(self.vectors), len(self.vectors)))
        for says, groups in zip(self.says, self.carried.values(), strict=True):
            common[np.ix_(groups, groups)] += says**2
        return np.asarray(self.vectors @ self.vectors.T + BY_WORDS * common / self._length[:, None] / self._length)

    def by_word(self, numbers: Numbers) -> Numbers:
        """What each word adds, (w, k), to a text that is told the `numbers` (m, k) of all these texts, each as much as its words are alike."""
        each, weights = BY_WORDS * numbers / self._length[:, None], np.zeros((len(self.says), numbers.shape[1]))
        for weight, says, groups in zip(weights, self.says, self.carried.values(), strict=True):
            weight[:] = says * each[groups].sum(axis=0)
        return weights

    @cached_property
    def _length(self) -> Numbers:
        squared = np.zeros(len(self.vectors))
        for says, groups in zip(self.says, self.carried.values(), strict=True):
            squared[groups] += says**2
        return np.sqrt(np.where(squared > 0, squared, 1.0))
