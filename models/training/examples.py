"""Questions as rows of numbers: each group asked about, and beside each that was joined some that were not.

What a row says of who goes where comes from people of other folds (`models.training.habits`), so that nobody's own attendance, the
answer above all, is in what they are asked about. Groups that were not joined are drawn from those that the person was eligible for, and
each stands for all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.eligibility import judge
from models.features import INPUTS, Features
from models.learned.habits import Habits
from models.learned.signals import Placed, signals_of
from models.pairs import Pairs
from models.reach import ReachDefaults
from models.training.plan import Plan
from models.training.questions import Question

BLOCK: Final = 1 << 16
"""Pairs worked on at a time."""

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Examples:
    """n rows, each array (n,) but `rows` (n, inputs): the group was joined or not, for so many sessions.

    `weight` is how many pairs a row stands for, `group` its row in the directory, `question` numbers the question in the order asked of its fold;
    `answer` marks the group asked about, and `offered` where that had been offered.
    """

    rows: NDArray[np.float64]
    sessions: NDArray[np.int64]
    weight: NDArray[np.float64]
    group: NDArray[np.intp]
    question: NDArray[np.intp]
    answer: NDArray[np.bool_]
    offered: NDArray[np.bool_]

    @classmethod
    def joined_up(cls, parts: Sequence["Examples"]) -> "Examples":
        """All rows of all parts; none where there are no parts."""
        whole = [_none(), *parts]
        return cls(**{field.name: np.concatenate([getattr(part, field.name) for part in whole]) for field in fields(cls)})

    def by_question(self) -> Iterator["Examples"]:
        """The rows of each question, the group asked about first."""
        ends = np.append(np.flatnonzero(self.answer), len(self.answer))
        for start, end in pairwise(ends.tolist()):
            yield Examples(**{field.name: getattr(self, field.name)[start:end] for field in fields(self)})

    def taken(self, rows: NDArray[np.bool_]) -> "Examples":
        """Some of the rows."""
        return Examples(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def _none() -> Examples:
    whole, flags = np.zeros(0, np.intp), np.zeros(0, np.bool_)
    return Examples(np.zeros((0, len(INPUTS))), np.zeros(0, np.int64), np.zeros(0), whole, whole, flags, flags)


def examples_of(
    questions: Sequence[Question], directory: Directory, habits: Habits, plan: Plan, today: date, advance: Advance = lambda _: None
) -> Iterator[Examples]:
    """The rows of these questions, block by block; a question about a group that is not listed has none."""
    placed = Placed.of(directory, habits)
    size = max(1, BLOCK // max(1, len(directory.gone)))
    for low in range(0, len(questions), size):
        some = questions[low : low + size]
        yield _of_block(some, low, directory, habits, placed, plan, today)
        advance(len(some))


def _of_block(questions: Sequence[Question], first: int, directory: Directory, habits: Habits, placed: Placed, plan: Plan, today: date) -> Examples:
    block = Block.of([question.seeker for question in questions], ReachDefaults())
    pairs = Pairs(block, directory, today)
    eligible = judge(block, directory, pairs, ReachDefaults()).eligible
    features = Features.of(block, directory, pairs, today).joined(signals_of(block, directory, pairs, habits, placed))
    drawn = [_drawn(question, eligible[place], directory, plan) for place, question in enumerate(questions)]
    people = np.repeat(np.arange(len(questions)), [len(groups) for groups, _ in drawn])
    groups = np.concatenate([groups for groups, _ in drawn])
    values = features.at(people, groups).values
    answer = np.concatenate([np.arange(len(groups)) == 0 for groups, _ in drawn]) if drawn else np.zeros(0, np.bool_)
    return Examples(
        np.column_stack([values[name] for name in INPUTS]),
        np.where(answer, np.array([question.sessions for question in questions])[people], 0),
        np.concatenate([weight for _, weight in drawn]),
        groups,
        people + first,
        answer,
        answer & np.array([question.offered for question in questions])[people],
    )


def _drawn(question: Question, eligible: NDArray[np.bool_], directory: Directory, plan: Plan) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The group asked about and then groups not joined, as rows, and how many groups each stands for."""
    row = directory.rows.get(question.group_id)
    if row is None:
        return np.zeros(0, np.intp), np.zeros(0)
    chance = question.generator(plan.seed)
    asks = bool(question.seeker.needs.attended) or chance.random() < plan.without_history
    if not question.sessions or not asks:
        return np.array([row]), np.ones(1)
    may_be_drawn = eligible.copy()
    may_be_drawn[[row, *(directory.rows[group_id] for group_id in question.joined if group_id in directory.rows)]] = False
    others = np.flatnonzero(may_be_drawn)
    some = chance.choice(others, min(plan.negatives, len(others)), replace=False)
    return np.concatenate([[row], some]), np.concatenate([[1.0], np.full(len(some), len(others) / max(len(some), 1))])
