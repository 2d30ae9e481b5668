"""What a storm strikes: one process, one broker, PostgreSQL, two of them at once, or every process together as when a machine loses its power.

All by `kill -9`. Whatever was struck is started again after a while, a process sometimes before the store that it needs. Only every other time
is it waited for until all are ready; the next strike meets the others while they start or take partitions over.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final

from tests.e2e.distributed_site import COPIES, Copy, DistributedSite, NotBack

EVERYTHING: Final = "everything"
KINDS: Final = (
    ("postgresql",), ("matcher",), ("broker",), ("web",), ("coordinator",), ("postgresql", "directory"), ("followup",), ("broker", "coordinator"),
    ("intake",), ("directory",), ("postgresql", "followup"), (EVERYTHING,),
)  # fmt: skip
"""Each is struck once before chance decides."""

_DOWN: Final = (0.0, 4.0)  # seconds
_AHEAD: Final = (0.5, 4.0)  # seconds by which a process may be started before its store
_HOURS: Final = (5, 7, 11)  # by which the services' clock moves on while none of them runs


@dataclass
class Strikes:
    """Strikes a site again and again; `by_themselves` names every process that ended though nobody had killed it."""

    site: DistributedSite
    chance: random.Random
    made: int = 0
    times: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    by_themselves: list[str] = field(default_factory=list)
    longest: tuple[float, str] = (0.0, "")

    def run(self, times: int, pause: tuple[float, float], calm: threading.Event) -> None:
        """Strike so often, at moments that far apart in seconds; no more once it is to be calm."""
        self.times = times
        for kind in self._kinds(times):
            if calm.wait(self.chance.uniform(*pause)):
                return
            begun = monotonic()
            self.strike(kind, calm)
            self.made += 1
            self.longest = max(self.longest, (round(monotonic() - begun, 1), "+".join(kind)))

    def strike(self, kind: tuple[str, ...], calm: threading.Event) -> None:
        """Kill, and have everything back."""
        copies = [copy for victim in kind for copy in self._copies(victim)]
        stores = [victim for victim in kind if victim in ("postgresql", "broker")]
        if stopped := any(copy.service == "web" for copy in copies):
            self.site.up.clear()
        broker = self.chance.randint(1, 3)
        for copy in self.site.copies.values():
            self._ended_by_itself(copy)
        for copy in copies:
            copy.kill()
        for store in stores:
            self.site.postgres.kill() if store == "postgresql" else self.site.brokers.kill(broker)
        self.struck.update(["+".join(kind)])
        calm.wait(self.chance.uniform(*_DOWN))
        if kind == (EVERYTHING,):
            self.site.clock += timedelta(hours=self.chance.choice(_HOURS))
        self._bring_back(copies, stores, broker, calm)
        if stopped:
            self.site.up.set()

    def _bring_back(self, copies: list[Copy], stores: list[str], broker: int, calm: threading.Event) -> None:
        if stores and copies and self.chance.random() < 0.5:
            self._spawn(copies)
            calm.wait(self.chance.uniform(*_AHEAD))
            copies_left: list[Copy] = []
        else:
            copies_left = copies
        for store in stores:
            self.site.postgres.start() if store == "postgresql" else self.site.brokers.restart(broker)
        self._spawn(copies_left)
        for copy in self.site.copies.values():
            if self.made % 2 == 0 or self.made + 1 == self.times or (copy.service == "web" and copy in copies):
                self._wait(copy)

    def _ended_by_itself(self, copy: Copy) -> None:
        try:
            copy.look()
        except NotBack as fault:
            self.by_themselves.append(str(fault))

    def _spawn(self, copies: list[Copy]) -> None:
        for copy in copies:
            copy.spawn(self.site.now())

    def _wait(self, copy: Copy) -> None:
        try:
            copy.wait()
        except NotBack as fault:
            self.by_themselves.append(str(fault))
            copy.kill()
            copy.spawn(self.site.now())
            copy.wait()

    def _copies(self, victim: str) -> list[Copy]:
        if victim == EVERYTHING:
            return list(self.site.copies.values())
        if victim not in COPIES:
            return []
        return [self.site.copies[f"{victim}-{self.chance.randint(1, COPIES[victim])}"]]

    def _kinds(self, times: int) -> Iterator[tuple[str, ...]]:
        yield from KINDS[:times]
        for _ in range(times - len(KINDS)):
            yield self.chance.choice(KINDS)
