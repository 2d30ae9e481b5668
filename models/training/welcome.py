"""How much benefit of the doubt a group without history needs, tried on people who grew no tree: groups' histories are hidden in turn.

A person's other groups keep their histories, so that a hidden group stands among known ones as a new group will. It must be found more
often than plain words alone would find it; that takes it past others, so no more than that is given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.columns import fingerprint
from models.directory import Directory
from models.evaluation.measures import FEW
from models.features import INPUTS, Features
from models.learned.model import Learned
from models.learned.signals import HISTORY_SIGNALS
from models.training.examples import Advance, Examples
from models.training.plan import Plan
from models.training.questions import Question

TURNS: Final = 8
"""A group's history is hidden in one turn of so many."""

TRIED: Final = np.arange(0, 3.01, 0.05)
"""The benefits tried, in log-odds."""


def without_history(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same rows (n, inputs) with what needs a history of the group not known."""
    masked = rows.copy()
    masked[:, [INPUTS.index(name) for name in HISTORY_SIGNALS]] = np.nan
    return masked


@dataclass(frozen=True)
class Trial:
    """Of q questions: whether words alone found the answer, whether it was found with its history, (q,), and hidden with each of `TRIED`, (q, t)."""

    by_words: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    hidden: NDArray[np.bool_]

    def least(self, beyond_words: float) -> float:
        """The least benefit with which so many times as many are found as by words alone, or as many as with their history.

        0 where nobody can be asked, and the greatest tried where none is enough.
        """
        if not len(self.by_words):
            return 0.0
        enough = self.hidden.mean(axis=0) >= min(beyond_words * self.by_words.mean(), self.shown.mean())
        return float(TRIED[enough.argmax()] if enough.any() else TRIED[-1])


def hidden_trial(tried: Iterable[Examples], learned: Learned, directory: Directory, advance: Advance = lambda _: None) -> Trial:
    """What `learned` without any benefit of the doubt finds of these questions, each about a group with a history; all are of people kept back."""
    turns = np.array([fingerprint(str(group_id)) % TURNS for group_id in directory.columns.ids])
    trials = []
    for question in tried:
        trials.append(_asked(question, learned, turns))
        advance(1)
    by_words, shown, hidden = zip(*trials, strict=True) if trials else ((), (), ())
    return Trial(np.array(by_words, np.bool_), np.array(shown, np.bool_), np.array(hidden, np.bool_))


def in_turn(questions: Iterable[Question], plan: Plan) -> list[Question]:
    """Of people who had been elsewhere the groups they went to, everybody's first before anybody's second, `plan.choices` in all.

    In which order, follows from the plan's seed.
    """
    lots: dict[str, list[tuple[float, str, Question]]] = {}
    for question in questions:
        if question.sessions and question.seeker.needs.attended:
            lot = question.generator(plan.seed + 1).random()
            lots.setdefault(question.person_id, []).append((lot, question.group_id, question))
    turns = [(turn, lot, person, question) for person, drawn in lots.items() for turn, (lot, _, question) in enumerate(sorted(drawn, key=_lot))]
    return [question for *_, question in sorted(turns, key=lambda drawn: drawn[:3])[: plan.choices]]


def _lot(drawn: tuple[float, str, Question]) -> tuple[float, str]:
    return drawn[:2]


def _asked(question: Examples, learned: Learned, turns: NDArray[np.intp]) -> tuple[bool, bool, NDArray[np.bool_]]:
    """Whether words alone find the answer, the first row, whether the ranker does, and whether with each benefit, its history and others' hidden."""
    had = ~np.isnan(question.rows[:, INPUTS.index("joined")])
    rows, weight, turn = question.rows[had], question.weight[had], turns[question.group[had]]
    hidden = turn == turn[0]
    shown = learned.log_odds(_features(rows))
    said = np.where(hidden, learned.log_odds(_features(without_history(rows))), shown)
    words = np.nan_to_num(rows[:, INPUTS.index("wording")], nan=-1.0)
    above = (weight[hidden] @ (said[hidden] > said[0])) + weight[~hidden] @ (said[~hidden, None] > said[0] + TRIED)
    return bool(weight @ (words > words[0]) < FEW), bool(weight @ (shown > shown[0]) < FEW), above < FEW


def _features(rows: NDArray[np.float64]) -> Features:
    return Features({name: rows[:, column] for column, name in enumerate(INPUTS)})
