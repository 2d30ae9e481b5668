"""The errand of the night: all who wait are asked about anew and together, and whoever is better off with another first group is proposed it.

Places that came free, or went, since somebody was referred change what is best for everybody who waits. Ranking and sharing take their time, so
they are done like a call to the outside: claimed, made outside any transaction, and recorded. What was decided meanwhile stands.
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
from services.matcher.directory_view import DirectoryView
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
    """A case that waits, and what is sought for it."""

    event: Event[ReferralReceived]
    sought: Sought


@dataclass(frozen=True)
class Result:
    """What the night came to, and the answers whose first group is another than was proposed."""

    rematch: Rematch
    changed: Sequence[tuple[Event[ReferralReceived], Ranked]] = ()


@dataclass(frozen=True)
class RematchAtNight:
    """Shares the free places among all who wait, once a night; the first night is that after the first start."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ("referrals", "matches", "places", "outcomes")

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
        return Claimed() if last is None else Claimed([(tonight, now)])

    def run(self, work: Sequence[tuple[date, datetime]]) -> Sequence[Result]:
        """Rank and share."""
        return [self._rematched(*one) for one in work]

    def record(self, results: Sequence[Result], store: MatcherStore) -> Sequence[Fact]:
        """Propose to those who still wait, and write down what the night came to."""
        facts: list[Fact] = []
        for one in results:
            still = self._waiting(one.rematch.night, store, {event.data.person for event, _ in one.changed})
            answers = [_fact(event, ranked, one.rematch.night) for event, ranked in one.changed if event.data.case_id in still]
            rematch = replace(one.rematch, found="done", changed=len(answers))
            store.keep_rematch(rematch)
            remember(answers, store)
            logger.info("waiting_list_rematched", **{name: getattr(rematch, name) for name in _TOLD})
            facts += answers
        return facts

    def _waiting(self, night: date, store: MatcherStore, persons: set[str]) -> set[str]:
        known = store.facts_about(persons)
        opened = iter(store.opened([fact for facts in known.values() for fact in facts]))
        people = {person: [next(opened) for _ in facts] for person, facts in known.items()}
        return {case.event.data.case_id for case in waiting(people, datetime.combine(night, time(), self.night.zone) - self.cooling_off)}

    def _rematched(self, night: date, now: datetime) -> Result:
        with self.night.look() as store:
            cases, before = list(waiting(store.everybody(), now - self.cooling_off)), store.proposed_first()
        seekers = seekers_of([case.sought for case in cases])
        answers = list(self._ranked(seekers))
        shared = share_places([_in_line(case, answer) for case, answer in zip(cases, answers, strict=True)], self.view.free(), PROPOSED)
        both = zip(cases, shared.answers, strict=True)
        changed = [(case.event, one) for case, one in both if one.matches and one.matches[0].group_id != before.get(case.event.data.case_id)]
        return Result(_told(night, shared, seekers, answers), changed)

    def _ranked(self, seekers: Sequence[Seeker]) -> Iterator[Ranked]:
        for low in range(0, len(seekers), AT_ONCE):
            yield from self.view.propose(seekers[low : low + AT_ONCE], CONSIDERED)


_TOLD: Final = ("waiting", "changed", "jointly", "one_by_one", "groups", "groups_one_by_one", "worst_off", "worst")


def waiting(people: Mapping[str, Facts], since: datetime) -> Iterator[Case]:
    """The open cases of these people for which nothing is decided, of whoever agrees to be matched and has no open flag."""
    for _, facts in sorted(people.items()):
        for case in open_cases(facts):
            if waits(case.data, facts):
                sought = sought_for(case.data, facts, since)
                if sought.agrees and not sought.flagged:
                    yield Case(case, sought)


def _in_line(case: Case, answer: Ranked) -> Waiting:
    return Waiting(answer, case.event.data.case_id, case.event.data.received_at.timestamp())


def _told(night: date, shared: Shared, seekers: Sequence[Seeker], answers: Sequence[Ranked]) -> Rematch:
    needs = [seeker.needs for seeker in seekers]
    sought = [answer.needs_human in (None, "nobody_in_reach") for answer in answers]
    worst = worst_off(shared, [Whose(one.travel.mode if one.travel else None, one.age, is_) for one, is_ in zip(needs, sought, strict=True)])
    return Rematch(
        night, waiting=len(answers), jointly=round(shared.jointly.total, 6), one_by_one=round(shared.one_by_one.total, 6),
        groups=shared.jointly.groups, groups_one_by_one=shared.one_by_one.groups,
        worst_off=worst.name if worst else "", worst=round(worst.jointly, 6) if worst else 0.0,
    )  # fmt: skip


def _fact(event: Event[ReferralReceived], ranked: Ranked, night: date) -> Fact:
    """A new proposal, which follows from the referral and the night: another night has another id, the same night done twice the same."""
    data = MatchesProposed(person=event.data.person, case_id=event.data.case_id, matching=ranking_of(ranked, 0.0))
    return Fact(data, Cause(event.id, event.id), night.toordinal())
