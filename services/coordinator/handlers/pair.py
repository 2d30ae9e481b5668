"""One pair with what becomes of it: each fact is about one of the two and says nothing of the other, and why it ended is not written.

A turn may hold the lane of one of the two alone. So it reads how the other stands, and writes of them no more than the fact that it is over;
what is then left to do for them follows when that fact comes round, in their own lane.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final

from schemas.events.base import Data
from schemas.events.cases import CompanionDeclined, CompanionEnded, TaskKind
from services.chassis.ids import derived_id
from services.chassis.service import Cause, Fact
from services.coordinator.companions import Companion
from services.coordinator.domain import CoordinatorStore, Side
from services.coordinator.standing import Standing, standings_of
from services.coordinator.tasks import OF_A_PAIR, Desk, Periods

COMES_ALONE: Final = "They said yes, and this time they come alone: tell the person so, and that they are welcome"
Standings = Mapping[str, Standing]


class Written:
    """The facts that follow from one cause, each numbered under it."""

    def __init__(self, cause: Cause) -> None:
        self.facts: list[Fact] = []
        self._cause = cause
        self._numbers: Counter[tuple[type[Data], str]] = Counter()

    def add(self, data: Data) -> None:
        """Write this down."""
        key = (type(data), data.subject)
        self.facts.append(Fact(data, self._cause, self._numbers[key]))
        self._numbers[key] += 1


@dataclass(frozen=True)
class Pairing:
    """Both sides of one pair with the tasks of their cases; what is decided goes to `add`."""

    sides: Sequence[Side]
    standings: Standings
    desk: Desk
    add: Callable[[Data], object]
    at: datetime

    def of(self, side: Side) -> Companion | None:
        """How this side stands."""
        standing = self.standings.get(side.case_id)
        return next((one for one in standing.companions if one.pair_id == side.pair_id), None) if standing else None

    def say(self, kind: type[Data], side: Side) -> None:
        """Write down what became of this side."""
        ids = {"person": side.person, "case_id": side.case_id, "pair_id": side.pair_id, "place_id": side.place_id}
        self.add(kind.model_validate(ids))

    def open(self, side: Side, kind: TaskKind) -> None:
        """Have a human do something about this side, once; a kind that is none `OF_A_PAIR` raises KeyError, for nobody would close it."""
        what = OF_A_PAIR[kind]
        if task := self.desk.open(side.person, side.case_id, kind, occasion_of(side.pair_id, side.case_id, kind, what), self.at, what):
            self.add(task)

    def close(self, side: Side, kinds: Iterable[TaskKind], why: str) -> None:
        """There is nothing to be done any more."""
        for kind in kinds:
            for task in self.desk.close(side.person, side.case_id, kind, why):
                self.add(task)

    def end(self, declined: Side | None = None) -> None:
        """They do not go together; where one has ended already, the fact about the other is on its way, and only a no is still to be written."""
        known = [(side, stands) for side in self.sides if (stands := self.of(side))]
        both_open = all(stands.open for _, stands in known)
        for side, _ in known:
            if (both_open or side == declined) and not self._is_over(side):
                self.say(CompanionDeclined if side == declined else CompanionEnded, side)

    def _is_over(self, side: Side) -> bool:
        """Whether the session has begun that it was for: whether they went is known then, and nothing can be ended any more."""
        places = self.standings[side.case_id].places
        session = next((place.session for place in places if place.place_id == side.place_id), None)
        return session is not None and session.start <= self.at


def occasion_of(pair_id: str, case_id: str, kind: TaskKind, what: str | None = None) -> str:
    """What a task about a pair is opened for, once."""
    return derived_id(pair_id, f"{kind}-{what or ''}", case_id, 0)


def pairs_of(persons: Collection[str], store: CoordinatorStore) -> dict[str, Sequence[Side]]:
    """Both sides of every pair that these persons are in, by its id."""
    return {pair_id: list(sides) for pair_id, sides in groupby(store.pairs_of(persons), attrgetter("pair_id"))}


def pairing_of(sides: Sequence[Side], written: Written, store: CoordinatorStore, periods: Periods, at: datetime) -> Pairing:
    """A pair as it stands now."""
    standings = standings_in({side.case_id: side.person for side in sides}, store)
    return Pairing(sides, standings, Desk(standings, periods), written.add, at)


def standings_in(person_of: Mapping[str, str], store: CoordinatorStore) -> Standings:
    """How these cases stand; `person_of` has each case's person."""
    return standings_of(person_of, store.facts_of(set(person_of.values())))
