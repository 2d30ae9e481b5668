"""Follow-up and intake over a real data folder; two tiny services say what directory and coordinator would, fact by fact."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupListed
from schemas.events.places import HeldSession, PlaceHeld, PlaceMoved, PlaceReleased
from schemas.group import Group, GroupContact
from schemas.referral import Referral
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode, opened
from services.chassis.database import open_database, transaction
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.folder import DataFolder
from services.chassis.ids import derived_id
from services.chassis.links import Links
from services.chassis.running import Answer, Clocks
from services.chassis.service import Decided, Fact, Service
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault
from services.followup.app import followup
from services.followup.domain.commands import TakeReply
from services.followup.domain.touches import MessageChannel
from services.followup.gateways import LOCAL_SENDER, LocalOutbox, ports
from services.followup.messages import Port
from services.followup.store import SqlFollowupStore
from services.intake.app import intake
from services.intake.domain import ErasePerson, Reading, ReceiveReferral, WithdrawReferral

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday in winter time."""

ADA: Mapping[str, Any] = {
    "consent": {"match": True, "sms": True},
    "contact": {"name": "Ada Byron", "phone": "07700 900123", "email": "ada@example.org"},
}
ALL_STREAMS = ("referrals", "groups", "places", "follow-ups", "outcomes")
_NOTHING_TO_MAKE = 'revision = "0001"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n'
D = TypeVar("D", bound=Data)


@dataclass(frozen=True)
class Say:
    """Write these facts."""

    facts: tuple[Data, ...]


@dataclass
class _NoStore:
    connection: Connection
    vault: Vault


def _say(commands: Sequence[Say], _store: _NoStore) -> list[Decided]:
    return [[Fact(data) for data in command.facts] for command in commands]


@dataclass
class Town:
    """An installation that can be stopped and started again over the same folder; `ports` may be changed between starts."""

    folder: Path
    clock: HandSetClock = field(default_factory=lambda: HandSetClock(NOW))
    ways_out: Mapping[MessageChannel, Port] | None = None
    counts: Iterator[int] = field(default_factory=lambda: count(1))
    embedded: Embedded = field(init=False)

    def start(self) -> None:
        """Open the folder as a process that starts does."""
        folder = DataFolder(self.folder / "data")
        embedded = self.embedded = Embedded(folder, Clocks(self.clock, self.clock))
        both = frozenset({"details", "matching"})
        embedded.add(intake(embedded.keys, self.clock))
        embedded.add(Service("directory", _NoStore, self._no_tables(), makes_keys=frozenset({"group"}), decides={Say: _say}))
        embedded.add(Service("coordinator", _NoStore, self._no_tables(), may_open=both, decides={Say: _say}))  # type: ignore[arg-type]
        ways_out = self.ways_out or ports(folder.path, self.clock)
        outbox = LocalOutbox(folder.path / "outbox", self.clock, LOCAL_SENDER)
        links = Links(folder.key_encryption_key(), "https://together.example", self.clock)
        embedded.add(followup(ways_out, outbox.forget, links, self.clock, LONDON))
        embedded.start()

    def stop(self) -> None:
        """Close the folder, as when the process ends."""
        self.embedded.close()

    def restart(self) -> None:
        """End, and start again."""
        self.stop()
        self.start()

    def at(self, moment: datetime) -> None:
        """Move the clock there, and do what is due."""
        self.clock.set(moment)
        self.embedded.settle()

    def later(self, **passed: float) -> None:
        """Let this much time pass, and do what is due."""
        self.at(self.clock.now() + timedelta(**passed))

    def days(self, number: int) -> None:
        """Let days pass, one by one."""
        for _ in range(number):
            self.later(days=1, minutes=1)

    def say(self, *facts: Data) -> None:
        """Have directory or coordinator write facts; nothing is read yet."""
        for data in facts:
            by_directory = data.stream in ("groups", "places")
            [answer] = self.embedded.decide("directory" if by_directory else "coordinator", [Say((data,))])
            assert not isinstance(answer, Rejected)

    def refer(self, number: int = 1, **fields: Any) -> str:
        """Refer `person-N` with `case-N`; returns the person."""
        sent = {"referral_id": f"REF-{number}", "person_id": f"P-{number}", "referrer": {"organisation": "Wendside"}, **ADA, **fields}
        referral = Referral.model_validate(sent)
        command = ReceiveReferral(referral, referral.model_dump_json().encode(), Reading(), self.clock.now(), f"person-{number}", f"case-{number}")
        [answer] = self.embedded.decide("intake", [command])
        assert not isinstance(answer, Rejected)
        self.embedded.settle()
        return f"person-{number}"

    def list_group(self, group_id: str = "choir", **fields: Any) -> None:
        """List a group whose organiser reads mail."""
        group = Group.model_validate({"group_id": group_id, "name": f"The {group_id} singers", "postcode": "LE2 1AA", **fields})
        contact = GroupContact(name="Olive", email=f"{group_id}@example.org")
        self.say(GroupListed(group_id=group_id, feed="town", group=group, content="1", contact=contact))

    def hold(self, number: int = 1, session: datetime | None = None, group_id: str = "choir", version: int = 1) -> PlaceHeld:
        """Hold a place for `person-N` at this session."""
        held = PlaceHeld(**self._place(number, group_id, version), session=held_session(session) if session else None)
        self.say(held)
        self.embedded.settle()
        return held

    def move(self, session: datetime | None, number: int = 1, group_id: str = "choir") -> None:
        """Move the place to another session."""
        self.say(PlaceMoved(**self._place(number, group_id, 1), session=held_session(session) if session else None))
        self.embedded.settle()

    def release(self, reason: Any, number: int = 1, group_id: str = "choir") -> None:
        """Take the place away."""
        self.say(PlaceReleased(**self._place(number, group_id, 1), reason=reason))
        self.embedded.settle()

    def _place(self, number: int, group_id: str, version: int) -> dict[str, Any]:
        return {
            "place_id": f"place-{number}-{version}", "person": f"person-{number}", "case_id": f"case-{number}",
            "group_id": group_id, "count": next(self.counts),
        }  # fmt: skip

    def reply(self, text: str, person_id: str = "P-1") -> Answer:
        """Take a reply by hand."""
        command = TakeReply(derived_id(str(next(self.counts)), "reply", person_id, 0), person_id, text, self.clock.now())
        [answer] = self.embedded.decide("followup", [command])
        self.embedded.settle()
        return answer

    def withdraw(self, number: int = 1) -> None:
        """Have the referrer take the referral back."""
        self.embedded.decide("intake", [WithdrawReferral(f"case-{number}")])
        self.embedded.settle()

    def erase(self, number: int = 1) -> None:
        """Erase the person."""
        self.embedded.decide("intake", [ErasePerson(f"person-{number}", self.clock.now())])
        self.embedded.settle()

    def log(self, *streams: str) -> list[Event[Data]]:
        """Every event on these streams, else on all, in log order, opened where the keys are there."""
        stored = sorted((one for name in streams or ALL_STREAMS for one in self._records(name)), key=lambda one: one.position)
        vault = Vault("export", self.embedded.keys, ("details", "matching", "group"))
        return [opened(decode(one.record), vault, ("details", "matching", "group")) for one in stored]

    def _records(self, stream: str) -> Iterator[Any]:
        after = 0
        while some := self.embedded.records(stream, after, 1_000):
            yield from some
            after = some[-1].position

    def facts(self, kind: type[D]) -> list[D]:
        """The data of every event of this kind, in log order."""
        return [event.data for event in self.log(kind.stream) if isinstance(event.data, kind)]

    def steps(self, kind: type[Any]) -> list[str]:
        """The steps of every touch event of this kind, in log order."""
        return [data.step for data in self.facts(kind)]

    @contextmanager
    def storing(self) -> Iterator[SqlFollowupStore]:
        """Follow-up's store, to write to as somebody who mends it does."""
        engine = open_database(self.embedded.folder.database, writes=True)
        with transaction(engine, Timings()) as connection:
            yield SqlFollowupStore(connection, Vault("followup", self.embedded.keys, ("details", "matching")), LONDON)
        engine.dispose()

    def outbox(self) -> dict[str, EmailMessage]:
        """Every message in the outbox by its file's name."""
        files = sorted((self.folder / "data" / "outbox").glob("*.eml"))
        return {file.stem: message_from_bytes(file.read_bytes(), policy=policy.default) for file in files}

    def left_over(self) -> list[str]:
        """What lies in the outbox and is no message."""
        return [file.name for file in (self.folder / "data" / "outbox").iterdir() if file.suffix != ".eml"]

    def _no_tables(self) -> Path:
        folder = self.folder / "no-tables"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "0001_nothing.py").write_text(_NOTHING_TO_MAKE)
        return folder


def held_session(start: datetime) -> HeldSession:
    """A session at this local moment."""
    return HeldSession(date=start.date(), start=start)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in London."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


WaysOut = Callable[[HandSetClock], Mapping[MessageChannel, Port]]


@contextmanager
def town(folder: Path, clock: HandSetClock | None = None, ways_out: WaysOut | None = None) -> Iterator[Town]:
    """A town that runs for as long as the block does, with one group."""
    clock = clock or HandSetClock(NOW)
    opened_town = Town(folder, clock, ways_out(clock) if ways_out else None)
    opened_town.start()
    try:
        opened_town.list_group()
        yield opened_town
    finally:
        opened_town.stop()
