"""The groups as a coordinator reads them, kept in memory in step with `groups`.

A start knows of each group only the newest fact, and that a group is gone does not say what it was: that is remembered elsewhere.
"""

from collections.abc import Callable, Sequence

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

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in, in log order."""
        for event in events:
            if isinstance(event.data, GroupListed):
                self._groups[event.data.group_id] = event.data.group
                self._gone.discard(event.data.group_id)
            elif isinstance(event.data, GroupDelisted):
                self._gone.add(event.data.group_id)

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
