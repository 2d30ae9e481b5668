"""The groups as a coordinator reads them, kept in memory in step with `groups`.

A start knows of each group only the newest fact, and that a group is gone does not say what it was: that is remembered elsewhere.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.group import Group


class GroupsView:
    """Every group that was ever listed: a proposal may name one that is gone by now."""

    streams: tuple[StreamName, ...] = ("groups",)

    def __init__(self, remembered: Callable[[str], Group | None] = lambda _: None) -> None:
        self._remembered = remembered
        self._groups: dict[str, Group] = {}
        self._gone: set[str] = set()
        self._at: dict[str, datetime] = {}

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in; of one group's the newest counts, in whatever order they come."""
        for event in events:
            if isinstance(event.data, GroupListed | GroupDelisted) and event.time >= self._at.get(event.data.group_id, event.time):
                self._at[event.data.group_id] = event.time
                self._take(event.data)

    def _take(self, data: GroupListed | GroupDelisted) -> None:
        if isinstance(data, GroupListed):
            self._groups[data.group_id] = data.group
            self._gone.discard(data.group_id)
        else:
            self._gone.add(data.group_id)

    def get(self, group_id: str) -> Group | None:
        """The group, where it was ever listed."""
        return self._groups.get(group_id) or self._remembered(group_id)

    def called(self, words: str, limit: int) -> list[Group]:
        """The groups that run now and have every one of these words in their name or their organisation's, by name; none without a word."""
        wanted = words.casefold().split()
        found = [group for group in list(self._groups.values()) if wanted and group.status == "active" and self._has(group, wanted)]
        return sorted(found, key=lambda group: (group.name.casefold(), group.group_id))[:limit]

    def _has(self, group: Group, wanted: Sequence[str]) -> bool:
        text = f"{group.name} {group.organisation or ''}".casefold()
        return group.group_id not in self._gone and all(word in text for word in wanted)
