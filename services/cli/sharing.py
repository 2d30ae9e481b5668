"""Referrals and groups from files to proposals that share the groups' free places, and what sharing comes to.

The whole file is held in memory: some 10 kB a person.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import inf
from pathlib import Path

from models.columns import free_places
from models.directory import Directory, Listed
from models.matching import Ranked, to_proposal
from models.sharing import CONSIDERED, Shared, Waiting, Whose, share_places, worst_off
from schemas.referral import Referral
from services.chassis.clock import SystemClock
from services.cli.matching import batches_of, print_proposals, ranker_of, rankings, read_groups
from services.cli.options import Listing


@dataclass(frozen=True, slots=True)
class Row:
    """A referral's ids and ranking, and what it tells of the groups of people that the person belongs to."""

    referral_id: str | None
    person_id: str | None
    waiting: Waiting
    whose: Whose


def share_from_files(path: str, groups: str, model: Path | None, top: int, listing: Listing | None) -> bool:
    """Print a proposal for every referral that can be read, places shared among all; True where every one could.

    Raises:
        UserError: the referrals, the groups or the model cannot be read at all.
    """
    ranker, listed, today = ranker_of(model), read_groups(groups), SystemClock().now().date()
    directory = Directory.of(listed)
    rows: list[Row] = []
    well = True
    for referrals, whole in batches_of(path):
        well &= whole
        answers = rankings(referrals, directory, ranker, max(top, CONSIDERED), today)
        rows += [_row(len(rows) + number, *both) for number, both in enumerate(zip(referrals, answers, strict=True))]
    shared = share_places([row.waiting for row in rows], free_by_group(listed), top)
    print_proposals((to_proposal(one, row.referral_id, row.person_id) for one, row in zip(shared.answers, rows, strict=True)), listing)
    for line in summary(shared, rows, len(directory)):
        print(line, file=sys.stderr)
    if ranker.is_additive:
        print("These are numbers of the prior, which no outcome has measured: they compare ways of sharing, and foretell nothing.", file=sys.stderr)
    return well


def free_by_group(listed: Sequence[Listed]) -> dict[str, int | None]:
    """How many places are free in each group, None where nothing is said of a limit."""
    groups = (item.group for item in listed)
    return {group.group_id: None if group.capacity is None else free_places(group.capacity) for group in groups}


def _row(number: int, referral: Referral, answer: Ranked) -> Row:
    """The features, which only a service writes down, are dropped: they are half of what a row would weigh."""
    lean = replace(answer, matches=tuple(match._replace(features=()) for match in answer.matches))
    arrived = referral.received_at.timestamp() if referral.received_at else inf
    sought = answer.needs_human in (None, "nobody_in_reach")
    whose = Whose(referral.travel.mode if referral.travel else None, referral.age, sought)
    return Row(referral.referral_id, referral.person_id, Waiting(lean, _key(number, referral), arrived), whose)


def _key(number: int, referral: Referral) -> str:
    """By referral, person and content; the same referral twice is one, but two without an id may be two people who say the same."""
    content = blake2b(referral.model_dump_json().encode(), digest_size=16).hexdigest()
    return "\n".join([referral.referral_id or "", referral.person_id or "", content, "" if referral.referral_id else str(number)])


def summary(shared: Shared, rows: Sequence[Row], listed: int) -> Iterator[str]:
    """What sharing comes to, in lines for people; who waits for a human first is in none of the figures."""
    jointly, alone = shared.jointly, shared.one_by_one
    yield f"expected second attendances: {jointly.total:.2f} jointly, {alone.total:.2f} one by one; no sharing can exceed {shared.bound:.2f}"
    yield f"people with a place: {jointly.placed} jointly, {alone.placed} one by one, of {len(rows)} referrals"
    yield f"groups that somebody goes to: {jointly.groups} jointly, {alone.groups} one by one, of {listed} listed"
    worst = worst_off(shared, [row.whose for row in rows])
    if worst:
        each = f"{worst.jointly:.3f} second attendances each jointly, {worst.one_by_one:.3f} one by one"
        yield f"worst off: {worst.name}, {worst.people} people, {each}"
