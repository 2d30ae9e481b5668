"""From who went where to what is said of every two groups (`models.learned.habits`)."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.closeness import STEPS
from models.directory import Directory
from models.learned.habits import COARSE, FINE, SHRINK, Habits, in_steps

Visits = Mapping[str, Mapping[str, int]]
"""Of each person, the sessions attended by group, all of them at least 1."""

MOST_GROUPS: Final = 4000
"""The groups kept, those with most people first: a matrix of every two of them is held in memory."""

RIDGE: Final = 50.0
"""The penalty of the linear model of a person's groups by one another (Steck 2019, EASE)."""

TASTES: Final = 40
SPECIALISED: Final = 0.7
"""The power of the group's size in `sought`, beside 0.5 in `shared`."""

KEPT_SHRINK: Final = 10.0
TEXT_NOISE: Final = 0.25
"""How much of a group's tastes its text does not tell, and ten times that over the people it was learned from."""


def habits_of(visits: Visits, directory: Directory, comes_back: int) -> Habits:
    """What these visits say; groups are in the order of their ids, and the order of people makes no difference."""
    ids = _groups(visits)
    went = _went(visits, ids)
    joined, together = went.sum(axis=0), went.T @ went
    np.fill_diagonal(together, 0)
    tastes = _tastes(together, joined)
    told, of_text, at_rest = _told_by_text(np.column_stack([tastes, np.log1p(joined)]), joined, _vectors(ids, directory))
    lone = joined + SHRINK
    share = (joined + 0.5) / max(len(went), 1)
    followed = (together + SHRINK * share) / lone[:, None]
    return Habits(
        np.array(ids, np.str_),
        joined,
        _kept(visits, ids, joined, comes_back),
        in_steps(followed, FINE),
        in_steps(_linked(went), FINE),
        in_steps(together / np.sqrt(lone[:, None] * lone), FINE),
        in_steps(100 * together / (lone[:, None] * lone**SPECIALISED), FINE),
        in_steps(np.log(followed / share), FINE),
        in_steps(tastes, COARSE),
        in_steps(told, COARSE),
        of_text,
        at_rest,
    )


def _groups(visits: Visits) -> list[str]:
    joined = Counter(group_id for groups in visits.values() for group_id in groups)
    return sorted(sorted(joined, key=lambda group_id: (-joined[group_id], group_id))[:MOST_GROUPS])


def _went(visits: Visits, ids: list[str]) -> NDArray[np.float64]:
    index = {group_id: row for row, group_id in enumerate(ids)}
    went = np.zeros((len(visits), len(ids)))
    for person, person_id in enumerate(sorted(visits)):
        went[person, [index[group_id] for group_id in visits[person_id] if group_id in index]] = 1
    return went


def _kept(visits: Visits, ids: list[str], joined: NDArray[np.float64], comes_back: int) -> NDArray[np.float64]:
    back = Counter(group_id for groups in visits.values() for group_id, sessions in groups.items() if sessions >= comes_back)
    came = np.array([back[group_id] for group_id in ids], np.float64)
    usual = came.sum() / max(joined.sum(), 1)
    return np.asarray((came + KEPT_SHRINK * usual) / (joined + KEPT_SHRINK))


def _linked(went: NDArray[np.float64]) -> NDArray[np.float64]:
    if not went.shape[1]:
        return np.zeros((0, 0))
    inverse = np.linalg.inv(went.T @ went + RIDGE * np.eye(went.shape[1]))
    linked = -inverse / np.diag(inverse)
    np.fill_diagonal(linked, 0)
    return np.asarray(linked)


def _tastes(together: NDArray[np.float64], joined: NDArray[np.float64]) -> NDArray[np.float64]:
    """The leading eigenvectors of what groups have in common, (m, k), each with its largest entry above zero; zeros beyond m."""
    alike = (together + np.diag(joined)) / np.sqrt(np.outer(joined + 5, joined + 5))
    values, vectors = np.linalg.eigh(alike)
    most = np.argsort(-values, kind="stable")[:TASTES]
    tastes = vectors[:, most] * np.sqrt(np.maximum(values[most], 0))
    if len(tastes):
        tastes *= np.sign(tastes[np.abs(tastes).argmax(axis=0), np.arange(tastes.shape[1])] + 1e-300)
    return np.pad(tastes, ((0, 0), (0, TASTES - tastes.shape[1])))


def _vectors(ids: list[str], directory: Directory) -> NDArray[np.float64]:
    rows = [directory.rows.get(group_id) for group_id in ids]
    none = np.zeros(directory.vectors[0].shape[1])
    return np.array([none if row is None else directory.vector(row) / STEPS for row in rows]).reshape(len(ids), len(none))


def _told_by_text(
    wanted: NDArray[np.float64], joined: NDArray[np.float64], texts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Ridge regression of `wanted` (m, k) on the texts (m, 384), weighted by people: each group's value as if it had not been seen, and the model.

    The model is in whole steps for texts in whole steps; the values of the groups seen are those of leaving each one out.
    """
    at_rest = wanted.mean(axis=0) if len(wanted) else np.zeros(wanted.shape[1])
    noise = TEXT_NOISE * (1 + 10 / np.maximum(joined, 1))
    inverse = np.linalg.inv(texts @ texts.T + np.diag(noise))
    dual = inverse @ (wanted - at_rest)
    seen = wanted - dual / np.diag(inverse)[:, None]
    return seen, in_steps(texts.T @ dual, COARSE), in_steps(at_rest, COARSE)
