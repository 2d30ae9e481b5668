"""From attendance to a learned ranker."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory
from models.features import FEATURES, INPUTS, FeatureName, Name
from models.learned.model import Learned, Mix, going_to, seen_of_joining
from models.learned.signals import DIRECT, directly
from models.learned.trees import Trees
from models.prior import Prior
from models.seeker import Seeker
from models.training.asking import Asked, Begin, asked_of, quietly
from models.training.calibration import fit_both, fit_choice, fit_scale, fit_weights
from models.training.examples import Examples
from models.training.fitting import fit_comes_back, fit_joins
from models.training.habits import habits_of
from models.training.plan import Plan
from models.training.questions import visits_of
from models.training.welcome import hidden_trial, without_history
from schemas.attendance import Attendance

ENOUGH_OFFERED: Final = 200
"""From so many offers on calibration looks at offers alone: what happened when a group was proposed, not what people join of their own accord."""


ENOUGH_KNOWN: Final = 200
"""From so many answers of people with a history on the trees are weighed on those alone; at a clinic most have none."""

_HISTORIES: Final = INPUTS.index("histories")


class TooLittle(Exception):
    """There is nothing to learn from: nobody in the attendance went to a group of the directory."""


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
    asked = asked_of(people, known, directory, plan, today, begin)
    if not (asked.learned_from.sessions > 0).any():
        raise TooLittle("nobody in the attendance went to one of these groups, so there is nothing to learn from")
    advance = begin("Growing trees", 2)
    joins = _joins(asked.learned_from, plan)
    advance(1)
    comes_back = _comes_back(asked.learned_from, plan)
    advance(1)
    visits, mix = visits_of(people), _mix(joins, comes_back, asked, prior, plan)
    told = {
        "people": len(visits), "joins": sum(map(len, visits.values())), "plan": vars(plan), "trained_on": today.isoformat(),
        "learned_until": _learned_until(people),
    }  # fmt: skip
    learned = Learned(joins, comes_back, habits_of(visits, directory, plan.comes_back), prior, mix, told)
    tried = list(islice(asked.choices.by_question(), plan.tried))
    advance = begin("Trying groups with their history hidden", len(tried))
    return replace(learned, mix=replace(mix, welcome=hidden_trial(tried, learned, directory, advance).least(plan.beyond_words)))


def _learned_until(people: Mapping[str, Sequence[Attendance]]) -> str | None:
    """The last day of which the attendance tells, None where none is dated."""
    days = (at.astimezone(UTC).date().isoformat() for rows in people.values() for row in rows for at in (row.first_at, row.offered_at) if at)
    return max(days, default=None)


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


def _mix(joins: Trees, comes_back: Trees, asked: Asked, prior: Prior, plan: Plan) -> Mix:
    """How the parts add up, calibrated on the people kept back and handed over from the prior by what there is to learn from."""
    everyone, judged = asked.everyone(), _to_judge_by(asked.kept_back, plan)
    direct = _direct(joins, asked.choices, everyone, plan)
    said = joins.raw(seen_of_joining(judged.rows)) + _counting(judged.rows) @ np.array([direct[name] for name in DIRECT])
    coming, second, known = comes_back.raw(judged.rows), judged.sessions >= plan.comes_back, judged.rows[:, _HISTORIES] > 0
    enough = judged.answer[known].sum() >= ENOUGH_KNOWN and 0 < second[known].sum() < known.sum()
    among = known if enough else np.ones(len(known), np.bool_)
    start, of_joins, of_coming = fit_weights(said[among], coming[among], second[among], judged.weight[among], plan.coming_at_most)
    of_trees = of_joins * said[~known] + of_coming * coming[~known]
    heard, crowd = _heard(joins, asked.kept_back, plan)
    doubted, crowd, unknown = _without_history(start, of_trees, judged.taken(~known), heard, of_joins * crowd, plan)
    outcomes = int(everyone.answer.sum())
    trust = outcomes / (outcomes + plan.half_trust)
    share = {name: trust * plan.half_trust / (plan.half_trust + told) + 1 - trust for name, told in _told_of(everyone).items()}
    start = trust * start + (1 - trust) * prior.base
    return Mix(start, trust * of_joins, trust * of_coming, 0.0, share, direct, doubted, trust * crowd, trust * unknown)


def _direct(joins: Trees, choices: Examples, everyone: Examples, plan: Plan) -> dict[Name, float]:
    """What single inputs add, learned from which of all groups with a history was chosen; that of a large group counts less."""
    both = ~np.isnan(choices.rows[:, INPUTS.index("shared")])
    crowd = np.bincount(everyone.group[everyone.sessions > 0], minlength=int(choices.group.max(initial=-1)) + 1)
    counts = np.power(1.0 + crowd[choices.group[choices.answer]], -plan.exposure_direct)
    signals = _counting(choices.rows)[both]
    fitted = fit_choice(joins.raw(choices.rows)[both], signals, choices.answer[both], choices.weight[both], counts)
    return dict(zip(DIRECT, fitted.tolist(), strict=True))


def _counting(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of rows (n, inputs) what counts directly, (n, k)."""
    values = dict(zip(INPUTS, rows.T, strict=True))
    return np.column_stack([directly(values, name) for name in DIRECT])


def _without_history(
    start: float, of_trees: NDArray[np.float64], judged: Examples, heard: float, crowd: float, plan: Plan
) -> tuple[float, float, float]:
    """`doubted`, `crowd` and `unknown` for people without history, `judged`, of whom the trees say so much (n,), weighed as for the others.

    They have a scale and a level of their own: else the few groups where all of them go would make everybody's scores flat.
    """
    if not len(of_trees):
        return heard, crowd, 0.0
    told = heard * of_trees + crowd * going_to(judged.rows)
    level, scale = fit_scale(told, judged.sessions >= plan.comes_back, judged.weight, start + of_trees)
    return scale * heard, scale * crowd, level - start


def _heard(joins: Trees, kept_back: Examples, plan: Plan) -> tuple[float, float]:
    """How much what the trees say of joining and how many go tell of which group somebody without history joins.

    Learned from the questions beside which groups were drawn, and from few of them only a little: chance alone would speak.
    """
    drawn = np.bincount(kept_back.question[~kept_back.answer], minlength=int(kept_back.question.max(initial=-1)) + 1) > 0
    asked = kept_back.taken((kept_back.rows[:, _HISTORIES] == 0) & drawn[kept_back.question])
    answers = int(asked.answer.sum())
    trust = answers / (answers + plan.half_trust)
    heard, crowd = fit_both(joins.raw(seen_of_joining(asked.rows)), going_to(asked.rows), asked.sessions > 0, asked.weight)
    return heard, trust * crowd


def _to_judge_by(kept_back: Examples, plan: Plan) -> Examples:
    offered = kept_back.taken(kept_back.offered)
    second = int((offered.sessions >= plan.comes_back).sum())
    return offered if len(offered.sessions) >= ENOUGH_OFFERED and 0 < second < len(offered.sessions) else kept_back


def _told_of(examples: Examples) -> dict[FeatureName, int]:
    """How many outcomes tell of each feature: those of a choice among groups where it is known of one, if it ever differs or is ever not known."""
    told: dict[FeatureName, int] = {}
    question = np.cumsum(examples.answer)  # their own numbers begin anew with every fold
    for name in FEATURES:
        column = examples.rows[:, INPUTS.index(name)]
        known = np.unique(question[~np.isnan(column)])
        told[name] = len(known) if len(np.unique(column)) > 1 else 0
    return told
