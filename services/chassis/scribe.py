"""Writes facts down for one service: gives each its id, its time and its cause, seals its personal parts, and makes a record of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import urandom

from schemas.envelope import Event, event_type
from schemas.events.base import Data, Purpose
from schemas.streams import ServiceName
from services.chassis.clock import Clock
from services.chassis.codec import Record, encode, plain_parts, sealed_parts
from services.chassis.ids import Entropy, derived_id, fresh_id
from services.chassis.service import Cause, Fact, Opens
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault

Written = tuple[Event[Data], Record]


@dataclass(frozen=True)
class Scribe:
    """The one place where facts become events and events become records."""

    service: ServiceName
    vault: Vault
    clock: Clock
    timings: Timings
    entropy: Entropy = urandom

    def fresh(self) -> "Scribe":
        """The same scribe for another turn, with no key in memory."""
        return replace(self, vault=self.vault.fresh())

    def write(self, facts: Sequence[Fact], traceparents: Sequence[str] = ()) -> list[Written | None]:
        """The event and the record of each fact, in order; None for a fact about an erased person, and for whatever follows from such a one.

        Each fact is of the trace that is told for it, or else of its cause's.
        """
        with self.timings.stage("encode"):
            events = self._events(facts, traceparents or [None] * len(facts))
            plain = [plain_parts(event.data) for event in events]
        with self.timings.stage("keys"):
            self.vault.fetch_all(_owners_by_purpose(event.data for event in events))
        with self.timings.stage("seal"):
            sealed = [sealed_parts(event, parts, self.vault) for event, parts in zip(events, plain, strict=True)]
        dropped = _dropped(facts, sealed)
        with self.timings.stage("encode"):
            told = zip(facts, events, sealed, strict=True)
            return [None if parts is None or id(fact) in dropped else (event, encode(event, parts)) for fact, event, parts in told]

    def _events(self, facts: Sequence[Fact], traceparents: Sequence[str | None]) -> list[Event[Data]]:
        written: dict[int, Event[Data]] = {}
        for fact, traceparent in zip(facts, traceparents, strict=True):
            cause = written[id(fact.cause)] if isinstance(fact.cause, Fact) else fact.cause
            written[id(fact)] = self._event(fact, cause, traceparent)
        return [written[id(fact)] for fact in facts]

    def _event(self, fact: Fact, cause: Event[Data] | Cause | None, traceparent: str | None) -> Event[Data]:
        now, data = self.clock.now(), fact.data
        source = f"/better-together/{self.service}"
        if cause is None:
            id_ = fresh_id(now, self.entropy)
            return Event(id_, source, now, data, correlationid=id_, traceparent=traceparent)
        id_ = derived_id(cause.id, event_type(type(data)), data.subject, fact.ordinal)
        return Event(id_, source, now, data, cause.correlationid, cause.id, traceparent or cause.traceparent)


def _dropped(facts: Sequence[Fact], sealed: Sequence[Mapping[str, bytes] | None]) -> set[int]:
    """The facts that are not written: those that cannot be sealed, and those that another one of them caused."""
    dropped: set[int] = set()
    for fact, parts in zip(facts, sealed, strict=True):
        if parts is None or id(fact.cause) in dropped:
            dropped.add(id(fact))
    return dropped


def _owners_by_purpose(all_data: Iterable[Data]) -> dict[Purpose, set[str]]:
    owners: dict[Purpose, set[str]] = {}
    for data in all_data:
        for name, (purpose, _) in data.sealed_parts.items():
            if getattr(data, name) is not None:
                owners.setdefault(purpose, set()).add(data.subject)
    return owners


def fetch_keys_to_open(vault: Vault, events: Iterable[Event[Data]], opens: Opens) -> None:
    """Bring the keys that open these events into memory by one read a purpose."""
    owners: dict[Purpose, set[str]] = {}
    for event in events:
        for purpose in opens.get(type(event.data), ()):
            owners.setdefault(purpose, set()).add(event.data.subject)
    vault.fetch_all(owners)
