"""What is learned from: for each group that somebody was offered or went to, what was known before, and whether they came and came back.

A person's history in a question is what they had been to before: the groups first attended earlier, where dates tell, else all others. What
chance decides about a question follows from the plan's seed, the person and the group, so that the order of rows makes no difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.columns import fingerprint
from models.seeker import Seeker
from models.training.plan import Plan
from schemas.attendance import Attendance
from schemas.referral import Attended, Needs

Visits = Mapping[str, Mapping[str, int]]
"""Of each person, the sessions attended by group, all of them at least 1."""

NOBODY = Seeker(Needs(), consented=True)
"""Somebody of whom only the attendance is known."""


@dataclass(frozen=True)
class Question:
    """Would this person, who had been where `seeker.needs.attended` says, come to this group? They came `sessions` times.

    `joined` are all groups they went to, before and after.
    """

    person_id: str
    seeker: Seeker
    group_id: str
    sessions: int
    offered: bool
    joined: frozenset[str] = frozenset()

    def generator(self, seed: int) -> np.random.Generator:
        """The chance of this question alone."""
        return np.random.default_rng([seed, fingerprint(self.person_id), fingerprint(self.group_id)])


def by_person(attendance: Iterable[Attendance]) -> dict[str, list[Attendance]]:
    """The rows of each person, one a group in the order of group ids: of several rows of one group the one with most sessions."""
    rows: dict[str, dict[str, Attendance]] = {}
    for row in attendance:
        known = rows.setdefault(row.person_id, {}).get(row.group_id)
        if known is None or _order(row) > _order(known):
            rows[row.person_id][row.group_id] = row
    return {person: [groups[group_id] for group_id in sorted(groups)] for person, groups in sorted(rows.items())}


def _order(row: Attendance) -> tuple[int, str]:
    return row.sessions, row.model_dump_json()


def visits_of(people: Mapping[str, Sequence[Attendance]]) -> dict[str, dict[str, int]]:
    """How often each person went where they went at all."""
    visits = {person: {row.group_id: row.sessions for row in rows if row.sessions} for person, rows in people.items()}
    return {person: groups for person, groups in visits.items() if groups}


def fold_of(person_id: str, plan: Plan) -> int:
    """The fold that a person falls into."""
    return fingerprint(f"{plan.seed} {person_id}") % plan.folds


def questions_of(people: Mapping[str, Sequence[Attendance]], known: Mapping[str, Seeker]) -> Iterator[Question]:
    """A question for each row, by person and group; `known` is what is known of each person besides."""
    for person_id, rows in people.items():
        seeker = known.get(person_id, NOBODY)
        joined = frozenset(row.group_id for row in rows if row.sessions)
        for row in rows:
            history = [Attended(group_id=other.group_id, sessions=other.sessions) for other in rows if _before(other, row)]
            needs = seeker.needs.model_copy(update={"attended": history})
            asked = replace(seeker, needs=needs, open_flags=False, consented=True)
            yield Question(person_id, asked, row.group_id, row.sessions, row.offered_at is not None or row.sessions == 0, joined)


def _before(other: Attendance, row: Attendance) -> bool:
    if other.group_id == row.group_id or not other.sessions:
        return False
    asked = row.offered_at or row.first_at
    return asked is None or other.first_at is None or other.first_at < asked


def without(visits: Visits, fold: int, plan: Plan) -> dict[str, Mapping[str, int]]:
    """The visits of everybody outside a fold."""
    return {person: groups for person, groups in visits.items() if fold_of(person, plan) != fold}
