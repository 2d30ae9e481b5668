"""Vectors of very many texts in a quarter of their room, eight bits a number, with a bound of what that may change in a product.

By Cauchy and Schwarz the product with a vector changes by no more than the length of what was rounded away times that of the vector. The
products themselves are sums of whole numbers below 2**24, exact in any order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

LONGEST: Final = 127
"""The greatest number of eight bits with a sign."""

MORE: Final = 1 + 1e-6
"""What the bound is multiplied by for the rounding of its own arithmetic."""

AT_ONCE: Final = 4_096
"""Rows worked on at a time in NumPy."""


@dataclass(frozen=True)
class ShortTexts:
    """`numbers` (n, 384) times `scale` (n,) are the vectors, but for what was rounded away, whose length is `lost` (n,); zeros where no text is."""

    numbers: NDArray[np.int8]
    scale: NDArray[np.float64]
    lost: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Iterable[NDArray[np.float32]]) -> Self:
        """From chunks of vectors on the text grid, (some, 384) each."""
        parts = [_shortened(chunk) for chunk in vectors]
        numbers, scale, lost = (np.concatenate([part[which] for part in parts]) for which in range(3))
        return cls(numbers, scale, lost)

    def closest(self, rows: NDArray[np.intp], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The greatest inner product of each text's numbers at `rows` (m,) with any of `vectors` (t, 384) on the grid, (m,); (0,) of no vectors."""
        if not len(vectors):
            return np.zeros(0, np.float32)
        found = np.empty(len(rows), np.float32)
        loop = compiled(greatest_products, reordered=True)
        if loop:
            loop(self.numbers, rows, vectors, found)
        else:
            for low in range(0, len(rows), AT_ONCE):
                some = rows[low : low + AT_ONCE]
                found[low : low + AT_ONCE] = (self.numbers[some].astype(np.float32) @ vectors.T).max(axis=1)
        return found

    def off(self, rows: NDArray[np.intp], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """How far `scale` times that is off at most, (m,)."""
        return self.lost[rows] * float(np.sqrt(np.square(vectors).sum(axis=1).max()) * MORE)


def _shortened(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
    scale = np.abs(vectors).max(axis=1).astype(np.float64) / LONGEST
    numbers = np.rint(vectors / np.where(scale > 0, scale, 1.0)[:, None]).astype(np.int8)
    return numbers, scale, np.sqrt(np.square(vectors - numbers * scale[:, None]).sum(axis=1)) * MORE


def greatest_products(numbers: NDArray[np.int8], rows: NDArray[np.intp], vectors: NDArray[np.float32], found: NDArray[np.float32]) -> None:
    """Sets `found` (m,) to the greatest product of each of `rows` with any of the vectors."""
    for index in range(rows.shape[0]):
        row = rows[index]
        found[index] = -np.inf
        for vector in range(vectors.shape[0]):
            product = np.float32(0)
            for axis in range(numbers.shape[1]):
                product += np.float32(numbers[row, axis]) * vectors[vector, axis]
            found[index] = max(found[index], product)
