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
from models.directory import Codes, Directory
from models.features import SIGNALS, Name, Values
from models.inverse import Rows
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
    """Some of a directory's groups as the habits know them: `index` (n,) is a group's row in them or -1, and `rows` (n,) that in the directory.

    `of_all` (groups of the directory, k + 1) is what texts tell of who would go, whole steps that float32 holds exactly, because there may be very
    many groups; `texts` is what else there is to compare of them.
    """

    index: NDArray[np.intp]
    of_all: NDArray[np.float32]
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
            index, told = np.concatenate([before.index[:known], index]), np.concatenate([before.of_all[:known], told])
        return cls(index, told, Wording(directory), np.arange(len(index)))

    def taken(self, rows: NDArray[np.intp]) -> "Placed":
        """The groups at `rows` of the directory, in that order."""
        return Placed(self.index[rows], self.of_all, self.texts, self.rows[rows])

    @property
    def told_tastes(self) -> Whole:
        """What the texts of these groups tell of people's tastes, (n, k)."""
        return self.of_all[self.rows, :-1].astype(np.float64)

    @property
    def expected(self) -> NDArray[np.float64]:
        """And of how many would go, (n,), on a logarithmic scale."""
        return np.asarray(self.of_all[self.rows, -1].astype(np.float64) / COARSE)

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
    values = _of_the_group(habits, placed) | _by_groups(_of_two_groups(went, habits), placed)
    values["kindred"] = _kindred(went, habits, placed)
    values["taste_mean"] = pairs.taste_mean
    values |= of_words(been, directory.whole, directory.codes, placed)
    everywhere = np.zeros((1, len(directory.gone)))
    values["histories"] = np.array([[float(len(groups))] for groups in been]) + everywhere
    values["stayed"] = np.array([[_stayed(seeker)] for seeker in block.people]) + everywhere
    return {name: values[name] for name in SIGNALS}


def directly(values: Mapping[Name, NDArray[np.float64]], name: Name) -> NDArray[np.float64]:
    """How much of one of `DIRECT` counts: 0 where it is not known, and where the person has no history."""
    value, histories = values.get(name, np.zeros(())), values.get("histories", np.zeros(()))
    return np.asarray(np.where((histories > 0) & ~np.isnan(value), value - MIDDLING.get(name, 0.0), 0.0))


def told_from_afar(seeker: Seeker, habits: Habits) -> Callable[[Placed], Values]:
    """What can be told of very many groups for one person: all signals but those that compare texts; what is unknown of all of them is left out.

    What hangs on the person alone is worked out here; the function that is returned tells of some groups, (m,) each, as often as it is asked.
    """
    been = been_to(seeker)
    went = _went([been], habits)
    of_person: Values = {"histories": np.array(float(len(been))), "stayed": np.array(_stayed(seeker))}
    of_two_groups = _of_two_groups(went, habits) if len(went[0]) else {}

    def told(placed: Placed) -> Values:
        values = _of_the_group(habits, placed) | _by_groups(of_two_groups, placed)
        if of_two_groups:
            values["kindred"] = _kindred(went, habits, placed)
        return {name: value[0] for name, value in values.items()} | of_person

    return told


def of_words(been: Sequence[Sequence[str]], whole: Directory, codes: Codes, placed: Placed) -> Values:
    """What groups that carry `codes` have in words and tags of those that people have been to, (people, groups) each.

    `wording` is the sum over the person's groups of how alike the words are, over the root of their number; `familiar` the share of the group's
    tags that the person's groups carry. NaN where the person has been to no group of the directory, or a group has no tags.
    """
    wording, familiar = np.full((2, len(been), len(placed.rows)), np.nan)
    rows = [[whole.rows[group] for group in groups if group in whole.rows] for groups in been]
    if any(rows):
        texts = placed.texts
        alike = {row: texts.likeness(row, codes.wording, placed.rows) for row in sorted({row for some in rows for row in some})}
        for person, some in enumerate(rows):
            if some:
                wording[person] = np.sum([alike[row] for row in some], axis=0) / np.sqrt(len(some))
        known = codes.tags.shared([[tag for row in some for tag in texts.tags(row)] for some in rows])
        familiar = np.where(known.both_told, known.count / np.maximum(texts.number_of_tags[placed.rows], 1), np.nan)
    return {"wording": wording, "familiar": familiar}


def _stayed(seeker: Seeker) -> float:
    sessions = sorted(group.sessions for group in seeker.needs.attended if group.sessions)
    return sum(map(log1p, sessions)) / len(sessions) if sessions else nan


def _went(been: Sequence[Sequence[str]], habits: Habits) -> list[Rows]:
    """Which of the habits' groups each person went to, by their rows there."""
    return [np.array([habits.index[group] for group in groups if group in habits.index], np.intp) for groups in been]


def _number(went: Sequence[Rows]) -> NDArray[np.float64]:
    """To how many of the habits' groups each went, (people, 1); NaN where to none."""
    number = np.array([[float(len(rows))] for rows in went])
    number[number == 0] = np.nan
    return number


def _summed(of_groups: Whole, went: Sequence[Rows]) -> Whole:
    """The sum over each person's groups, (people, m), of what is known by group, (groups, m)."""
    summed = np.zeros((len(went), of_groups.shape[1]))
    for person, rows in enumerate(went):
        if len(rows):
            summed[person] = of_groups[rows].sum(axis=0)
    return summed


def _of_the_group(habits: Habits, placed: Placed) -> Values:
    """What is the same for everybody, (1, groups) each."""
    joined, kept = placed.of_groups(np.stack([np.log1p(habits.joined), habits.kept]))[:, None]
    return {"joined": joined, "kept": kept, "expected": placed.expected[None, :]}


def _of_two_groups(went: Sequence[Rows], habits: Habits) -> Values:
    """By the habits' groups, (people, m) each: it hangs on the people alone."""
    number = _number(went)
    return {
        "followed": _summed(habits.followed, went) / FINE / number,
        "linked": _summed(habits.linked, went) / FINE + 0 * number,
        "shared": _summed(habits.shared, went) / FINE + 0 * number,
        "sought": _summed(habits.sought, went) / FINE + 0 * number,
        "lifted": _summed(habits.lifted, went) / FINE / np.sqrt(number),
        "likeness": _summed(habits.tastes, went) @ habits.tastes.T / COARSE / COARSE / np.sqrt(number),
    }


def _by_groups(of_two_groups: Values, placed: Placed) -> Values:
    return {name: placed.of_groups(known) for name, known in of_two_groups.items()}


def _kindred(went: Sequence[Rows], habits: Habits, placed: Placed) -> NDArray[np.float64]:
    return _summed(habits.tastes, went) @ placed.told_tastes.T / COARSE / COARSE / np.sqrt(_number(went))
