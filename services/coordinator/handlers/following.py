"""Collects what follows from a batch of facts: each fact numbered under its cause, tasks and sessions kept in step on the way."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.cases import TaskKind
from schemas.events.follow_ups import Step
from schemas.events.places import PlaceGivenUp, WhyReleased
from services.chassis.service import Fact
from services.coordinator.domain import CaseFact, CoordinatorStore, Reach
from services.coordinator.handlers.keeping import Affected, as_written, fact_of
from services.coordinator.outcomes import Statement, outcome_of
from services.coordinator.places import Place
from services.coordinator.standing import Session, Standing, sessions_said
from services.coordinator.tasks import Desk, Periods


class Following:
    """What follows from a batch of facts about these cases."""

    def __init__(self, affected: Affected, store: CoordinatorStore, periods: Periods) -> None:
        self.affected, self.store = affected, store
        self.facts: list[Fact] = []
        self.desk = Desk(affected.standings, periods)
        self._numbers: Counter[tuple[str, type[Data], str]] = Counter()
        self._sessions: dict[str, dict[Session, list[CaseFact]]] = {}

    def standing(self, case_id: str) -> Standing | None:
        """How the case stands, where its referral is known."""
        return self.affected.standings.get(case_id)

    def place(self, person: str, case_id: str | None, place_id: str | None) -> tuple[str, Place] | None:
        """The place with this id, else the one of the newest decision of the case, with its case."""
        for known in [case_id] if case_id and place_id is None else self.affected.cases_of(person):
            standing = self.standing(known)
            places = standing.places if standing else ()
            for place in reversed(places):
                if place_id in (None, place.place_id):
                    return known, place
        return None

    def step_of(self, touch_id: str | None) -> Step | None:
        """Which message of follow-up this touch is."""
        touch = self.store.touches_called([touch_id]).get(touch_id) if touch_id else None
        return touch.step if touch else None

    def safe_to_contact(self, person: str) -> bool:
        """Whether it is safe to contact the person: the newest referral that says so counts, and silence does not take it back."""
        cases = self.affected.cases_of(person)
        received = self.store.received(cases)
        reached = [self.store.opened(received[case_id].sealed_details(), Reach) for case_id in cases if case_id in received]
        said = [one.contact.safe_to_contact for one in reached if one and one.contact and one.contact.safe_to_contact is not None]
        return said[0] if said else True

    def open(self, cause: Event[Any], person: str, case_id: str, kind: TaskKind, *, occasion: str | None = None, what: str | None = None) -> None:
        """Open a task, where none of its kind is open; `occasion` is what it is opened for once, the cause unless told otherwise."""
        if task := self.desk.open(person, case_id, kind, occasion or cause.id, cause.time, what):
            self.add(task, cause)

    def close(self, cause: Event[Any], person: str, case_id: str, kind: TaskKind, why: str, only: Collection[str] | None = None) -> None:
        """Close the open tasks of this kind, or those `only`."""
        for task in self.desk.close(person, case_id, kind, why, only):
            self.add(task, cause)

    def give_up(self, cause: Event[Any], person: str, case_id: str, place: Place, reason: WhyReleased) -> None:
        """Give a place up."""
        self.add(PlaceGivenUp(group_id=place.group_id, place_id=place.place_id, person=person, case_id=case_id, reason=reason), cause)

    def say(self, cause: Event[Any], said: Statement) -> None:
        """Take down what somebody says about a session."""
        known = self._sessions.setdefault(said.person, {})
        if not known:
            known.update(sessions_said(fact for fact in self.affected.facts if fact.person == said.person))
        before = known.setdefault((said.group_id, said.on), [])
        outcome = outcome_of(said, before)
        if outcome.fact is None:
            return
        before.append(self._as_known(self.add(outcome.fact, cause)))
        if outcome.disagrees:
            self.open(cause, said.person, outcome.fact.case_id, "disagreement")

    @staticmethod
    def _as_known(fact: Fact) -> CaseFact:
        [written] = as_written([fact])
        return fact_of(written)

    def add(self, data: Data, cause: Event[Any]) -> Fact:
        """A fact that follows from this one."""
        key = (cause.id, type(data), data.subject)
        fact = Fact(data, cause, self._numbers[key])
        self._numbers[key] += 1
        self.facts.append(fact)
        return fact
