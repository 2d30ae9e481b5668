"""Puts the questions that are learned from, fold by fold: what each question sees of habits comes from the people of other folds.

The last fold's people grow no tree. They are asked once more, each beside many groups, for what counts directly and for the trial of hidden
histories (`models.training.welcome`), while the habits of the others are at hand: those are worked out once for a fold and then let go,
because a matrix of every two groups is large.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from models.directory import Directory
from models.features import INPUTS
from models.seeker import Seeker
from models.training.examples import Advance, Examples, examples_of
from models.training.habits import habits_of
from models.training.plan import Plan
from models.training.questions import fold_of, questions_of, visits_of, without
from models.training.welcome import in_turn
from schemas.attendance import Attendance

Begin = Callable[[str, int], Advance]
"""Told what begins and of how many parts; it answers with what is told of each done."""


def quietly(_what: str, _parts: int) -> Advance:
    """Tells nobody."""
    return lambda _: None


@dataclass(frozen=True)
class Asked:
    """The rows of every question: of the people that trees are grown from, of those kept back, and of some of these beside many groups."""

    learned_from: Examples
    kept_back: Examples
    choices: Examples

    def everyone(self) -> Examples:
        """All questions but those beside many groups, which ask the same once more."""
        return Examples.joined_up([self.learned_from, self.kept_back])


def asked_of(
    people: Mapping[str, Sequence[Attendance]],
    known: Mapping[str, Seeker],
    directory: Directory,
    plan: Plan,
    today: date,
    begin: Begin = quietly,
) -> Asked:
    """Asks everybody in `people` about everything that is known of them; see `train` for the arguments."""
    visits, last = visits_of(people), plan.folds - 1
    questions = list(questions_of(people, known))
    of_fold = [[question for question in questions if fold_of(question.person_id, plan) == fold] for fold in range(plan.folds)]
    choices = in_turn(of_fold[last], plan)
    advance = begin("Asking what each person chose", len(questions) + len(choices))
    learned_from: list[Examples] = []
    for fold in range(last):
        habits = habits_of(without(visits, fold, plan), directory, plan.comes_back)
        learned_from += examples_of(of_fold[fold], directory, habits, plan, today, advance)
    habits = habits_of(without(visits, last, plan), directory, plan.comes_back)
    kept_back = Examples.joined_up(list(examples_of(of_fold[last], directory, habits, plan, today, advance)))
    beside = examples_of(choices, directory, habits, replace(plan, negatives=plan.beside), today, advance)
    with_history = [one for part in beside for one in part.by_question() if not np.isnan(one.rows[0, INPUTS.index("shared")])]
    return Asked(Examples.joined_up(learned_from), kept_back, Examples.joined_up(with_history))
