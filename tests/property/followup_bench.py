"""Follow-up's handlers and its gate over a real SQLite database in memory, fact by fact, without a log: what hypothesis can run by the hundred."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, StaticPool, create_engine

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis import keystore
from services.chassis.clock import HandSetClock
from services.chassis.codec import decode, opened
from services.chassis.keystore import KeyStore
from services.chassis.links import Links
from services.chassis.scribe import Scribe
from services.chassis.service import Fact
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault
from services.followup.domain.commands import TakeReply
from services.followup.domain.touches import MessageChannel, Touch
from services.followup.handlers.facts import follow_people
from services.followup.handlers.replies import take_reply
from services.followup.handlers.silence import touches_unanswered
from services.followup.messages import Delivery, Message
from services.followup.sending import SendTouches, Writer
from services.followup.store import SqlFollowupStore
from services.followup.store.tables import metadata
from tests.integration.followup.oracle import Oracle

LONDON = ZoneInfo("Europe/London")
WAYS_OUT: tuple[MessageChannel, ...] = ("sms", "email")


class Sink:
    """A port that takes everything."""

    repeatable = True

    def send(self, _message: Message) -> Delivery:
        """Take it."""
        return "sent"

    def was_sent(self, _touch_id: str) -> bool:
        """Nothing is kept."""
        return False


def _in_memory() -> Engine:
    return create_engine("sqlite://", poolclass=StaticPool)


@dataclass
class Bench:
    """One person's follow-up; the oracle sees every fact in the order in which it was committed."""

    clock: HandSetClock
    oracle: Oracle = field(default_factory=lambda: Oracle(LONDON))
    engine: Engine = field(default_factory=_in_memory)
    keys: Engine = field(default_factory=_in_memory)

    def __post_init__(self) -> None:
        metadata.create_all(self.engine)
        keystore.metadata.create_all(self.keys)
        store = KeyStore(self.keys, bytes(32))
        for purpose in ("details", "matching"):
            store.make(purpose, ["ada"])
        self._scribe = Scribe("followup", Vault("followup", store, ("details", "matching", "group")), self.clock, Timings())
        self._sending = SendTouches({"sms": Sink(), "email": Sink()}, Writer(Links(bytes(32), "https://t.example", self.clock)), self.clock)

    def publish(self, *facts: Data) -> list[Event[Data]]:
        """The events of facts of other services, as follow-up reads them; the oracle counts them as committed."""
        return self._commit([Fact(data) for data in facts])

    def handle(self, events: Sequence[Event[Data]]) -> None:
        """Have follow-up read these."""
        with self._store() as store:
            facts = follow_people(events, store, WAYS_OUT)
        self._commit(facts)

    def reply(self, text: str, id_: str) -> list[Event[Data]]:
        """Take a reply; what it writes on `referrals` is still to be read."""
        with self._store() as store:
            facts = take_reply(TakeReply(id_, "ada", text, self.clock.now()), store, WAYS_OUT)
        return [event for event in self._commit(facts) if event.data.stream == "referrals"]

    def send(self) -> None:
        """Claim, send and record until nothing is due any more; then tell of silence."""
        while True:
            with self._store() as store:
                claimed = self._sending.claim(self.clock.now(), store)
            self._commit(claimed.facts)
            if not claimed.work and not claimed.facts:
                break
            results = self._sending.run(claimed.work)
            with self._store() as store:
                facts = self._sending.record(results, store)
            self._commit(facts)
        with self._store() as store:
            lost = touches_unanswered(self.clock.now(), store)
        self._commit(lost)

    def touches(self) -> Sequence[Touch]:
        """Every touch as it stands."""
        with self._store() as store:
            return store.touches_of(["ada"])

    @contextmanager
    def _store(self) -> Iterator[SqlFollowupStore]:
        with self.engine.begin() as connection:
            yield SqlFollowupStore(connection, self._scribe.vault.fresh(), LONDON)

    def _commit(self, facts: Sequence[Fact]) -> list[Event[Data]]:
        events = [decode(written[1]) for written in self._scribe.write(facts) if written]
        for event in events:
            self.oracle.read(opened(event, self._scribe.vault, ("details", "matching")))
        return events


def bench(start: datetime, beside: Bench | None = None) -> Bench:
    """A bench whose clock stands there, with the keys of another where it is to read the same events."""
    return Bench(HandSetClock(start), keys=beside.keys) if beside else Bench(HandSetClock(start))
