"""What the learned ranker is compared with, each scoring every group for every held-out question: (questions, groups), higher is better."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import scipy.sparse as sparse
from implicit.als import AlternatingLeastSquares
from lightgbm import LGBMRanker
from numpy.typing import NDArray

from models.features import INPUTS, Name
from models.training.examples import Examples

Scores = NDArray[np.float64]
CLASSIC: Final[tuple[Name, ...]] = ("joined", "shared", "taste_mean", "familiar", "nearness")
"""What a ranking library is usually given: popularity, item-kNN, likeness of text, shared tags, distance."""

KNN_SHRINK: Final = 5.0


def popularity(went: Scores, been: Scores) -> Scores:
    """The most attended first; `went` (people, groups) is what may be learned from, `been` (questions, groups) where they had been."""
    return np.broadcast_to(went.sum(axis=0), been.shape)


def item_knn(went: Scores, been: Scores) -> Scores:
    """Cosine of the groups' people with those of the groups one went to, shrunk, summed."""
    size, together = went.sum(axis=0) + KNN_SHRINK, went.T @ went
    np.fill_diagonal(together, 0)
    return np.asarray(been @ (together / np.sqrt(np.outer(size, size))))


def als(went: Scores, been: Scores) -> Scores:
    """48 factors by alternating least squares (Hu 2008)."""
    model = AlternatingLeastSquares(factors=48, regularization=0.05, alpha=5.0, iterations=15, random_state=0, num_threads=1)
    model.fit(sparse.csr_matrix(went.astype(np.float32)), show_progress=False)
    people = model.recalculate_user(np.arange(len(been)), sparse.csr_matrix(been.astype(np.float32)))
    return np.asarray(people @ model.item_factors.T, np.float64)


def tf_idf(texts: Sequence[str], been: Scores) -> Scores:
    """Cosine of the group's words with those of all groups one went to."""
    words = [Counter(re.findall(r"[a-z]{3,}", text.lower())) for text in texts]
    in_texts = Counter(word for text in words for word in text)
    kept = {word: index for index, word in enumerate(sorted(word for word, number in in_texts.items() if number > 1))}
    weights = np.zeros((len(texts), len(kept)))
    for row, text in enumerate(words):
        for word, number in text.items():
            if word in kept:
                weights[row, kept[word]] = (1 + np.log(number)) * np.log(len(texts) / in_texts[word])
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-9)
    return np.asarray(been @ weights @ weights.T)


def lambdarank(examples: Examples, values: NDArray[np.float32], names: Sequence[Name]) -> Scores:
    """LightGBM's lambdarank on these inputs of the same rows; `values` (questions, groups, inputs) is what it is asked about."""
    columns = [INPUTS.index(name) for name in names]
    starts = np.flatnonzero(examples.answer)
    sizes = np.diff(np.append(starts, len(examples.answer)))
    ranker: Any = LGBMRanker(n_estimators=120, learning_rate=0.08, num_leaves=24, min_child_samples=100, n_jobs=1, verbose=-1, random_state=0)
    ranker.fit(examples.rows[:, columns], examples.answer.astype(int), group=sizes)
    asked = values[:, :, columns].reshape(-1, len(columns)).astype(np.float64)
    return np.asarray(ranker.predict(asked)).reshape(values.shape[:2])
