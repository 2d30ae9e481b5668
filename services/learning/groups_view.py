"""The directory as a training run needs it: every listed group, in memory."""

from collections.abc import Sequence

from models.directory import Directory, Listed
from models.text.encoder import unpack
from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.groups import GroupDelisted, GroupListed


class GroupsView:
    """All listed groups; of one group's snapshots the newest counts."""

    streams: tuple[StreamName, ...] = ("groups",)

    def __init__(self) -> None:
        self.directory = Directory.of([])

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in, in log order; the directory as it was stays as it was."""
        newest = {event.data.group_id: event.data for event in events if isinstance(event.data, GroupListed | GroupDelisted)}
        listed = [_listed(data) for data in newest.values() if isinstance(data, GroupListed)]
        delisted = [data.group_id for data in newest.values() if isinstance(data, GroupDelisted)]
        if newest:
            self.directory = self.directory.changed(listed, delisted)


def _listed(data: GroupListed) -> Listed:
    return Listed(data.group, None if data.vector is None else unpack(data.vector), tuple(data.words), data.feed)
