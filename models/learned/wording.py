"""The words and tags of a directory's groups, for who has been to some of them: worked out when somebody has."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory
from models.inverse import Inverse
from models.learned.habits import COARSE
from models.postings import Carried


class Wording:
    """The words of each group's text, and of each word how much it says: the square of its inverse frequency, in whole steps."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def tags(self, row: int) -> list[str]:
        """The tags of the group at `row`."""
        return _codes(self._tags, row)

    @cached_property
    def number_of_tags(self) -> NDArray[np.intp]:
        """How many tags each group has, (n,)."""
        return self._tags.numbers

    def likeness(self, row: int, wording: Carried, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """How alike the words of the group at `row` and of those at `rows` (m,) are, which carry `wording`.

        Cosines (m,), NaN where a text has no words to compare; what a word says is as in all texts.
        """
        words = [word for word in _codes(self._words, row) if word in self._says]
        common = np.array([self._says[word] for word in words]) @ wording.carried(words)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(common / (self._length[row] * self._length[rows]))

    @cached_property
    def _tags(self) -> Inverse:
        return Inverse(self._directory.codes.tags)

    @cached_property
    def _words(self) -> Inverse:
        return Inverse(self._directory.codes.wording)

    @cached_property
    def _says(self) -> dict[str, float]:
        """A word of one group alone says nothing of two; groups that are not listed any more are not counted."""
        rows, gone = self._directory.codes.wording.rows, np.flatnonzero(self._directory.gone)
        carried = np.array([len(found) for found in rows.values()], np.intp)
        if len(gone):
            carried -= np.bincount(self._words.codes(gone)[0], minlength=len(rows))
        groups = max(1, len(self._directory))
        said = np.rint(np.log(groups / np.maximum(carried, 1)) ** 2 * COARSE).tolist()
        return {word: much for word, much, number in zip(rows, said, carried.tolist(), strict=True) if number > 1}

    @cached_property
    def _length(self) -> NDArray[np.float64]:
        squared = np.zeros(len(self._directory.gone))
        for word in sorted(self._says):
            squared[self._directory.codes.wording.rows[word]] += self._says[word]
        return np.sqrt(squared)


def _codes(inverse: Inverse, row: int) -> list[str]:
    """The codes of one group, in their order."""
    numbers, _ = inverse.codes(np.array([row]))
    return sorted(inverse.names[number] for number in numbers.tolist())
