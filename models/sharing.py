"""The free places of all groups shared out among everybody who is referred, and each one's answer arranged by that.

It stays a proposal: nothing is held and nobody is turned away. The group that sharing gives a person comes first, and it is said why; the
others follow as they were ranked, those that are likely to be full with a word about it. The rows' order changes nothing: people are
numbered by their keys, groups by their ids, and what one key names is one person, with one place.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.assignment.greedy import one_by_one
from models.assignment.joint import place_jointly
from models.assignment.problem import MILLION, NOBODY, Placing, Problem, Whole
from models.evaluation.judging import SMALLEST, by_group_of_people
from models.explain import Reason, ReasonCode
from models.matching import Ranked, RankedMatch
from schemas.referral import TravelMode

SharingCode = Literal["first_when_shared", "shared_out", "shared_out_alike", "likely_full"]

CONSIDERED: Final = 20
"""Of each person so many groups are looked at, or as many as are to be proposed, where those are more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody with their ranking, a key that tells them from everybody else in any order, and when they were referred (s since 1970)."""

    answer: Ranked
    key: str
    arrived: float


@dataclass(frozen=True)
class Outcome:
    """What one way of sharing comes to: by row the expected second attendances, (n,), 0 for nobody; people placed, and groups that get some."""

    expected: NDArray[np.float64]
    total: float
    placed: int
    groups: int


@dataclass(frozen=True)
class Shared:
    """The answers, in the order of the rows, by joint sharing; both outcomes, and what no sharing can exceed of what counts of the scores."""

    answers: list[Ranked]
    jointly: Outcome
    one_by_one: Outcome
    bound: float


@dataclass(frozen=True, slots=True)
class Whose:
    """What a person tells of the groups of people that they belong to; `sought` is whether a group was sought for them at all."""

    mode: TravelMode | None
    age: int | None
    sought: bool


@dataclass(frozen=True)
class WorstOff:
    """The group of people with the fewest second attendances each, how many they are, and what both ways of sharing give them."""

    name: str
    people: int
    jointly: float
    one_by_one: float


def share_places(waiting: Sequence[Waiting], free: Mapping[str, int | None], top: int) -> Shared:
    """Share the `free` places, by group, None where there is no limit, for the most second attendances; at most `top` matches each."""
    _, rows, person = np.unique(np.array([one.key for one in waiting], np.str_), return_index=True, return_inverse=True)
    people = [waiting[row] for row in rows.tolist()]
    ids = sorted(free)
    problem = _problem([one.answer.matches for one in people], ids, free)
    placing = place_jointly(problem)
    scored = replace(problem, worths=np.array([round(match.score * MILLION) for one in people for match in one.answer.matches], np.int64))
    turns = sorted(range(len(people)), key=lambda number: (people[number].arrived, people[number].key))
    full = _full(placing, problem, ids)
    had_places = {group_id for group_id, places in free.items() if places != 0}
    chosen = [None if group == NOBODY else ids[group] for group in placing.group[person].tolist()]
    return Shared(
        [_arranged(one.answer, group, full, had_places, top) for one, group in zip(waiting, chosen, strict=True)],
        _outcome(scored, placing.group, person),
        _outcome(scored, one_by_one(problem, turns), person),
        placing.bound / MILLION,
    )


def worst_off(shared: Shared, whose: Sequence[Whose]) -> WorstOff | None:
    """Of the groups by way of travelling and by age that are large enough to speak of, in the order of the rows; None where none is."""
    sought = np.array([one.sought for one in whose], np.bool_)
    groups = by_group_of_people([(one.mode, one.age) for one in whose])
    large = [(name, where & sought) for name, where in groups.items() if (where & sought).sum() >= SMALLEST]
    ways = (shared.jointly, shared.one_by_one)
    told = [WorstOff(name, int(where.sum()), *(float(way.expected[where].mean()) for way in ways)) for name, where in large]
    return min(told, key=lambda one: (one.jointly, one.name), default=None)


def _problem(matches: Sequence[Sequence[RankedMatch]], ids: Sequence[str], free: Mapping[str, int | None]) -> Problem:
    number = {group_id: index for index, group_id in enumerate(ids)}
    limits = (free[group_id] for group_id in ids)
    return Problem(
        np.cumsum([0, *map(len, matches)]),
        np.array([number[match.group_id] for some in matches for match in some], np.int64),
        np.array([match.worth for some in matches for match in some], np.int64),
        np.array([len(matches) + 1 if limit is None else limit for limit in limits], np.int64),
    )


def _full(placing: Placing, problem: Problem, ids: Sequence[str]) -> frozenset[str]:
    """The groups of whose places none is left, or that had none."""
    taken = np.bincount(placing.group[placing.group != NOBODY], minlength=len(ids))
    return frozenset(ids[group] for group in np.flatnonzero(taken == problem.capacity).tolist())


def _outcome(problem: Problem, placed: Whole, person: NDArray[np.intp]) -> Outcome:
    here = problem.groups == placed[problem.people]
    expected = np.zeros(len(problem))
    expected[problem.people[here]] = problem.worths[here] / MILLION
    has_place = placed != NOBODY
    return Outcome(expected[person], problem.worth_of(placed) / MILLION, int(has_place.sum()), len(np.unique(placed[has_place])))


def _arranged(answer: Ranked, chosen: str | None, full: Set[str], had_places: Set[str], top: int) -> Ranked:
    """The chosen group first; where that was not ranked first, what would have made a group first is not said, because it would not have."""
    first = [match for match in answer.matches if match.group_id == chosen]
    others = [match for match in answer.matches if match.group_id != chosen]
    as_ranked = not first or first == list(answer.matches[:1])
    said = [*first, *others] if as_ranked else [_without(match, "spread_first", "spread_later") for match in (*first, *others)]
    said = [_first(match, answer, full) if match.group_id == chosen else _other(match, full & had_places) for match in said]
    ranked = (match._replace(rank=rank, would_improve=match.would_improve if as_ranked else ()) for rank, match in enumerate(said[:top], start=1))
    return replace(answer, matches=tuple(ranked))


def _first(match: RankedMatch, answer: Ranked, full: Set[str]) -> RankedMatch:
    """Why it comes first: what was ranked before it and fits better or as well is full. Nothing is said where a place is left in something better."""
    before = [other for other in answer.matches if other.rank < match.rank]
    better = {other.group_id for other in answer.matches if other.score > match.score}
    if better:
        return _with(match, "shared_out") if better <= full and not better.isdisjoint(other.group_id for other in before) else match
    if before:
        return _with(match, "shared_out_alike") if any(other.group_id in full for other in before if other.score == match.score) else match
    return match if any(reason.code == "spread_first" for reason in match.reasons) else _with(match, "first_when_shared")


def _other(match: RankedMatch, full: Set[str]) -> RankedMatch:
    """That a place is free is not said beside that it is likely to go to somebody else."""
    return _with(_without(match, "place"), "likely_full") if match.group_id in full else match


def _with(match: RankedMatch, code: SharingCode) -> RankedMatch:
    return match._replace(reasons=(Reason(code), *match.reasons))


def _without(match: RankedMatch, *codes: ReasonCode) -> RankedMatch:
    return match._replace(reasons=tuple(reason for reason in match.reasons if reason.code not in codes))
