"""From who went where to what is said of every two groups (`models.learned.habits`)."""

from collections import Counter
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array

from models.directory import Directory
from models.learned.habits import COARSE, FINE, SHRINK, Habits, Whole, in_steps
from models.training.questions import Visits
from models.training.texts import Texts

MOST_GROUPS: Final = 4000
"""The groups kept, those with most people first: a matrix of every two of them is held in memory."""

RIDGE: Final = 30.0
"""The penalty of the linear model of a person's groups by one another (Steck 2019, EASE)."""

TASTES: Final = 80
SPECIALISED: Final = 0.7
"""The power of the group's size in `sought`, beside 0.5 in `shared`."""

KEPT_SHRINK: Final = 10.0
TEXT_NOISE: Final = 0.25
"""How much of a group's tastes its text does not tell, and ten times that over the people it was learned from."""

ALIKE: Final = 7.0
"""Two groups count as having so many people more in common as their texts are alike, where one is told from the others (`linked`)."""


def habits_of(visits: Visits, directory: Directory, comes_back: int) -> Habits:
    """What these visits say; groups are in the order of their ids, and the order of people makes no difference."""
    ids = _groups(visits)
    together, texts = _together(visits, ids), Texts.of(ids, directory)
    joined = np.diag(together).copy()
    linked, tastes = _linked(together, texts.alike), _tastes(together, joined)
    np.fill_diagonal(together, 0)
    told = _told_by_text(np.column_stack([tastes, np.log1p(joined)]), joined, texts)
    lone = joined + SHRINK
    share = (joined + 0.5) / max(len(visits), 1)
    followed = (together + SHRINK * share) / lone[:, None]
    return Habits(
        np.array(ids, np.str_),
        np.array(list(texts.carried), np.str_),
        joined,
        _kept(visits, ids, joined, comes_back),
        in_steps(followed, FINE),
        in_steps(linked, FINE),
        in_steps(together / np.sqrt(lone[:, None] * lone), FINE),
        in_steps(100 * together / (lone[:, None] * lone**SPECIALISED), FINE),
        in_steps(np.log(followed / share), FINE),
        in_steps(tastes, COARSE),
        np.rint(texts.says * COARSE),
        *told,
    )


def _groups(visits: Visits) -> list[str]:
    joined = Counter(group_id for groups in visits.values() for group_id in groups)
    return sorted(sorted(joined, key=lambda group_id: (-joined[group_id], group_id))[:MOST_GROUPS])


def _together(visits: Visits, ids: list[str]) -> NDArray[np.float64]:
    """How many people went to both of every two groups, and on the diagonal to each, (m, m)."""
    index = {group_id: row for row, group_id in enumerate(ids)}
    groups = [[index[group_id] for group_id in visited if group_id in index] for visited in visits.values()]
    person = np.repeat(np.arange(len(groups)), [len(some) for some in groups])
    went = csr_array((np.ones(len(person)), (person, np.array(list(chain.from_iterable(groups)), np.intp))), (len(groups), len(ids)))
    return np.asarray((went.T @ went).toarray())


def _kept(visits: Visits, ids: list[str], joined: NDArray[np.float64], comes_back: int) -> NDArray[np.float64]:
    back = Counter(group_id for groups in visits.values() for group_id, sessions in groups.items() if sessions >= comes_back)
    came = np.array([back[group_id] for group_id in ids], np.float64)
    usual = came.sum() / max(joined.sum(), 1)
    return np.asarray((came + KEPT_SHRINK * usual) / (joined + KEPT_SHRINK))


def _linked(together: NDArray[np.float64], alike: NDArray[np.float64]) -> NDArray[np.float64]:
    inverse = np.linalg.inv(together + ALIKE * alike + RIDGE * np.eye(len(together)))
    linked = -inverse / np.diag(inverse)
    np.fill_diagonal(linked, 0)
    return np.asarray(linked)


def _tastes(together: NDArray[np.float64], joined: NDArray[np.float64]) -> NDArray[np.float64]:
    """The leading eigenvectors of what groups have in common, (m, k), each with its largest entry above zero; zeros beyond m."""
    alike = together / np.sqrt(np.outer(joined + 5, joined + 5))
    groups = len(alike)
    if not groups:
        return np.zeros((0, TASTES))
    values, vectors = eigh(alike, subset_by_index=(max(groups - TASTES, 0), groups - 1))  # rising
    tastes = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    tastes = tastes * np.sign(tastes[np.abs(tastes).argmax(axis=0), np.arange(tastes.shape[1])] + 1e-300)
    return np.pad(tastes, ((0, 0), (0, TASTES - tastes.shape[1])))


def _told_by_text(wanted: NDArray[np.float64], joined: NDArray[np.float64], texts: Texts) -> tuple[Whole, Whole, Whole, Whole]:
    """Ridge regression of `wanted` (m, k) on the texts, weighted by people: each group's value as if it had not been seen, and the model.

    The model is of vectors, of words, and where both say nothing; the values of the groups seen are those of leaving each one out.
    """
    at_rest = wanted.mean(axis=0) if len(wanted) else np.zeros(wanted.shape[1])
    noise = TEXT_NOISE * (1 + 10 / np.maximum(joined, 1))
    inverse = np.linalg.inv(texts.alike + np.diag(noise))
    dual = np.asarray(inverse @ (wanted - at_rest), np.float64)
    seen = wanted - dual / np.diag(inverse)[:, None]
    model = seen, texts.vectors.T @ dual, at_rest, texts.by_word(dual)
    told, of_text, rest, of_word = (in_steps(numbers, COARSE) for numbers in model)
    return told, of_text, rest, of_word
