"""How close two texts are, computed so that nothing but the two texts can change it.

A matrix product in floating point is summed in an order that depends on its shape, so a text's similarity would depend on its
neighbours in the batch. Vectors are therefore rounded to whole steps of a grid: every partial sum of a product of two of them is a
whole number below 2**24, which float32 holds exactly, and the order no longer matters. The rounding moves a cosine by about 0.0001.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

DIMENSIONS: Final = 384
STEPS: Final = 4000
"""Grid steps a unit; (STEPS + sqrt(DIMENSIONS) / 2) ** 2 stays below 2**24."""


def on_grid(vectors: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    """Unit vectors (384,) as whole numbers of grid steps, (n, 384); zeros where there is none.

    Raises ValueError for a vector of another shape, of more than unit length or with a value that is no number.
    """
    rows = np.zeros((len(vectors), DIMENSIONS), np.float32)
    for row, vector in enumerate(vectors):
        if vector is not None:
            if vector.shape != (DIMENSIONS,):
                raise ValueError(f"a text's vector has shape ({DIMENSIONS},), not {vector.shape}")
            rows[row] = vector
    if not np.all(np.einsum("ij,ij->i", rows, rows) < 1.002):
        raise ValueError("a text's vector has unit length at the most")
    return np.rint(np.multiply(rows, STEPS, out=rows), out=rows)


def cosines(products: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Inner products of vectors on the grid as cosines, to four decimals."""
    return np.round(products / np.float64(STEPS * STEPS), 4)
