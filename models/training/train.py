"""From attendance to a learned ranker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory
from models.features import FEATURES, FeatureName, SignalName
from models.learned.model import INPUTS, Learned, Mix
from models.learned.signals import DIRECT
from models.learned.trees import Trees
from models.prior import Prior
from models.seeker import Seeker
from models.training.calibration import fit_direct, fit_weights
from models.training.examples import Advance, Examples, examples_of
from models.training.fitting import fit_comes_back, fit_joins
from models.training.habits import Visits, habits_of
from models.training.plan import Plan
from models.training.questions import fold_of, questions_of, visits_of, without
from models.training.welcome import hidden_trial, without_history
from schemas.attendance import Attendance

ENOUGH_OFFERED: Final = 200
"""From so many offers on calibration looks at offers alone: what happened when a group was proposed, not what people join of their own accord."""

_DIRECTLY: Final = [INPUTS.index(name) for name in DIRECT]

Begin = Callable[[str, int], Advance]
"""Told what begins and of how many parts; it answers with what is told of each done."""


class TooLittle(Exception):
    """There is nothing to learn from: nobody in the attendance went to a group of the directory."""


def quietly(_what: str, _parts: int) -> Advance:
    """Tells nobody."""
    return lambda _: None


def train(
    people: Mapping[str, Sequence[Attendance]],
    known: Mapping[str, Seeker],
    directory: Directory,
    prior: Prior,
    today: date,
    plan: Plan = Plan(),  # noqa: B008, it is frozen
    begin: Begin = quietly,
) -> Learned:
    """A ranker learned from the attendance of `people`, each person's rows as `by_person` gives them; `known` is what is known of them besides.

    The same input gives the same model, whatever the order of its rows. Raises TooLittle where nothing can be learned.
    """
    visits = visits_of(people)
    parts = asked_by_fold(people, known, visits, directory, plan, today, begin)
    learned_from = Examples.joined_up([part for fold, part in parts if fold != plan.folds - 1])
    kept_back = Examples.joined_up([part for fold, part in parts if fold == plan.folds - 1])
    if not (learned_from.sessions > 0).any():
        raise TooLittle("nobody in the attendance went to one of these groups, so there is nothing to learn from")
    advance = begin("Growing trees", 2)
    joins = _joins(learned_from, plan)
    advance(1)
    comes_back = _comes_back(learned_from, plan)
    advance(1)
    mix = _mix(joins, comes_back, Examples.joined_up([learned_from, kept_back]), kept_back, prior, plan)
    told = {"people": len(visits), "joins": sum(map(len, visits.values())), "plan": vars(plan), "trained_on": today.isoformat()}
    learned = Learned(joins, comes_back, habits_of(visits, directory, plan.comes_back), prior, mix, told)
    trial = hidden_trial(people, known, visits, directory, learned, plan, today)
    return replace(learned, mix=replace(mix, welcome=trial.least(plan.beyond_words)))


def asked_by_fold(
    people: Mapping[str, Sequence[Attendance]],
    known: Mapping[str, Seeker],
    visits: Visits,
    directory: Directory,
    plan: Plan,
    today: date,
    begin: Begin,
) -> list[tuple[int, Examples]]:
    """The rows of every question with the fold of the person who is asked; what they say of habits comes from the other folds."""
    questions = list(questions_of(people, known))
    advance = begin("Asking what each person chose", len(questions))
    parts: list[tuple[int, Examples]] = []
    for fold in range(plan.folds):
        asked = [question for question in questions if fold_of(question.person_id, plan) == fold]
        habits = habits_of(without(visits, fold, plan), directory, plan.comes_back)
        parts += [(fold, part) for part in examples_of(asked, directory, habits, plan, today, advance)]
    return parts


def _joins(examples: Examples, plan: Plan) -> Trees:
    """Trees for joining, learned from every question and from some of them once more with the groups' history hidden."""
    joined = examples.sessions > 0
    weight = examples.weight * _exposed(examples, joined, plan.exposure)
    hidden = _hidden(examples, plan)
    rows = np.concatenate([examples.rows, without_history(examples.rows[hidden])])
    return fit_joins(rows, np.concatenate([joined, joined[hidden]]), np.concatenate([weight, weight[hidden]]), plan)


def _exposed(examples: Examples, joined: NDArray[np.bool_], power: float) -> NDArray[np.float64]:
    """How much each row counts for how many had heard of the group: less for a join of a large one, but where the person's history is not known."""
    crowd = np.bincount(examples.group[joined], minlength=int(examples.group.max(initial=-1)) + 1)[examples.group]
    experienced = examples.rows[:, INPUTS.index("histories")] > 0
    return np.where(joined & experienced, (1.0 + crowd) ** -power, 1.0)


def _comes_back(examples: Examples, plan: Plan) -> Trees:
    """Trees for coming back, learned from who joined, and from some of them once more with the groups' history hidden."""
    joined = examples.taken(examples.sessions > 0)
    hidden, back = _hidden(joined, plan), joined.sessions >= plan.comes_back
    rows = np.concatenate([joined.rows, without_history(joined.rows[hidden])])
    return fit_comes_back(rows, np.concatenate([back, back[hidden]]), plan)


def _hidden(examples: Examples, plan: Plan) -> NDArray[np.bool_]:
    """The rows of the questions that are asked once more."""
    chance = np.random.default_rng(plan.seed)
    return np.asarray(chance.random(int(examples.question.max(initial=0)) + 1)[examples.question] < plan.masked)


def _mix(joins: Trees, comes_back: Trees, everyone: Examples, kept_back: Examples, prior: Prior, plan: Plan) -> Mix:
    """How the parts add up, calibrated on the people kept back and handed over from the prior by what there is to learn from."""
    judged = _to_judge_by(kept_back, plan)
    direct = _direct(joins, kept_back, plan)
    of_joining = joins.raw(judged.rows) + np.nan_to_num(judged.rows[:, _DIRECTLY]) @ np.array([direct[name] for name in DIRECT])
    said = of_joining, comes_back.raw(judged.rows)
    start, of_joins, of_coming = fit_weights(*said, judged.sessions >= plan.comes_back, judged.weight, plan.coming_at_most)
    outcomes = int(everyone.answer.sum())
    trust = outcomes / (outcomes + plan.half_trust)
    share = {name: trust * plan.half_trust / (plan.half_trust + told) + 1 - trust for name, told in _told_of(everyone).items()}
    return Mix(trust * start + (1 - trust) * prior.base, trust * of_joins, trust * of_coming, 0.0, share, direct)


def _direct(joins: Trees, kept_back: Examples, plan: Plan) -> dict[SignalName, float]:
    """What single signals add where person and group both have a history."""
    both = kept_back.taken(~np.isnan(kept_back.rows[:, INPUTS.index("shared")]))
    joined = both.sessions > 0
    weight = both.weight * _exposed(both, joined, plan.exposure_direct)
    return dict(zip(DIRECT, fit_direct(joins.raw(both.rows), both.rows[:, _DIRECTLY], joined, weight).tolist(), strict=True))


def _to_judge_by(kept_back: Examples, plan: Plan) -> Examples:
    offered = kept_back.taken(kept_back.offered)
    second = int((offered.sessions >= plan.comes_back).sum())
    return offered if len(offered.sessions) >= ENOUGH_OFFERED and 0 < second < len(offered.sessions) else kept_back


def _told_of(examples: Examples) -> dict[FeatureName, int]:
    """How many outcomes tell of each feature: those of a choice among groups where it is known of one, if it ever differs or is ever not known."""
    told: dict[FeatureName, int] = {}
    for name in FEATURES:
        column = examples.rows[:, INPUTS.index(name)]
        known = np.unique(examples.question[~np.isnan(column)])
        told[name] = len(known) if len(np.unique(column)) > 1 else 0
    return told
