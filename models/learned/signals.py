"""What a learned ranker sees of a person and a group out of who went where.

A group without history has no signal that needs one, and neither has a person who has been nowhere: that is NaN, not known, neither bad
nor good. Nothing here depends on where anybody lives.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.features import SIGNALS, Name, Values
from models.learned.habits import COARSE, FINE, Habits, Whole
from models.learned.wording import Wording
from models.pairs import Pairs
from models.seeker import Seeker

HISTORY_SIGNALS: Final = ("followed", "linked", "shared", "sought", "lifted", "likeness", "joined", "kept")
"""Known only of a group that people went to while the model was learning."""

DIRECT: Final[tuple[Name, ...]] = ("linked", "shared", "sought", "likeness", "kindred", "wording", "nearness")
"""Of these more counts for itself too, for people with a history: a tree knows no difference among the few groups where one is highest."""

MIDDLING: Final[Mapping[Name, float]] = {"nearness": 0.5}
"""What counts as much as not known, where that is not 0."""

MOST: Final = 200
"""The most groups of a person's history that are looked at: those attended most often."""


CHUNK: Final = 8_192
"""Texts worked on at a time."""


@dataclass(frozen=True)
class Placed:
    """A directory's groups as the habits know them: `index` (n,) is a group's row in them or -1, and `rows` (n,) that in `texts`.

    `told_tastes` (n, k + 1) are whole steps that float32 holds exactly; there may be very many groups.
    """

    index: NDArray[np.intp]
    told_tastes: NDArray[np.float32]
    texts: Wording
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, directory: Directory, habits: Habits, before: "Placed | None" = None) -> "Placed":
        """Everything that does not depend on a person; `before` is of a directory that this one follows from, and has the same first vectors."""
        known = 0 if before is None else len(directory.vectors[0])
        index = np.array([habits.index.get(group_id, -1) for group_id in directory.columns.ids[known:].tolist()], np.intp)
        told = _told(directory, habits, known)
        told[index >= 0] = habits.told_tastes[index[index >= 0]]
        told[~directory.has_vector[known:]] = np.nan
        if before is not None:
            index, told = np.concatenate([before.index[:known], index]), np.concatenate([before.told_tastes[:known], told])
        return cls(index, told, Wording(directory), np.arange(len(index)))

    def taken(self, rows: NDArray[np.intp]) -> "Placed":
        """The groups at `rows` of the directory, in that order."""
        return Placed(self.index[rows], self.told_tastes[rows], self.texts, self.rows[rows])

    def of_groups(self, known: NDArray[np.float64]) -> NDArray[np.float64]:
        """What is known by the habits' groups, (..., m), by the directory's, (..., n); NaN where a group has no history."""
        padded = np.concatenate([known, np.full((*known.shape[:-1], 1), np.nan)], axis=-1)
        return padded[..., self.index]


def _told(directory: Directory, habits: Habits, first: int) -> NDArray[np.float32]:
    """What the texts of the groups from the row `first` on tell, where a chunk of the directory's rows begins."""
    told = [habits.told_tastes[:0].astype(np.float32)]
    for chunk in directory.vectors if first == 0 else directory.vectors[1:]:
        for low in range(0, len(chunk), CHUNK):
            some = chunk[low : low + CHUNK]
            told.append(habits.tastes_of(some, directory.codes.wording.rows, first).astype(np.float32))
            first += len(some)
    return np.concatenate(told)


def been_to(seeker: Seeker) -> list[str]:
    """The groups that somebody has been to, those attended most often first, `MOST` at the most."""
    been = sorted((group for group in seeker.needs.attended if group.sessions), key=lambda group: (-group.sessions, group.group_id))
    return list(dict.fromkeys(group.group_id for group in been))[:MOST]


def signals_of(block: Block, directory: Directory, pairs: Pairs, habits: Habits, placed: Placed) -> Values:
    """Every signal of every person and group of a block, (people, groups) or (1, groups) each."""
    been = [been_to(seeker) for seeker in block.people]
    went = _went(been, habits)
    values = _of_the_group(habits, placed) | _by_groups(_of_two_groups(went, habits), placed) | _told_by_text(went, habits, placed)
    values["taste_mean"] = pairs.taste_mean
    values["wording"] = _wording(been, directory, placed)
    values["familiar"] = _familiar(been, directory, placed)
    everywhere = np.zeros((1, len(directory.gone)))
    values["histories"] = np.array([[float(len(groups))] for groups in been]) + everywhere
    values["stayed"] = np.array([[_stayed(seeker)] for seeker in block.people]) + everywhere
    return {name: values[name] for name in SIGNALS}


def directly(values: Mapping[Name, NDArray[np.float64]], name: Name) -> NDArray[np.float64]:
    """How much of one of `DIRECT` counts: 0 where it is not known, and where the person has no history."""
    value, histories = values.get(name, np.zeros(())), values.get("histories", np.zeros(()))
    return np.asarray(np.where((histories > 0) & ~np.isnan(value), value - MIDDLING.get(name, 0.0), 0.0))


def told_from_afar(seeker: Seeker, habits: Habits) -> Callable[[Placed], Values]:
    """What can be told of very many groups for one person: all signals but those that compare texts, which are left unknown.

    What hangs on the person alone is worked out here; the function that is returned tells of some groups, (m,) each, as often as it is asked.
    """
    been = been_to(seeker)
    went = _went([been], habits)
    of_two_groups, stayed = _of_two_groups(went, habits), _stayed(seeker)

    def told(placed: Placed) -> Values:
        values = _of_the_group(habits, placed) | _by_groups(of_two_groups, placed) | _told_by_text(went, habits, placed)
        known = {name: value[0] for name, value in values.items()}
        known |= {"histories": np.full(len(placed.index), float(len(been))), "stayed": np.full(len(placed.index), stayed)}
        return {name: known.get(name, np.full(len(placed.index), np.nan)) for name in SIGNALS}

    return told


def _stayed(seeker: Seeker) -> float:
    sessions = sorted(group.sessions for group in seeker.needs.attended if group.sessions)
    return sum(map(log1p, sessions)) / len(sessions) if sessions else nan


def _went(been: Sequence[Sequence[str]], habits: Habits) -> Whole:
    """Who went to which of the habits' groups, (people, m) of 0 and 1."""
    went = np.zeros((len(been), len(habits.ids)))
    for person, groups in enumerate(been):
        went[person, [habits.index[group] for group in groups if group in habits.index]] = 1
    return went


def _of_the_group(habits: Habits, placed: Placed) -> Values:
    return {"joined": placed.of_groups(np.log1p(habits.joined))[None, :], "kept": placed.of_groups(habits.kept)[None, :]}


def _of_two_groups(went: Whole, habits: Habits) -> Values:
    """By the habits' groups, (people, m) each: it hangs on the people alone."""
    number = went.sum(axis=1, keepdims=True)
    number[number == 0] = np.nan
    return {
        "followed": (went @ habits.followed) / FINE / number,
        "linked": (went @ habits.linked) / FINE + 0 * number,
        "shared": (went @ habits.shared) / FINE + 0 * number,
        "sought": (went @ habits.sought) / FINE + 0 * number,
        "lifted": (went @ habits.lifted) / FINE / np.sqrt(number),
        "likeness": (went @ habits.tastes) @ habits.tastes.T / COARSE / COARSE / np.sqrt(number),
    }


def _by_groups(of_two_groups: Values, placed: Placed) -> Values:
    return {name: placed.of_groups(known) for name, known in of_two_groups.items()}


def _told_by_text(went: Whole, habits: Habits, placed: Placed) -> Values:
    number = went.sum(axis=1, keepdims=True)
    number[number == 0] = np.nan
    kindred = (went @ habits.tastes) @ placed.told_tastes[:, :-1].T / COARSE / COARSE / np.sqrt(number)
    return {"kindred": kindred, "expected": placed.told_tastes[None, :, -1].astype(np.float64) / COARSE}


def _wording(been: Sequence[Sequence[str]], directory: Directory, placed: Placed) -> NDArray[np.float64]:
    """The sum over the person's groups of how alike the words are, over the root of their number, (people, groups)."""
    rows = [[directory.rows[group] for group in groups if group in directory.rows] for groups in been]
    alike = {row: placed.texts.likeness(int(placed.rows[row]), directory, placed.rows) for row in sorted({row for some in rows for row in some})}
    summed = np.full((len(been), len(directory.gone)), np.nan)
    for person, some in enumerate(rows):
        if some:
            summed[person] = np.sum([alike[row] for row in some], axis=0) / np.sqrt(len(some))
    return summed


def _familiar(been: Sequence[Sequence[str]], directory: Directory, placed: Placed) -> NDArray[np.float64]:
    """The share of each group's tags that the person's groups carry, (people, groups); NaN where either has none."""
    rows = [[directory.rows[group] for group in groups if group in directory.rows] for groups in been]
    if not any(rows):
        return np.full((len(been), len(directory.gone)), np.nan)
    known = directory.codes.tags.shared([[tag for row in some for tag in placed.texts.tags(int(placed.rows[row]))] for some in rows])
    return np.where(known.both_told, known.count / np.maximum(placed.texts.number_of_tags[placed.rows], 1), np.nan)
