"""The groups as a coordinator reads them, kept in memory in step with `groups`."""

from collections.abc import Sequence

from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.groups import GroupListed
from schemas.group import Group


class GroupsView:
    """Every group that was ever listed: a proposal may name one that is gone by now."""

    streams: tuple[StreamName, ...] = ("groups",)

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in, in log order."""
        self._groups.update({event.data.group_id: event.data.group for event in events if isinstance(event.data, GroupListed)})

    def get(self, group_id: str) -> Group | None:
        """The group, where it was ever listed."""
        return self._groups.get(group_id)
