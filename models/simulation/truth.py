"""What is true of a made-up town and told to nobody: who likes what, whom a group keeps, which groups have ended, and what chance holds.

A taste is a direction in a space of `TASTES` dimensions. Part of it follows from tags, the same way for people and groups; the rest is each
one's own and stands in no record. No text is read here, so that no way of reading texts is favoured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.distance import arcs_km, positions
from models.reach import ReachDefaults
from models.simulation.chance import direction, key, normal, uniform
from models.simulation.newcomers import OPENS, Newcomer
from models.simulation.numbers import Numbers
from models.town.draws import Draws
from models.town.groups import written_groups
from models.town.places import venues
from schemas.group import Group

Whole = NDArray[np.float64]

TASTES: Final = 8
_DRAWS: Final = 6
_WEEKS_A_YEAR: Final = 52


@dataclass(frozen=True)
class Chance:
    """One uniform number for each person and group, (p, n) each: how the person takes to it, comes, comes again, says it has ended, waits.

    `anything` is for who proposes at random, `neither` (p,) how each person takes to staying at home.
    """

    takes_to: Whole
    comes: Whole
    back: Whole
    tells: Whole
    waits: Whole
    anything: Whole
    neither: Whole


@dataclass(frozen=True)
class Truth:
    """Of each person and group, (p, n): `appeal` in log-odds before chance, P(comes once) and P(comes again), both where the group still meets.

    `ends` (n,) is the first week in which the group no longer meets; infinite where it outlasts the town.
    """

    appeal: Whole
    comes: Whole
    back: Whole
    ends: Whole
    chance: Chance

    def second(self, week: int) -> Whole:
        """P(a second attendance) of whoever agrees on the group in this week, (p, n)."""
        return np.asarray(self.comes * self.back * (self.ends > week))


def truth_of(people: Sequence[Newcomer], groups: Sequence[Group], seed: int, numbers: Numbers) -> Truth:
    """The truth between these people and these groups; each person's and each group's part does not depend on the others'."""
    mine = np.stack([_taste(one.tags, numbers.told_of_people, key(seed, "taste", index), seed) for index, one in enumerate(people)])
    theirs = [_taste(group.tags, numbers.told_of_groups, key(seed, "taste", group.group_id), seed) for group in groups]
    told = np.stack([_of_tags(group.tags, seed) * np.sqrt(numbers.told_of_groups) for group in groups])
    steady = numbers.steadiness * np.array([normal((), *key(seed, "person", index)) for index in range(len(people))])
    away = _away(people, groups, seed, numbers)
    liking = mine @ np.stack(theirs).T
    return Truth(
        numbers.chosen + numbers.taste_chosen * (mine @ told.T) - numbers.km_chosen * away,
        _chance_of(numbers.comes + numbers.taste_comes * liking - numbers.km_comes * away + steady[:, None]),
        _chance_of(numbers.back + numbers.taste_back * liking - numbers.km_back * away + steady[:, None] + _warmth(groups, seed, numbers)),
        np.array([_ends(group, seed, numbers) for group in groups]),
        _drawn(len(people), groups, seed),
    )


def _chance_of(log_odds: Whole) -> Whole:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _of_tags(tags: Sequence[str], seed: int) -> Whole:
    """The direction in which these tags point together, the same for people and groups; zeros where there are none."""
    if not tags:
        return np.zeros(TASTES)
    total = np.sum([direction(TASTES, *key(seed, "taste", f"tag {tag}")) for tag in dict.fromkeys(tags)], axis=0)
    return np.asarray(total / np.sqrt((total**2).sum()))


def _taste(tags: Sequence[str], told: float, own: list[int], seed: int) -> Whole:
    vector = np.sqrt(told) * _of_tags(tags, seed) + np.sqrt(1 - told) * direction(TASTES, *own)
    return np.asarray(vector / np.sqrt((vector**2).sum()))


def _warmth(groups: Sequence[Group], seed: int, numbers: Numbers) -> Whole:
    """How much better or worse than usual each group keeps newcomers, (n,), in log-odds; part of it goes with the kind, the first of its tags."""
    kinds = np.array([normal((), *key(seed, "group", f"kind {group.tags[0] if group.tags else ''}")) for group in groups])
    own = np.array([normal((), *key(seed, "group", f"warmth {group.group_id}")) for group in groups])
    return np.asarray(numbers.warmth * (np.sqrt(numbers.warmth_of_kind) * kinds + np.sqrt(1 - numbers.warmth_of_kind) * own))


def _ends(group: Group, seed: int, numbers: Numbers) -> float:
    """The week in which it no longer meets: below 0 where it had ended before the first."""
    unchecked = _unchecked_weeks(group, OPENS.date(), numbers)
    weekly, drawn = numbers.ended_a_year / _WEEKS_A_YEAR, float(uniform((), *key(seed, "group", f"ends {group.group_id}")))
    return float(np.floor(np.log1p(-drawn) / np.log1p(-weekly) - unchecked))


def _unchecked_weeks(group: Group, opens: date, numbers: Numbers) -> float:
    return numbers.years_unchecked * _WEEKS_A_YEAR if group.assured_on is None else (opens - group.assured_on).days / 7


def _away(people: Sequence[Newcomer], groups: Sequence[Group], seed: int, numbers: Numbers) -> Whole:
    """How far each group truly is, (p, n), in the usual distance of each person's way of travelling; 0 where nobody travels."""
    homes = np.array([[one.referral.latitude, one.referral.longitude] for one in people], np.float64)
    places = np.array([_where(group, seed, numbers) for group in groups], np.float64)
    km = arcs_km(positions(homes[:, 0], homes[:, 1]), positions(places[:, 0], places[:, 1]))
    km[:, [group.mode == "online" for group in groups]] = 0.0
    usual = np.array([ReachDefaults().usual_km(one.referral.travel) for one in people])
    return np.asarray(np.nan_to_num(km / usual[:, None], nan=1.0))


def _where(group: Group, seed: int, numbers: Numbers) -> tuple[float | None, float | None]:
    """Where it truly meets: at another venue where it has moved since it was checked."""
    draws = Draws(*key(seed, "group", f"moves {group.group_id}"))
    years = _unchecked_weeks(group, OPENS.date(), numbers) / _WEEKS_A_YEAR
    if group.latitude is not None and draws.chance(1 - (1 - numbers.moved_a_year) ** years):
        venue = draws.one_of(list(venues().values()))
        return venue.latitude, venue.longitude
    return group.latitude, group.longitude


def _drawn(people: int, groups: Sequence[Group], seed: int) -> Chance:
    """Drawn for every written group and then taken, so that neither more people nor other groups change what a person does at a group."""
    place = {group_id: number for number, group_id in enumerate(written_groups())}
    taken = [place[group.group_id] for group in groups]
    drawn = np.stack([uniform((_DRAWS, len(place)), *key(seed, "pair", person))[:, taken] for person in range(people)], axis=1)
    neither = [float(uniform((), *key(seed, "person", f"neither {person}"))) for person in range(people)]
    return Chance(drawn[0], drawn[1], drawn[2], drawn[3], drawn[4], drawn[5], np.array(neither))
