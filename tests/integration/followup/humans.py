"""What must have reached a human, and whether it did, worked out from the log alone and without any of the coordinator's own rules."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.cases import Task, TaskClosed, TaskKind, TaskOpened
from schemas.events.follow_ups import FollowUpFailed
from schemas.events.outcomes import ContactLost
from schemas.events.referrals import PersonErased, RedFlagCleared, RedFlagRaised, ReferralClosed, ReferralReopened, ReferralWithdrawn

Owed = tuple[str, str, TaskKind]
"""Person, case, and the kind of task that is to be opened."""


@dataclass
class Humans:
    """Reads the log as it grows; what fails, falls silent or worries us is owed a task until one of its kind stands open for its case."""

    opened: Counter[TaskKind] = field(default_factory=Counter)
    silences: int = 0
    owed: dict[Owed, str] = field(default_factory=dict)
    tasks: dict[tuple[str, TaskKind], set[str]] = field(default_factory=lambda: defaultdict(set))
    over: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    def read(self, event: Event[Data]) -> None:
        """Take the next event of the log in."""
        match event.data:
            case TaskOpened() as data:
                self._opened(data)
            case TaskClosed() as data:
                for open_ones in self.tasks.values():
                    open_ones.discard(data.task_id)
            case ContactLost() as data:
                self.silences += 1
                self._owe((data.person, data.case_id, "silent"), event.id)
            case FollowUpFailed() as data:
                self._owe((data.person, data.case_id, "message_failed"), event.id)
            case RedFlagRaised() as data:
                self._owe((data.person, data.case_id, "red_flag"), event.id)
            case RedFlagCleared() as data:
                self._let_go(data.person, None, "red_flag")
            case ReferralClosed() | ReferralWithdrawn() as data:
                self.over.add(data.case_id)
                self._let_go(data.person, data.case_id, None)
            case ReferralReopened() as data:
                self.over.discard(data.case_id)
            case PersonErased() as data:
                self.erased.add(data.person)
                self._let_go(data.person, None, None)

    def untold(self) -> Iterator[str]:
        """What nobody was told of, once all that follows is done; each is told of once."""
        for (person, _, kind), event_id in self.owed.items():
            yield f"no human was told of {kind}: {event_id} of {person}"
        self.owed.clear()

    def _opened(self, data: TaskOpened) -> None:
        if isinstance(data.details, Task) and data.details.kind:
            self.opened[data.details.kind] += 1
            self.tasks[data.case_id, data.details.kind].add(data.task_id)
            self.owed.pop((data.person, data.case_id, data.details.kind), None)

    def _owe(self, owed: Owed, event_id: str) -> None:
        person, case_id, kind = owed
        if person not in self.erased and case_id not in self.over and not self.tasks[case_id, kind]:
            self.owed[owed] = event_id

    def _let_go(self, person: str, case_id: str | None, kind: TaskKind | None) -> None:
        """Nothing is owed any more about this person; where they are given, of this case or this kind."""
        let_go = [one for one in self.owed if one[0] == person and case_id in (None, one[1]) and kind in (None, one[2])]
        for one in let_go:
            del self.owed[one]
