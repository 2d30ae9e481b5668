"""Referrals in, ranked groups with true reasons out: a pure function of people, directory, ranker and day.

A person's answer does not depend on the others asked about, nor on the order of groups: what counts of the scores is compared in whole
millionths and ties are broken by `group_id`. Where too little is known, or somebody must look first, nothing is proposed and it is said why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.contrast import would_improve
from models.directory import Directory
from models.eligibility import FINAL, Verdict, judge
from models.explain import Reason, render
from models.features import Features
from models.first_look import NEAREST
from models.order import MICRO, Order, micros
from models.pairs import Pairs
from models.ranker import Ranker, seen_by
from models.reach import ReachDefaults
from models.reasons import reasons
from models.retrieval import Part, Told, parts
from models.seeker import Seeker
from models.shown import Shown
from models.spreading import EVENLY, Spread, weighed
from schemas.proposal import RULES, Match, Proposal, Rule, RuledOut

NeedsHuman = Literal["red_flag", "no_consent", "too_little_known", "nobody_in_reach"]

CHANGEABLE: Final = np.array([rule not in FINAL for rule in ("", *RULES, "")], np.bool_)
"""By the number of the first rule broken."""

PROPENSITY: Final = 1.0
"""Every match is proposed for certain: nothing is left to chance."""


class RankedMatch(NamedTuple):
    """One proposed group; `features` in the order of `FEATURES` and then of the ranker's signals, None where not known.

    `counts` is the part of the score that counted in the order. A tuple, because very many are made.
    """

    group_id: str
    rank: int
    score: float
    distance_km: float | None
    propensity: float
    features: tuple[float | None, ...]
    reasons: tuple[Reason, ...]
    would_improve: tuple[Reason, ...]
    counts: float = 1.0

    @property
    def worth(self) -> int:
        """What counts of the score, in millionths."""
        return round(round(self.score * MICRO) * self.counts)


class NearMiss(NamedTuple):
    """A group that would have ranked well but for one rule."""

    group_id: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Ranked:
    """The answer for one person: matches by what counts of their score, the most first, or `needs_human`."""

    model: str
    directory_version: str
    matches: tuple[RankedMatch, ...] = ()
    ruled_out: dict[Rule, int] = field(default_factory=dict)
    nearest_ruled_out: tuple[NearMiss, ...] = ()
    needs_human: NeedsHuman | None = None


def withheld(seeker: Seeker) -> NeedsHuman | None:
    """Why nothing may be proposed to this person, whatever groups there are; None where something may."""
    if seeker.flagged:
        return "red_flag"
    if not seeker.may_be_matched:
        return "no_consent"
    return None if seeker.is_known else "too_little_known"


def propose(
    seekers: Sequence[Seeker],
    directory: Directory,
    ranker: Ranker,
    *,
    top: int = 10,
    today: date,
    reach: ReachDefaults = ReachDefaults(),  # noqa: B008, it is frozen
    spread: Spread = EVENLY,
) -> list[Ranked]:
    """An answer for each person, in the order given, with `top` groups at the most.

    Where people are `spread` over groups, the order is by the part of each score that counts, and the scores stay the ranker's.

    `today` is the day in whose light the directory's dates and time zones are read. Raises ValueError where `top` is below 1 or a
    vector is no unit vector of the encoder's size.
    """
    if top < 1:
        raise ValueError(f"at least one group is asked for, not {top}")
    reasons_to_wait = [withheld(seeker) for seeker in seekers]
    answers = [Ranked(ranker.model, directory.version, needs_human=reason) for reason in reasons_to_wait]
    asked = [index for index, reason in enumerate(reasons_to_wait) if reason is None]
    for part in parts(asked, seekers, directory, ranker, today, reach, top, spread):
        for index, answer in zip(part.people, _answers(part, ranker, top, today, reach, spread), strict=True):
            answers[index] = answer
    return answers


def _answers(part: Part, ranker: Ranker, top: int, today: date, reach: ReachDefaults, spread: Spread) -> list[Ranked]:
    block, directory = part.block, part.directory
    if not len(directory):
        return [
            Ranked(ranker.model, directory.version, (), ruled_out, (), "nobody_in_reach")
            for ruled_out in part.ruled_out or [{} for _ in block.people]
        ]
    pairs = Pairs(block, directory, today)
    verdict = judge(block, directory, pairs, reach, part.reached)
    scores, features = _scored(part, ranker, pairs, today)
    among = verdict.eligible & part.seen
    counts = spread.of(directory.columns.ids)
    people, rows, _ = Order.of(weighed(scores, counts[:, 0]), directory).best(among, top)
    best = np.where(among, scores, 0).max(axis=1)
    here = features.at(people, rows)
    shown = Shown(block, directory, pairs, verdict, today, here, people, rows, scores[people, rows], counts[rows], best[people])
    matches = _matches(shown, ranker)
    ends = np.cumsum(np.bincount(people, minlength=len(block.people))).tolist()
    misses = _misses(Order.of(scores, directory), verdict, part)
    found = zip([0, *ends[:-1]], ends, part.ruled_out or verdict.ruled_out(), misses, strict=True)
    return [
        Ranked(ranker.model, directory.version, tuple(matches[start:end]), ruled_out, near, None if end > start else "nobody_in_reach")
        for start, end, ruled_out, near in found
    ]


def _scored(part: Part, ranker: Ranker, pairs: Pairs, today: date) -> tuple[NDArray[np.int64], Features | Told]:
    """Scores in millionths, (r, n), of any value for a group that is not looked at for somebody, and what they come from."""
    if part.told is not None:
        return part.told.score[part.told.which], part.told
    features = seen_by(ranker, part.block, part.directory, pairs, today)
    return micros(ranker.score(features)), features


def _misses(order: Order, verdict: Verdict, part: Part) -> list[tuple[NearMiss, ...]]:
    one = verdict.one_broken & part.seen
    people, rows, _ = order.best(one, NEAREST, one & CHANGEABLE[verdict.first_broken])
    broken = verdict.first_broken[people, rows].tolist()
    misses: list[list[NearMiss]] = [[] for _ in verdict.bits]
    for person, group_id, rule in zip(people.tolist(), part.directory.columns.ids[rows], broken, strict=True):
        misses[person].append(NearMiss(group_id, RULES[rule - 1]))
    return [tuple(near) for near in misses]


def _matches(shown: Shown, ranker: Ranker) -> list[RankedMatch]:
    place = (np.arange(len(shown.rows)) - shown.lead + 1).tolist()
    score = (shown.score / MICRO).tolist()
    seen = zip(*(_or_none(value) for value in shown.features.values.values()), strict=True)
    km = _or_none(np.round(shown.km, 3))
    counts = shown.counts[:, 0].tolist()
    told = zip(shown.facts.ids, place, score, km, seen, reasons(shown, ranker), would_improve(shown, ranker), counts, strict=True)
    return [RankedMatch(group_id, rank, p, away, PROPENSITY, *rest) for group_id, rank, p, away, *rest in told]


def _or_none(numbers: NDArray[np.float64]) -> list[float | None]:
    known = numbers.astype(np.object_)
    known[np.isnan(numbers)] = None
    return list(known)


def to_proposal(ranked: Ranked, referral_id: str | None, person_id: str | None) -> Proposal:
    """The proposal as files and HTTP carry it, with every reason told in words."""
    return Proposal(
        referral_id=referral_id,
        person_id=person_id,
        model=ranked.model,
        directory_version=ranked.directory_version,
        matches=[_match(match) for match in ranked.matches],
        ruled_out=ranked.ruled_out,
        nearest_ruled_out=[RuledOut(group_id=near.group_id, rule=near.rule) for near in ranked.nearest_ruled_out],
        needs_human=ranked.needs_human,
    )


def _match(match: RankedMatch) -> Match:
    return Match(
        group_id=match.group_id,
        rank=match.rank,
        score=match.score,
        distance_km=match.distance_km,
        propensity=match.propensity,
        reasons=[render(reason) for reason in match.reasons],
        would_improve=[render(reason) for reason in match.would_improve],
    )
