"""What waits for one service: for a monitor, which may be told that it is not known and never that it is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.streams import ServiceName


@dataclass(frozen=True, slots=True)
class Backlog:
    """Records that wait on each stream, seconds for which the oldest has waited, and facts in the outbox; None is unknown."""

    service: ServiceName
    waiting: Mapping[str, int] | None = None
    oldest: float | None = None
    outbox: int | None = None
