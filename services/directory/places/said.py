"""What was said about a group's capacity and by whom, and what else of a group its places depend on.

A feed says the same again at every import: only another capacity, or the same with a newer stamp (`updated`, as HSDS has it), is news. What
was set by hand stands until then.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, Self

from schemas.events.places import CapacitySet
from schemas.group import Capacity, Group
from services.directory.domain import BY_HAND

_PLACES_DEPEND_ON = {"sessions", "status", "newcomers_per_week", "time_zone"}


@dataclass(frozen=True, slots=True)
class Said:
    """The capacity that the feed told last and the one that stands, how often a new one was said, and the group's terms as text."""

    told: Capacity | None = None
    standing: Capacity | None = None
    revision: int = 0
    terms: str = ""

    def heard(self, feed: str, group: Group) -> Self:
        """What stands after a feed, or somebody by hand, said this about the group."""
        told, terms = group.capacity, terms_of(group)
        last = self.standing if feed == BY_HAND else self.told
        if not same(told, last) or _stamp(told) > _stamp(last):
            return replace(self, told=told, standing=told, revision=self.revision + 1, terms=terms)
        by_hand = feed != BY_HAND and not same(self.standing, self.told)
        return replace(self, told=told, standing=self.standing if by_hand else told, terms=terms)

    def set_by_hand(self, capacity: Capacity) -> Self:
        """What stands after the capacity alone was set by hand."""
        return replace(self, standing=capacity, revision=self.revision + 1)

    def fact(self, group_id: str) -> CapacitySet:
        """What is told to the owner of the group's places."""
        stands = self.standing.model_dump(include={"maximum", "available", "waitlist"}) if self.standing else {}
        return CapacitySet(group_id=group_id, revision=self.revision, **stands)


class CapacityStore(Protocol):
    """Where it is kept what was said."""

    def said(self, group_ids: Collection[str]) -> Mapping[str, Said]:
        """What was said about those of these groups that were ever listed."""

    def remember(self, said: Mapping[str, Said]) -> None:
        """Keep what was said about these groups."""

    def shut(self, group_id: str) -> bool:
        """Whether the group's organiser takes nobody, until its capacity is said anew."""


def same(one: Capacity | None, other: Capacity | None) -> bool:
    """Whether two capacities say the same, whenever they were said."""
    return _values(one) == _values(other)


def terms_of(group: Group) -> str:
    """What a group's places depend on besides its capacity, in canonical form."""
    terms = group.model_dump(mode="json", include=_PLACES_DEPEND_ON)
    terms["sessions"] = sorted([one["weekday"], one["start"], one["every_weeks"]] for one in terms["sessions"])
    return json.dumps(terms, sort_keys=True)


def _values(capacity: Capacity | None) -> tuple[int, int | None, bool] | None:
    return (capacity.maximum, capacity.available, capacity.waitlist) if capacity else None


def _stamp(capacity: Capacity | None) -> datetime:
    """When the feed says that it counted; long ago where it does not say, or not in a way that can be read."""
    told = (capacity.model_extra or {}).get("updated") if capacity else None
    try:
        stamp = datetime.fromisoformat(str(told))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
