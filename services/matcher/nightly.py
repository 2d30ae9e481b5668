"""The errand of the night: all who wait are asked about anew and together, and whoever sharing gives another first group is proposed it.

Places that came free, or went, since somebody was referred change what is best for everybody who waits. Ranking and sharing take their time, so
they are done like a call to the outside: claimed, made outside any transaction over the directory as it was claimed, and recorded. Whoever anything
was learned about meanwhile is left as they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import ClassVar, Final

import structlog

from models.matching import Ranked
from models.seeker import Seeker
from models.sharing import CONSIDERED, Shared, Waiting, Whose, share_places, worst_off
from schemas.envelope import Event
from schemas.events.base import StreamName
from schemas.events.matches import MatchesProposed
from schemas.events.referrals import ReferralReceived
from services.chassis.clock import last_time
from services.chassis.service import Cause, Claimed, Fact
from services.matcher.directory_view import AsOfNow, DirectoryView
from services.matcher.domain import MatcherStore, Rematch, Sought, ranking_of, seekers_of
from services.matcher.handlers import remember
from services.matcher.history import Facts, open_cases, sought_for, waits
from services.matcher.settings import PROPOSED

AT_ONCE: Final = 500
"""People ranked at a time."""

logger = structlog.get_logger()

Look = Callable[[], AbstractContextManager[MatcherStore]]
"""The store as of now, to read from, outside the transaction of whoever handles facts."""


@dataclass(frozen=True)
class Night:
    """Where to look, and when it is time."""

    look: Look
    at: time
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Case:
    """A case that waits, what is sought for it, and the ids of all that is known of its person."""

    event: Event[ReferralReceived]
    sought: Sought
    known: frozenset[str]

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self.event.data.case_id


@dataclass(frozen=True)
class Work:
    """A night, the moment of its beginning, and the directory as it was then."""

    night: date
    now: datetime
    directory: AsOfNow


@dataclass(frozen=True)
class Result:
    """What the night came to, and the answers whose first group is another than was proposed."""

    rematch: Rematch
    directory: AsOfNow
    changed: Sequence[tuple[Case, Ranked]] = ()


@dataclass(frozen=True)
class RematchAtNight:
    """Shares the free places among all who wait, once a night; the first night is that after the first start."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ("referrals", "matches", "places", "outcomes", "groups", "models")

    night: Night
    view: DirectoryView
    cooling_off: timedelta

    def claim(self, now: datetime, store: MatcherStore) -> Claimed:
        """This night, where it was not claimed before; a night that a process did not survive is not tried again."""
        tonight = last_time(now, self.night.at, self.night.zone).date()
        last = store.last_rematch()
        if last is not None and last.night >= tonight:
            return Claimed()
        store.keep_rematch(Rematch(tonight, "first" if last is None else "begun"))
        return Claimed() if last is None else Claimed([Work(tonight, now, self.view.as_of_now())])

    def run(self, work: Sequence[Work]) -> Sequence[Result]:
        """Rank and share."""
        return [self._rematched(one) for one in work]

    def record(self, results: Sequence[Result], store: MatcherStore) -> Sequence[Fact]:
        """Propose to those of whom nothing was learned meanwhile, and write down what the night came to."""
        facts: list[Fact] = []
        for one in results:
            still = self._still(one, store)
            answers = [_fact(case.event, ranked, one.rematch.night) for case, ranked in one.changed if still(case, ranked)]
            rematch = replace(one.rematch, found="done", changed=len(answers))
            store.keep_rematch(rematch)
            remember(answers, store)
            logger.info("waiting_list_rematched", **{name: getattr(rematch, name) for name in _TOLD})
            facts += answers
        return facts

    def _still(self, result: Result, store: MatcherStore) -> Callable[[Case, Ranked], bool]:
        """Tells whether an answer stands now: of the person nothing was learned since, its groups are all listed, and the first did not fill up."""
        known = store.facts_about({case.event.data.person for case, _ in result.changed})
        ids = {person: frozenset(fact.id for fact in facts) for person, facts in known.items()}

        def still(case: Case, ranked: Ranked) -> bool:
            first = ranked.matches[0].group_id
            has_place = result.directory.is_full(first) or not self.view.is_full(first)
            return case.known == ids.get(case.event.data.person) and has_place and self.view.lists_all(match.group_id for match in ranked.matches)

        return still

    def _rematched(self, work: Work) -> Result:
        with self.night.look() as store:
            cases, before = list(waiting(store.everybody(), work.now - self.cooling_off)), store.proposed_first()
        seekers = seekers_of([case.sought for case in cases])
        answers = list(_ranked(seekers, work.directory))
        shared = share_places([_in_line(case, answer) for case, answer in zip(cases, answers, strict=True)], work.directory.free, PROPOSED)
        both = zip(cases, shared.answers, strict=True)
        changed = [(case, one) for case, one in both if one.matches and one.matches[0].group_id != before.get(case.case_id)]
        return Result(_told(work.night, shared, seekers, answers), work.directory, changed)


_TOLD: Final = ("waiting", "changed", "jointly", "one_by_one", "groups", "groups_one_by_one", "worst_off", "worst", "worst_one_by_one")


def waiting(people: Mapping[str, Facts], since: datetime) -> Iterator[Case]:
    """The open cases of these people for which nothing is decided, of whoever agrees to be matched and has no open flag."""
    for _, facts in sorted(people.items()):
        known = frozenset(fact.id for fact in facts)
        for case in open_cases(facts):
            if waits(case.data, facts):
                sought = sought_for(case.data, facts, since)
                if sought.agrees and not sought.flagged:
                    yield Case(case, sought, known)


def _ranked(seekers: Sequence[Seeker], directory: AsOfNow) -> Iterator[Ranked]:
    for low in range(0, len(seekers), AT_ONCE):
        yield from directory.propose(seekers[low : low + AT_ONCE], CONSIDERED)


def _in_line(case: Case, answer: Ranked) -> Waiting:
    return Waiting(answer, case.case_id, case.event.data.received_at.timestamp())


def _told(night: date, shared: Shared, seekers: Sequence[Seeker], answers: Sequence[Ranked]) -> Rematch:
    needs = [seeker.needs for seeker in seekers]
    sought = [answer.needs_human in (None, "nobody_in_reach") for answer in answers]
    worst = worst_off(shared, [Whose(one.travel.mode if one.travel else None, one.age, is_) for one, is_ in zip(needs, sought, strict=True)])
    return Rematch(
        night, waiting=len(answers), jointly=round(shared.jointly.total, 6), one_by_one=round(shared.one_by_one.total, 6),
        groups=shared.jointly.groups, groups_one_by_one=shared.one_by_one.groups,
        worst_off=worst.name if worst else "", worst=round(worst.jointly, 6) if worst else 0.0,
        worst_one_by_one=round(worst.one_by_one, 6) if worst else 0.0,
    )  # fmt: skip


def _fact(event: Event[ReferralReceived], ranked: Ranked, night: date) -> Fact:
    """A new proposal, which follows from the referral and the night: another night has another id, the same night done twice the same."""
    data = MatchesProposed(person=event.data.person, case_id=event.data.case_id, matching=ranking_of(ranked, 0.0))
    return Fact(data, Cause(event.id, event.id), night.toordinal())
