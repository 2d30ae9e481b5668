"""What goes wrong in the year: people say STOP, worry us, are withdrawn, erased, closed and reopened; groups move, pause, fill and vanish.

Everything is drawn from one seed and done as somebody would do it: by a reply, a decision, an import, a request.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final

from benchmarks.year.town import FailingTown
from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.places import PlaceHeld, PlaceReleased
from schemas.events.referrals import ReferralReceived
from schemas.group import Capacity, Group
from schemas.referral import Referral
from schemas.streams import ServiceName
from services.chassis.errors import Rejected
from services.chassis.ids import fresh_id
from services.cli.listing import list_groups
from services.cli.sample_town import FEED
from services.cli.town_life import seeded
from services.coordinator.commands import ClearFlags, CloseCase, RaiseFlag, ReopenCase
from services.directory.domain import DelistMissing, SetCapacity
from services.followup.domain.commands import TakeReply
from services.intake.domain import ErasePerson, WithdrawReferral

PERSON: Final = {
    "said STOP": 0.08, "said START": 0.05, "said what worries us": 0.03, "asked for help": 0.03, "flag raised": 0.05, "withdrawn": 0.03,
    "closed": 0.06, "reopened": 0.05, "erased": 0.03, "record that cannot be read": 0.005,
}  # fmt: skip
"""To which share of the referrals each happens, at some moment of the ten weeks after."""
GROUP: Final = {"delisted": 3, "moved": 4, "paused": 2, "capacity changed": 4, "group's record that cannot be read": 0.1}
"""How often each happens to a group, by the others."""
WITHIN: Final = timedelta(weeks=10)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS: Final = {
    "said STOP": ("STOP", "please stop texting me", "unsubscribe"),
    "said START": ("START", "start"),
    "said what worries us": ("I want to kill myself", "stop messaging me, he will hit me again"),
    "asked for help": ("help", "call me", "what time is it?"),
}


@dataclass
class Mishaps:
    """What will go wrong, and how often each has."""

    town: FailingTown
    chance: Random
    groups: dict[str, Group]
    group_events_a_day: float
    before_erasure: Callable[[], None] = lambda: None
    happened: Counter[str] = field(default_factory=Counter)
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)
    _gone: set[str] = field(default_factory=set)
    _persons: dict[str, str] = field(default_factory=dict)
    _held: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._entropy = seeded(self.chance.randrange(2**31))
        self._next_group = self.town.clock.now()

    def hear(self, event: Event[Data]) -> None:
        """Take in who is meant by a case, and which groups people have places in."""
        match event.data:
            case ReferralReceived() as data:
                self._persons[data.case_id] = data.person
            case PlaceHeld() as data:
                self._held[data.place_id] = data.group_id
            case PlaceReleased() as data:
                self._held.pop(data.place_id, None)

    def befall(self, referral: Referral, case_id: str, now: datetime) -> None:
        """Draw what will happen to somebody who was just referred."""
        for name, share in PERSON.items():
            if self.chance.random() < share:
                self._later(now + self.chance.random() * WITHIN, partial(self._to_person, name, referral.person_id or "", case_id))

    def happen(self, now: datetime) -> None:
        """Do what is due, to people and to groups."""
        while self._next_group <= now:
            self._next_group += timedelta(days=self.chance.expovariate(self.group_events_a_day))
            self._to_group(self.chance.choices(list(GROUP), list(GROUP.values()))[0], now)
        while self._agenda and self._agenda[0][0] <= now:
            heappop(self._agenda)[2]()

    def _to_person(self, name: str, person: str, case_id: str) -> None:
        now = self.town.clock.now()
        asked: dict[str, Any] = {"case": case_id, "id": fresh_id(now, self._entropy), "at": now}
        match name:
            case "flag raised":
                done = self._decide(name, "coordinator", RaiseFlag(**asked, reason="other"))
                if done and self.chance.random() < 0.5:  # else the link worker of the town's life sees to it
                    self._later(now + self.chance.random() * timedelta(days=3), partial(self._to_person, "flags cleared", person, case_id))
            case "flags cleared":
                self._decide(name, "coordinator", ClearFlags(**asked))
            case "closed":
                self._decide(name, "coordinator", CloseCase(**asked, reason="moved_away"))
            case "reopened":
                self._decide("closed", "coordinator", CloseCase(**asked, reason="moved_away"))
                self._later(now + self.chance.random() * timedelta(days=9), partial(self._to_person, "reopened again", person, case_id))
            case "reopened again":
                self._decide("reopened", "coordinator", ReopenCase(**asked))
            case "withdrawn":
                self._decide(name, "intake", WithdrawReferral(case_id))
            case "erased":
                self.before_erasure()
                self._decide(name, "intake", ErasePerson(person, now))
            case "record that cannot be read":
                self._damage(name, "referrals", self._persons[case_id])
            case _:
                self._decide(name, "followup", TakeReply(asked["id"], person, self.chance.choice(_WORDS[name]), now))

    def _to_group(self, name: str, now: datetime) -> None:
        group = self.groups[self.chance.choice(self._busy())]
        match name:
            case "delisted":
                left = frozenset(self.groups.keys() - self._gone - {group.group_id})
                self._gone.add(group.group_id)
                self._decide(name, "directory", DelistMissing(FEED, left, anyway=True))
                self._later(now + self.chance.random() * timedelta(weeks=3), partial(self._list, "listed again", group))
            case "moved":
                sessions = [one.model_copy(update={"weekday": self.chance.choice(WEEKDAYS)}) for one in group.sessions]
                self._list(name, group.model_copy(update={"sessions": sessions}))
            case "paused":
                self._list(name, group.model_copy(update={"status": "paused"}))
                self._later(now + self.chance.random() * timedelta(weeks=3), partial(self._list, "active again", group))
            case "capacity changed":
                capacity = Capacity(maximum=self.chance.randrange(25), waitlist=self.chance.random() < 0.5)
                self._decide(name, "directory", SetCapacity(group.group_id, capacity, now))
            case _:
                self._damage(name, "groups", group.group_id)

    def _busy(self) -> list[str]:
        """Groups in which somebody has a place, mostly; else any."""
        held = list(self._held.values())
        return held if held and self.chance.random() < 0.8 else list(self.groups)

    def _list(self, name: str, group: Group) -> None:
        self._gone.discard(group.group_id)
        self.groups[group.group_id] = group
        list_groups(self.town.running, FEED, [group])
        self.happened[name] += 1

    def _damage(self, name: str, stream: StreamName, subject: str) -> None:
        self.town.append_unreadable(stream, subject)
        self.happened[name] += 1

    def _decide(self, name: str, service: ServiceName, command: object) -> bool:
        """Put a command; whether it changed anything is what is counted."""
        [answer] = self.town.running.decide(service, [command])
        done = not isinstance(answer, Rejected) and bool(answer)
        self.happened[name] += done
        return done

    def _later(self, at: datetime, what: Callable[[], None]) -> None:
        heappush(self._agenda, (at, next(self._turn), what))
