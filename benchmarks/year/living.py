"""The year lived through: people referred, carried along and forgotten about by nobody, while an oracle reads every line that is written."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from benchmarks.year.mishaps import Mishaps
from benchmarks.year.town import FAULTS, OPENS, FailingTown, failing_town
from models.town.groups import TIME_ZONE, town_groups
from models.town.people import town_referrals
from schemas.group import Group
from schemas.referral import Referral
from services.chassis.codec import decode, opened
from services.chassis.errors import NotFound, Rejected
from services.chassis.ids import random_id
from services.chassis.vault import Vault
from services.cli.listing import list_groups
from services.cli.preparing import preparer
from services.cli.sample_town import FEED, refer
from services.cli.town_life import TownLife, seeded
from tests.integration.followup.humans import Humans
from tests.integration.followup.oracle import Oracle
from tests.integration.followup.unsteady import Fault

ZONES: Final = ("Europe/London", "America/New_York", "Europe/Paris", None)
LOOKS_A_DAY: Final = 9
OUTAGE: Final = 0.002
GROUP_EVENTS_A_PERSON: Final = 0.2
FOLLOWED: Final = timedelta(weeks=11)


@dataclass(frozen=True)
class Plan:
    """How much is to be lived: people referred over all but the last weeks of so many days."""

    people: int
    days: int
    seed: int
    start: datetime = OPENS
    groups: int | None = None
    faults: Mapping[Fault, float] = field(default_factory=lambda: FAULTS)


@dataclass(frozen=True)
class Lived:
    """What came of it."""

    plan: Plan
    broken: list[str]
    ends: Counter[str]
    happened: Counter[str]
    restarts: int
    messages: int
    silences: int
    tasks: Counter[str]
    looks: int
    clock_changes: list[str]


@dataclass
class Year:
    """Everything that lives in the year, and what watches it."""

    town: FailingTown
    life: TownLife
    mishaps: Mishaps
    chance: Random
    waiting: deque[Referral]
    oracle: Oracle = field(default_factory=lambda: Oracle(ZoneInfo(TIME_ZONE)))
    humans: Humans = field(default_factory=Humans)
    happened: Counter[str] = field(default_factory=Counter)
    looks: int = 0

    def run(self, until: datetime) -> None:
        """Let the days pass, by day and by night, with an outage now and then."""
        for moment in self._moments(until):
            self.looks += 1
            self.town.clock.set(moment)
            self.settle()
            self._refer(moment)
            self.mishaps.happen(moment)
            while self._act(moment):
                self.settle()
            self.settle()
            self.oracle.broken += self.humans.untold()

    def settle(self) -> None:
        """Do what is due, and read what was written."""
        if self.town.settle():
            self.life.running = self.town.running
        self.look()

    def look(self) -> None:
        """Show everybody what is new in the log."""
        now = self.town.clock.now()
        vault = Vault("export", self.town.running.services.keys, ("details", "matching"))
        for one in self.town.news():
            try:
                event = opened(decode(one.record), vault, ("details", "matching"))
            except Rejected:
                self.oracle.cannot_read(one.record.subject)
                continue
            for hear in (self.oracle.read, self.humans.read, self.mishaps.hear, partial(self.life.hear, now=now)):
                hear(event)

    def _moments(self, until: datetime) -> Iterator[datetime]:
        day, back = self.town.clock.now(), self.town.clock.now()
        while day < until:
            for minute in sorted(self.chance.randrange(24 * 60) for _ in range(LOOKS_A_DAY)):
                if (moment := day + timedelta(minutes=minute)) >= back:
                    yield moment
                    if self.chance.random() < OUTAGE:
                        back = moment + timedelta(hours=self.chance.uniform(25, 100))
                        self.happened["outage"] += 1
            day += timedelta(days=1)

    def _refer(self, now: datetime) -> None:
        """Have whoever's time has come referred."""
        arrived = []
        while self.waiting and (self.waiting[0].received_at or now) <= now:
            arrived.append(self.waiting.popleft())
        seed = self.chance.randrange(2**31)
        if not arrived:
            return
        prepare = replace(preparer(self.town.running), new_id=partial(random_id, seeded(seed)))
        for referral, case_id in refer(self.town.running, prepare, arrived):
            self.life.refer(referral, case_id, now)
            self.mishaps.befall(referral, case_id, now)

    def _act(self, now: datetime) -> int:
        """Have everybody do what is due; who asks after somebody who was erased meanwhile hears of nobody."""
        try:
            return self.life.act(now)
        except NotFound:
            return 1


def live(plan: Plan, folder: Path) -> Lived:
    """Live the year in an empty folder."""
    groups = town_groups(plan.seed)[: plan.groups]
    end = plan.start + timedelta(days=plan.days)
    with failing_town(folder, plan.seed, plan.start, plan.faults) as town:
        year = _year(plan, town, groups)
        year.run(end)
        broken = [*year.oracle.broken, *year.oracle.at_the_end(town.clock.now()), *_post(year)]
        happened = year.happened + year.mishaps.happened
        for channel, port in town.ports.items():
            happened.update({f"{channel} {fault}": times for fault, times in port.happened.items()})
        tasks = Counter({str(kind): times for kind, times in year.humans.opened.items()})
        messages, silences, changes = len(year.oracle.sent), year.humans.silences, [*_clock_changes(plan.start, end)]
        return Lived(plan, broken, year.oracle.ends, happened, town.restarts, messages, silences, tasks, year.looks, changes)


def _year(plan: Plan, town: FailingTown, groups: Sequence[Group]) -> Year:
    list_groups(town.running, FEED, groups)
    arrive = max(timedelta(days=plan.days) - FOLLOWED, timedelta(days=plan.days) * 0.6)
    chance = Random(plan.seed + 1)
    mishaps = Mishaps(town, chance, {group.group_id: group for group in groups}, plan.people * GROUP_EVENTS_A_PERSON / plan.days)
    waiting = deque(sorted(_referrals(plan, arrive), key=lambda one: (str(one.received_at), one.referral_id or "")))
    year = Year(town, TownLife(town.running, plan.seed), mishaps, chance, waiting)
    mishaps.before_erasure = year.look
    return year


def _referrals(plan: Plan, arrive: timedelta) -> Iterator[Referral]:
    """The town's people, spread over the time in which they arrive, each in a zone of their own."""
    for referral in town_referrals(plan.people, plan.seed, first_received=plan.start):
        zone = ZONES[Random(f"{plan.seed} {referral.person_id}").randrange(len(ZONES))]
        at = plan.start + arrive * Random(f"{plan.seed} {referral.referral_id}").random()
        yield referral.model_copy(update={"time_zone": zone, "received_at": at})


def _post(year: Year) -> Iterator[str]:
    """What left against what is recorded: nothing twice, nothing that nobody wrote down, nothing written down that never left."""
    left = sum((port.left for port in year.town.ports.values()), Counter[str]())
    erased = {touch_id for touch_id, touch in year.oracle.planned.items() if year.oracle.lives[touch.person].erased}
    sent = set(year.oracle.sent)
    yield from (f"left twice: {touch_id}" for touch_id, times in left.items() if times > 1)
    yield from (f"left and not recorded: {touch_id}" for touch_id in left.keys() - sent - year.oracle.doubtful - erased)
    yield from (f"recorded and never left: {touch_id}" for touch_id in sent - left.keys())


def _clock_changes(start: datetime, end: datetime) -> Iterator[str]:
    """The changes of the clocks between two moments, in every zone that has any."""
    for name in filter(None, ZONES):
        zone, day = ZoneInfo(name), start
        while day < end:
            if _offset(day, zone) != _offset(day + timedelta(days=1), zone):
                yield f"{(day + timedelta(days=1)).date()} {name}"
            day += timedelta(days=1)


def _offset(moment: datetime, zone: tzinfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
