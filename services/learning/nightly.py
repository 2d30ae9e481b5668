"""The errand of the night: claim it, learn outside any transaction, and record what was found; a model is promoted where nothing speaks against it.

A process that ends while it learns leaves a run that was begun: the next one records it as cut short, and the next night tries again.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from typing import ClassVar, Final

import structlog

from models.compiled import switch_on
from models.directory import Directory
from models.ranker import ModelUnreadable, Ranker, packaged_prior
from models.registry import PRIOR, Registry
from models.seeker import Seeker
from models.training.plan import Plan
from schemas.attendance import Attendance
from schemas.events.base import StreamName
from services.chassis.clock import last_time
from services.chassis.service import Claimed, Fact
from services.learning.domain import LEARNING_BROUGHT_BY, Found, Kept, LearningStore, Run
from services.learning.groups_view import GroupsView
from services.learning.handlers import have_serve
from services.learning.history import Facts, agrees_to_learning, first_days, rows_of, seeker_of

_ENDED: Final[frozenset[Found]] = frozenset({"nothing_to_learn", "not_promoted", "promoted"})

logger = structlog.get_logger()

Look = Callable[[], AbstractContextManager[LearningStore]]
"""The store as of now, to read from, outside the transaction of whoever handles facts."""


@dataclass(frozen=True)
class Night:
    """When it is time to learn, from how many new outcomes on, and what a challenger may lose on a slice."""

    at: time
    zone: tzinfo
    enough: int
    tolerance: float


@dataclass(frozen=True)
class Work:
    """A claimed run, and the directory as it was then."""

    run: Run
    directory: Directory


@dataclass(frozen=True)
class Result:
    """What was found, who it was learned from, and the model that may serve, where there is one."""

    run: Run
    people: frozenset[str] = frozenset()
    kept: Kept | None = None


@dataclass(frozen=True)
class LearnAtNight:
    """Trains a challenger once a night where enough came of people since the last time, and what trains is `installed`."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ("referrals", "matches", "outcomes", "groups")

    look: Look
    view: GroupsView
    models: Registry
    night: Night
    installed: bool
    plan: Plan = Plan()  # noqa: RUF009, it is frozen

    def claim(self, now: datetime, store: LearningStore) -> Claimed:
        """This night's run, where it is time and there is enough to learn from; that there is not is remembered too, once a night."""
        last = store.last_run()
        if last is not None and last.found == "begun":
            store.end(last := replace(last, found="cut_short", because="the process ended while it learned"))
        if last is not None and last.at >= last_time(now, self.night.at, self.night.zone):
            return Claimed()
        if not self.installed and last is not None and last.found == "not_installed":
            return Claimed()  # that was said once
        run = self._tonight(1 if last is None else last.number + 1, now, store)
        store.begin(run)
        return Claimed([Work(run, self.view.directory)] if run.found == "begun" else ())

    def _tonight(self, number: int, now: datetime, store: LearningStore) -> Run:
        """The run as it begins, or why it does not."""
        run = Run(number, now, store.outcomes())
        new = max(0, run.outcomes - _learned_from(store.runs()))
        if not self.installed:
            logger.warning("learning_not_installed")
            return replace(run, found="not_installed", because=f"training needs scikit-learn; {LEARNING_BROUGHT_BY}")
        if new < self.night.enough:
            return replace(run, found="too_few", because=f"{new} new outcomes, and it learns from {self.night.enough} on")
        return run

    def run(self, work: Sequence[Work]) -> Sequence[Result]:
        """Learn, judge, and keep the model where it may serve."""
        return [self._learned(one) for one in work]

    def record(self, results: Sequence[Result], store: LearningStore) -> Sequence[Fact]:
        """Write down what was found; a model learned from somebody who may not be learned from any more is not promoted."""
        facts = []
        for one in results:
            run = one.run
            if one.kept is not None and not _may_be_learned_from(one.people, store):
                run = replace(run, found="withdrawn", because="somebody it learned from took their consent back, or was erased, meanwhile")
            elif one.kept is not None:
                facts.append(have_serve(one.kept, run.because, run.at, store))
            store.end(run)
        return facts

    def _learned(self, work: Work) -> Result:
        with self.look() as store:
            people = {person: facts for person, facts in store.everybody().items() if agrees_to_learning(facts)}
            history = store.history()
        name, serving = self.models.in_effect(history[-1].name if history else PRIOR)
        try:
            return self._challenged(work, people, serving, name)
        except (ModelUnreadable, OSError) as fault:
            return Result(replace(work.run, found="not_kept", because=str(fault)))

    def _challenged(self, work: Work, people: Mapping[str, Facts], serving: Ranker, name: str) -> Result:
        from models.training.challenging import challenge, cut_of
        from models.training.train import TooLittle

        whole = {person: rows_of(person, facts) for person, facts in sorted(people.items())}
        cut = cut_of([day for rows in whole.values() for day in first_days(rows)])
        if cut is None:
            return Result(replace(work.run, found="nothing_to_learn", because="nobody who agrees to learning came to a group"))
        earlier = {person: rows_of(person, facts, cut) for person, facts in sorted(people.items())}
        known = _known(people, whole)
        today = work.run.at.date()
        switch_on()
        try:
            told = challenge(
                _some(earlier), _some(whole), known, work.directory, serving, packaged_prior(), today, cut, self.plan, self.night.tolerance
            )
        except TooLittle as little:
            return Result(replace(work.run, found="nothing_to_learn", because=str(little)))
        run = replace(work.run, model=told.learned.model, people=told.judged_on)
        if told.against:
            return Result(replace(run, found="not_promoted", because="; ".join(told.against)))
        kept = self.models.keep(told.learned)
        because = f"wins over {name} on {told.judged_on} people who came from {cut} on"
        return Result(replace(run, found="promoted", because=because), frozenset(known), Kept(kept, told.learned.model, self.models.digest(kept)))


def _learned_from(runs: Sequence[Run]) -> int:
    """How many outcomes were known when it last learned to an end."""
    return next((run.outcomes for run in reversed(runs) if run.found in _ENDED), 0)


def _some(people: Mapping[str, Sequence[Attendance]]) -> dict[str, Sequence[Attendance]]:
    return {person: rows for person, rows in people.items() if rows}


def _known(people: Mapping[str, Facts], rows: Mapping[str, Sequence[Attendance]]) -> dict[str, Seeker]:
    return {person: seeker_of(facts) for person, facts in people.items() if rows[person]}


def _may_be_learned_from(people: frozenset[str], store: LearningStore) -> bool:
    facts = store.facts_about(people)
    return all(person in facts and agrees_to_learning(facts[person]) for person in people)
