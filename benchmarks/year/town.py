"""The sample town's services over one folder, with ways out that fail, and a process that ends and starts again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from models.town.groups import TIME_ZONE
from schemas.events.base import StreamName
from services.chassis import log
from services.chassis.clock import HandSetClock
from services.chassis.codec import Record
from services.chassis.database import open_database, transaction
from services.chassis.embedded import Embedded
from services.chassis.ids import fresh_id
from services.chassis.telemetry import Timings
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.town_life import seeded
from services.followup.app import followup
from services.followup.domain.touches import MessageChannel
from services.followup.gateways import LOCAL_SENDER, LocalOutbox
from tests.integration.followup.unsteady import Fault, Killed, UnsteadyPort

OPENS: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FAULTS: Final[Mapping[Fault, float]] = {"refused": 0.01, "unreachable": 0.01, "unknown": 0.01, "killed": 0.006}
STREAMS: Final[tuple[StreamName, ...]] = ("referrals", "groups", "matches", "places", "follow-ups", "outcomes", "cases")


@dataclass
class FailingTown:
    """An installation whose process may end in the middle of sending: text messages leave by an outbox, e-mail as by a mail server."""

    folder: Path
    clock: HandSetClock
    chance: Random
    seed: int
    faults: Mapping[Fault, float]
    running: Installation[Embedded] = field(init=False)
    restarts: int = 0
    ports: dict[MessageChannel, UnsteadyPort] = field(init=False)
    _open: ExitStack = field(default_factory=ExitStack)
    _read_to: dict[StreamName, int] = field(default_factory=lambda: dict.fromkeys(STREAMS, 0))

    def __post_init__(self) -> None:
        outbox, faults = LocalOutbox(self.folder / "outbox", self.clock, LOCAL_SENDER), self.faults
        self.ports = {
            "sms": UnsteadyPort(outbox, self.chance, faults),
            "email": UnsteadyPort(outbox, self.chance, faults, repeatable=False),
        }
        self._entropy = seeded(self.seed)

    def start(self) -> None:
        """Open the folder as a process that starts does."""
        running = self.running = self._open.enter_context(embedded_installation(settings_for(self.folder), self.clock))
        forget = self.ports["sms"].outbox.forget
        running.services.add(followup(self.ports, forget, running.links, self.clock, ZoneInfo(TIME_ZONE)))
        self._open.enter_context(running.services.folder.held())
        running.services.start()

    def stop(self) -> None:
        """Give the folder back, as when the process ends."""
        self._open.close()

    def restart(self) -> None:
        """End, and start again."""
        self.restarts += 1
        self.stop()
        self.start()

    def settle(self) -> bool:
        """Do all that is due; where the process ends, another takes over, and the answer is True."""
        ended = False
        while True:
            try:
                self.running.services.settle()
            except Killed:
                self.restart()
                ended = True
            else:
                return ended

    def news(self) -> Sequence[log.Stored]:
        """What was written since this was last asked, in log order."""
        return sorted((one for stream in STREAMS for one in self._news(stream)), key=lambda one: one.position)

    def append_unreadable(self, stream: StreamName, subject: str) -> None:
        """Put a record into the log that nobody can read."""
        now = self.clock.now()
        id_ = fresh_id(now, self._entropy)
        record = Record(stream, subject, id_, "better-together.Damaged", "/x", now.isoformat(), id_, None, None, b"{damaged")
        engine = open_database(self.running.services.folder.database, writes=True)
        with transaction(engine, Timings()) as connection:
            log.append(connection, [record], now.isoformat())
        engine.dispose()

    def _news(self, stream: StreamName) -> Iterator[log.Stored]:
        while some := self.running.services.records(stream, self._read_to[stream], 1_000):
            self._read_to[stream] = some[-1].position
            yield from some


@contextmanager
def failing_town(folder: Path, seed: int, start: datetime, faults: Mapping[Fault, float]) -> Iterator[FailingTown]:
    """A town that runs for as long as the block does."""
    town = FailingTown(folder, HandSetClock(start), Random(seed), seed, faults)
    town.start()
    try:
        yield town
    finally:
        town.stop()
