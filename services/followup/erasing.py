"""The errand that deletes an erased person's messages from the outbox, again until it is recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from schemas.events.base import StreamName
from services.chassis.service import Claimed, Fact
from services.followup.store import SqlFollowupStore


@dataclass(frozen=True)
class DeleteMessages:
    """Deletes the files of every touch of a person who was erased; deleting twice is harmless."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ()

    delete: Callable[[str], None]

    def claim(self, _now: datetime, store: SqlFollowupStore) -> Claimed:
        """The touches whose files may still be there."""
        return Claimed(store.messages_to_delete())

    def run(self, work: Sequence[str]) -> Sequence[str]:
        """Delete their files."""
        for touch_id in work:
            self.delete(touch_id)
        return work

    def record(self, results: Sequence[str], store: SqlFollowupStore) -> Sequence[Fact]:
        """Write down that they are gone."""
        store.deleted(results)
        return ()
