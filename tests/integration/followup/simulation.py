"""A town over simulated months: people are placed, answer, fall silent, say STOP, worry us, move and leave, while ports and processes fail.

Everything that happens is drawn beforehand from one seed, so the same seed is the same town. `simulate` is for a test of any size.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from schemas.events.groups import GroupDelisted
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.referrals import ConsentChanged, ConsentChoice, RedFlag, RedFlagCleared, RedFlagRaised, ReferralClosed, ReferralReopened
from schemas.referral import Consent
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode, opened
from services.chassis.vault import Vault
from services.followup.gateways import LOCAL_SENDER, LocalOutbox
from tests.integration.followup.oracle import Oracle
from tests.integration.followup.town import ADA, ALL_STREAMS, LONDON, Town, local, town
from tests.integration.followup.unsteady import Killed, UnsteadyPort

ZONES = ("Europe/London", "Europe/London", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
REPLIES = ("yes I went", "no, I did not go", "yes", "no", "1 1 2 4", "thank you", "help", "call me", "what time is it?")
PEOPLE_A_GROUP = 8


@dataclass
class Simulation:
    """The people of a town, what will happen to them, and the oracle that watches."""

    town: Town
    oracle: Oracle
    chance: Random
    people: int
    days: int
    happens: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count())
    read_to: dict[str, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Let the days pass in steps of minutes to hours, by day and by night, with an outage now and then."""
        start = self.town.clock.now()
        for number in range(max(1, self.people // PEOPLE_A_GROUP)):
            self.town.list_group(f"group-{number}")
        for number in range(1, self.people + 1):
            self._draw(number, start + timedelta(hours=self.chance.uniform(1, self.days * 24 * 0.6)))
        while (now := self.town.clock.now()) < start + timedelta(days=self.days):
            outage = self.chance.random() < 0.003
            self.town.clock.set(now + timedelta(minutes=self.chance.uniform(1_500, 6_000) if outage else self.chance.uniform(20, 420)))
            self._let_happen()
            self._settle()
            self._look()

    def _let_happen(self) -> None:
        while self.happens and self.happens[0][0] <= self.town.clock.now():
            try:
                heapq.heappop(self.happens)[2]()
            except Killed:
                self.town.restart()

    def _settle(self) -> None:
        """Do what is due; where the process ends, another takes over."""
        while True:
            try:
                self.town.embedded.settle()
            except Killed:
                self.town.restart()
            else:
                return

    def _look(self) -> None:
        """Show the oracle what is new in the log, while the keys are there to read it."""
        vault = Vault("export", self.town.embedded.keys, ("details", "matching"))
        new = [one for stream in ALL_STREAMS for one in self._new(stream)]
        for one in sorted(new, key=lambda one: one.position):
            self.oracle.read(opened(decode(one.record), vault, ("details", "matching")))

    def _new(self, stream: str) -> Iterator[Any]:
        while some := self.town.embedded.records(stream, self.read_to.get(stream, 0), 1_000):
            self.read_to[stream] = some[-1].position
            yield from some

    def _at(self, moment: datetime, what: Callable[[], None], number: int = 0) -> None:
        heapq.heappush(self.happens, (moment, next(self.numbers), lambda: what() if number not in self.gone else None))

    def _draw(self, number: int, arrives: datetime) -> None:
        """One person's story."""
        chance, group = self.chance, f"group-{self.chance.randrange(max(1, self.people // PEOPLE_A_GROUP))}"
        consent = {"match": True, "sms": chance.random() < 0.8, "email": chance.random() < 0.5}
        zone = chance.choice(ZONES)
        self._at(arrives, lambda: self._refer(number, consent, zone))
        held = arrives + timedelta(hours=chance.uniform(1, 200))
        session = local((held + timedelta(days=chance.randrange(2, 15))).astimezone(LONDON).date(), chance.randrange(7, 21))
        self._at(held, lambda: self._hold(number, session, group), number)
        for _ in range(chance.randrange(5)):
            self._at(held + timedelta(hours=chance.uniform(0, 60 * 24)), partial(self._reply, number, chance.choice(REPLIES)), number)
        for share, what in self._turns(number, session, group):
            if chance.random() < share:
                soon = (session - held) * 1.2 if chance.random() < 0.5 else timedelta(days=50)
                self._at(held + chance.random() * soon, what, number)

    def _turns(self, number: int, session: datetime, group: str) -> list[tuple[float, Callable[[], None]]]:
        """What may happen to a person, and to which share of them it does."""
        person: dict[str, Any] = {"person": f"person-{number}", "case_id": f"case-{number}"}
        attended: dict[str, Any] = {**person, "group_id": group, "on": session.date()}
        every = ConsentChoice(consent=Consent(match=True, sms=True, email=True), said_by="referrer")
        return [
            (0.15, lambda: self._reply(number, "STOP")),
            (0.05, lambda: self._reply(number, "start")),
            (0.08, lambda: self._reply(number, "I want to kill myself")),
            (0.05, lambda: self._reply(number, "stop messaging me, he will hit me again")),
            (0.10, lambda: self._flag(number)),
            (0.25, lambda: self._clear(number)),
            (0.08, lambda: self.town.say(ReferralClosed(**person))),
            (0.05, lambda: self.town.say(ReferralReopened(**person))),
            (0.05, lambda: self._withdraw(number)),
            (0.04, lambda: self._erase(number)),
            (0.20, lambda: self._move(number, session, group)),
            (0.10, lambda: self._release(number, group)),
            (0.20, lambda: self.town.say(SessionAttended(**attended, said_by="organiser"))),
            (0.10, lambda: self.town.say(SessionMissed(**attended, said_by="coordinator"))),
            (0.10, lambda: self.town.say(ConsentChanged(person=person["person"], matching=every))),
            (0.05, lambda: self.town.say(GroupDelisted(group_id=group, feed="town"))),
            (0.10, lambda: self.town.list_group(group)),
        ]

    def _refer(self, number: int, consent: dict[str, bool], zone: str) -> None:
        contact = {**ADA["contact"], "preferred": self.chance.choice(("email", "text", None))}
        self.town.refer(number, consent=consent, contact=contact, time_zone=zone)

    def _hold(self, number: int, session: datetime, group: str) -> None:
        self.town.hold(number, session if self.chance.random() < 0.95 else None, group)

    def _reply(self, number: int, said: str) -> None:
        self.town.reply(said, f"person-{number}")

    def _flag(self, number: int) -> None:
        flag = RedFlag(code="other", noticed_in="coordinator")
        self.town.say(
            RedFlagRaised(person=f"person-{number}", case_id=f"case-{number}", flag_id=f"flag-{number}-{next(self.numbers)}", matching=flag)
        )

    def _clear(self, number: int) -> None:
        """A human has dealt with whatever was raised."""
        flags = self.oracle.lives[f"person-{number}"].flags
        if flags:
            self.town.say(RedFlagCleared(person=f"person-{number}", flag_ids=sorted(flags)))

    def _withdraw(self, number: int) -> None:
        self.town.withdraw(number)

    def _erase(self, number: int) -> None:
        self._look()  # afterwards nobody can read what was said
        self.gone.add(number)
        self.town.erase(number)

    def _move(self, number: int, session: datetime, group: str) -> None:
        """The session moves by some days, if it still lies ahead."""
        if session > self.town.clock.now() and f"place-{number}-1" in self.oracle.lives[f"person-{number}"].places:
            self.town.move(session + timedelta(days=self.chance.randrange(1, 8)), number, group)

    def _release(self, number: int, group: str) -> None:
        if f"place-{number}-1" in self.oracle.lives[f"person-{number}"].places:
            self.town.release(self.chance.choice(("refused_by_organiser", "declined", "delisted")), number, group)


@dataclass(frozen=True)
class Outcome:
    """What came of a simulation: promises broken, things undone, the ends of touches, and how often the process was ended."""

    broken: list[str]
    undone: list[str]
    ends: dict[str, int]
    kills: int
    missing: list[str]
    too_many: list[str]


def simulate(folder: Path, people: int, start: datetime, days: int, seed: int) -> Outcome:
    """A town of so many people from `start` on for so many days."""
    clock, chance = HandSetClock(start), Random(seed)
    outbox = UnsteadyPort(LocalOutbox(folder / "data" / "outbox", clock, LOCAL_SENDER), chance)
    oracle = Oracle(LONDON)
    with town(folder, clock, lambda _: {"sms": outbox, "email": outbox}) as opened_town:
        Simulation(opened_town, oracle, chance, people, days).run()
        written = opened_town.outbox()
        oracle.look_into(written)
    living = {touch_id for touch_id in oracle.sent if not oracle.lives[oracle.planned[touch_id].person].erased}
    undone, kills = list(oracle.at_the_end(clock.now())), outbox.happened["killed"]
    missing, too_many = sorted(living - written.keys()), sorted(written.keys() - living)
    return Outcome(oracle.broken, undone, dict(sorted(oracle.ends.items())), kills, missing, too_many)
