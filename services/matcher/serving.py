"""The model that ranks: the one promoted last, and while its snapshot cannot be read, the one that ranked before in this process.

A process begins with the packaged prior, and may never have ranked by the model that was promoted before the last.

Whoever ranks takes it up, and so does whoever asks whether all is well: a copy that has begun and has nobody to rank for finds out too.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, Final, Literal

import structlog

from models.ranker import ModelUnreadable, Ranker, made_ready
from models.registry import PRIOR, Registry
from schemas.events.models import ModelPromoted
from services.chassis.clock import Clock

LOOK_AGAIN: Final = timedelta(minutes=1)
"""A snapshot that cannot be read may still be on its way to this machine: it is looked for again after so long."""

Taken = Literal["taken_up", "refused"]
Count = Callable[[Taken], None]
REFUSED: Final = "the model that was promoted last cannot be read, and {} ranks; the log says why"

logger = structlog.get_logger()


class Serving:
    """Follows the promotions; of all that were heard of the one of the highest number counts, whatever their order."""

    def __init__(self, first: Ranker, models: Registry, clock: Clock, count: Count) -> None:
        self._ranker, self._models, self._clock, self._count = made_ready(first), models, clock, count
        self._wanted: ModelPromoted | None = None
        self._looks_again: datetime | None = None
        self._one_at_a_time = RLock()

    def hear(self, promoted: ModelPromoted) -> None:
        """Take a promotion in; whoever ranks next ranks by it."""
        with self._one_at_a_time:
            if self._wanted is None or promoted.promotion > self._wanted.promotion:
                self._wanted, self._looks_again = promoted, self._clock.now()

    def ranker(self) -> Ranker:
        """The model that ranks now."""
        with self._one_at_a_time:
            if self._wanted is not None and self._looks_again is not None and self._clock.now() >= self._looks_again:
                self._take_up(self._wanted)
            return self._ranker

    def concerns(self) -> Sequence[str]:
        """That another model ranks than the one that was promoted, where it is so."""
        with self._one_at_a_time:
            self.ranker()
            return () if self._looks_again is None else (REFUSED.format(self._ranker.model),)

    def told(self) -> dict[str, Any] | None:
        """The promotion that counts, as plain values; None where none was heard of."""
        return None if self._wanted is None else self._wanted.model_dump(mode="json")

    def take_up(self, told: dict[str, Any] | None) -> None:
        """Know this promotion, and no other."""
        with self._one_at_a_time:
            self._wanted = self._looks_again = None
        if told is not None:
            self.hear(ModelPromoted.model_validate(told))

    def _take_up(self, promoted: ModelPromoted) -> None:
        try:
            self._ranker = made_ready(self._read(promoted))
        except ModelUnreadable as fault:
            logger.error("model_refused", model=promoted.model, promotion=promoted.promotion, serving=self._ranker.model, reason=str(fault))
            self._looks_again = self._clock.now() + LOOK_AGAIN
            self._count("refused")
        else:
            logger.info("model_taken_up", model=promoted.model, promotion=promoted.promotion)
            self._looks_again = None
            self._count("taken_up")

    def _read(self, promoted: ModelPromoted) -> Ranker:
        if promoted.snapshot is None:
            return self._models.ranker(PRIOR)
        return self._models.checked(promoted.snapshot, promoted.sha256 or "")
