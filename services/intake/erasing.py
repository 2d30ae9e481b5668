"""The errand that destroys an erased person's keys: after the fact is committed, and again until it is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from schemas.events.base import StreamName
from services.chassis.clock import Clock
from services.chassis.keystore import KeyStore
from services.chassis.service import Claimed, Fact
from services.intake.store import SqlIntakeStore


@dataclass(frozen=True)
class DestroyKeys:
    """Destroys the keys of every person whose erasure is not yet recorded as done."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ()

    keys: KeyStore
    clock: Clock

    def claim(self, _now: datetime, store: SqlIntakeStore) -> Claimed:
        """The persons whose keys are still there; destroying twice is harmless, so nothing is marked."""
        return Claimed(store.erasures_open())

    def run(self, work: Sequence[str]) -> Sequence[str]:
        """Destroy their keys."""
        for person in work:
            self.keys.destroy(person)
        self.keys.overwrite_destroyed()
        return work

    def record(self, results: Sequence[str], store: SqlIntakeStore) -> Sequence[Fact]:
        """Write down that it is done."""
        store.end_erasures(results, self.clock.now())
        return ()
