"""What waits for one copy of a service: looked at every five seconds and on each scrape, and never a reason for the service to stop.

Kafka tells where streams end and not since when, so the age of what waits counts from the look at which an end beyond the position was first
seen. It is too small by up to the time between two looks and by whatever had passed before this copy came to hold the partition, and may come
to be too large by up to a hundredth of the longest wait so far.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from schemas.streams import ServiceName
from services.chassis.backlog import Backlog
from services.chassis.distributed import inbox, outbox
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import Ends
from services.chassis.errors import Transient

LOOK_AGAIN: Final = 5.0  # seconds
ANSWERED_WITHIN: Final = 4.0  # seconds for which a scrape waits; a monitor gives up after ten
_STEP: Final = 0.1  # seconds
_COARSE: Final = 0.01  # of the age of what waits, within which ends count as seen at once: so few are remembered, however long it takes


class _End(NamedTuple):
    end: int
    seen_at: float


class Ages:
    """Since when records wait, out of looks at where partitions end and how far they are read."""

    def __init__(self) -> None:
        self._ends: dict[Partition, list[_End]] = {}

    def look(self, ends: Mapping[Partition, int], positions: Mapping[Partition, int], now: float) -> float:
        """Take a look in; returns for how many seconds the oldest record that waits has waited, 0 where none does.

        `positions` has the partitions that count; one that is in them and not in `ends` holds nothing.
        """
        self._ends = {key: self._of(key, ends.get(key, 0), position, now) for key, position in positions.items()}
        return max((now - waiting[0].seen_at for waiting in self._ends.values() if waiting), default=0.0)

    def _of(self, key: Partition, end: int, position: int, now: float) -> list[_End]:
        known = [one for one in self._ends.get(key, ()) if position < one.end <= end]
        if end <= (known[-1].end if known else position):
            return known
        if known and now - known[-1].seen_at < (now - known[0].seen_at) * _COARSE:
            return [*known[:-1], _End(end, known[-1].seen_at)]
        return [*known, _End(end, now)]


@dataclass
class Lag:
    """Looks at what waits for the copy of a service that is called `owner`, in a thread, so that who asks never waits for a database that is away."""

    service: ServiceName
    engine: Engine
    ends: Ends
    owner: str
    stopping: threading.Event
    on_failure: Callable[[BaseException], None]
    _ages: Ages = field(default_factory=Ages)
    _asked: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _seen: Backlog | None = None
    _seen_at: float = float("-inf")

    def run(self) -> None:
        """Look until it is to stop."""
        try:
            while not self.stopping.wait(_STEP):
                if self._asked.is_set() or monotonic() - self._seen_at >= LOOK_AGAIN:
                    self._asked.clear()
                    self._look()
        except BaseException as failure:
            self.on_failure(failure)

    def now(self) -> Backlog:
        """What waits, by a look that begins now; what Kafka or PostgreSQL does not tell within seconds is left open."""
        asked = monotonic()
        with self._changed:
            self._asked.set()
            self._changed.wait_for(lambda: self._seen_at >= asked, ANSWERED_WITHIN)
            return self._seen if self._seen and self._seen_at >= asked else Backlog(self.service)

    def _look(self) -> None:
        begun = monotonic()
        seen = self._backlog(begun)
        with self._changed:
            self._seen, self._seen_at = seen, begun
            self._changed.notify_all()

    def _backlog(self, now: float) -> Backlog:
        try:
            with self.engine.connect() as connection:
                positions, waiting = inbox.held(connection, self.owner), outbox.waiting(connection)
        except SQLAlchemyError:
            return Backlog(self.service)
        try:
            ends = self.ends.of({stream for stream, _ in positions}) if positions else {}
        except Transient:
            return Backlog(self.service, outbox=waiting)
        return Backlog(self.service, _by_stream(ends, positions), self._ages.look(ends, positions, now), waiting)


def _by_stream(ends: Mapping[Partition, int], positions: Mapping[Partition, int]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for key, position in positions.items():
        found[key[0]] += max(0, ends.get(key, 0) - position)
    return found
