"""The directory as the matcher holds it in memory, kept in step with `groups`."""

from collections.abc import Sequence
from datetime import date

from models.directory import Directory, Listed
from models.matching import Ranked, propose
from models.ranker import Ranker
from models.seeker import Seeker
from models.text.encoder import unpack
from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.groups import GroupDelisted, GroupListed
from services.chassis.clock import Clock


class DirectoryView:
    """All listed groups; of one group's facts the newest wins."""

    streams: tuple[StreamName, ...] = ("groups",)

    def __init__(self, ranker: Ranker, clock: Clock) -> None:
        self._directory = Directory.of([])
        self._ranker, self._clock = ranker, clock

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in, in log order."""
        newest = {event.data.subject: event.data for event in events}
        listed = [_listed(data) for data in newest.values() if isinstance(data, GroupListed)]
        delisted = [data.group_id for data in newest.values() if isinstance(data, GroupDelisted)]
        self._directory = self._directory.changed(listed, delisted)

    def propose(self, seekers: Sequence[Seeker]) -> Sequence[Ranked]:
        """Rankings over the directory as of now, in the order of the seekers."""
        today: date = self._clock.now().date()
        return propose(seekers, self._directory, self._ranker, today=today)


def _listed(data: GroupListed) -> Listed:
    vector = None if data.vector is None else unpack(data.vector)
    return Listed(data.group, vector, tuple(data.words), data.feed)
