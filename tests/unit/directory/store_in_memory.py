"""The directory's store in memory, and commands and facts for tests of its handlers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from schemas.events.groups import GroupDelisted, GroupListed
from schemas.group import Group, GroupContact
from services.chassis.errors import Rejected
from services.chassis.service import Decided
from services.directory.domain import Embedding, KnownGroup, ListGroup, Listing, Prepared
from services.directory.places.said import Said

AT = datetime(2025, 3, 1, 9, tzinfo=UTC)


class StoreInMemory:
    """Keeps listings by group, what was delisted, and what was said of capacities."""

    def __init__(self) -> None:
        self.saved: dict[str, Listing] = {}
        self.delisted: set[str] = set()
        self.capacities: dict[str, Said] = {}
        self.shut_groups: set[str] = set()

    def hash(self, *values: str) -> bytes:
        """No hash, but as good for telling contents apart."""
        return "/".join(values).encode()

    def known(self, group_ids: Collection[str]) -> Mapping[str, KnownGroup]:
        """Those of these groups that were ever listed."""
        return {id_: self._known(id_) for id_ in group_ids if id_ in self.saved}

    def listed_ids(self, feed: str) -> set[str]:
        """The groups that are listed from this feed."""
        return {id_ for id_, listing in self.saved.items() if listing.command.feed == feed and id_ not in self.delisted}

    def last_listing(self, group_id: str) -> ListGroup | None:
        """How the group was listed last."""
        return self.saved[group_id].command if group_id in self.saved and group_id not in self.delisted else None

    def said(self, group_ids: Collection[str]) -> dict[str, Said]:
        """What was said about the capacity of these groups."""
        return {id_: self.capacities[id_] for id_ in group_ids if id_ in self.capacities}

    def remember(self, said: Mapping[str, Said]) -> None:
        """Keep what was said."""
        self.capacities.update(said)

    def shut(self, group_id: str) -> bool:
        """Whether the organiser takes nobody."""
        return group_id in self.shut_groups

    def save(self, listings: Sequence[Listing]) -> None:
        """Keep these groups."""
        self.saved.update({listing.command.group_id: listing for listing in listings})
        self.delisted -= {listing.command.group_id for listing in listings}

    def delist(self, group_ids: Collection[str]) -> None:
        """Mark groups as no longer listed."""
        self.delisted |= set(group_ids)

    def _known(self, id_: str) -> KnownGroup:
        listing = self.saved[id_]
        return KnownGroup(id_, listing.command.feed, listing.content, id_ not in self.delisted)


def listing(group_id: str, feed: str = "town", contact: GroupContact | None = None, **fields: Any) -> ListGroup:
    """The command that lists a group."""
    group = Group.model_validate({"group_id": group_id, "name": f"Group {group_id}"} | fields)
    return ListGroup(feed, Prepared(group, contact, "LS6", Embedding("hash", "vector", "encoder", ("games",))), AT)


def facts(decided: Sequence[Decided]) -> list[GroupListed | GroupDelisted]:
    """The facts that follow from what was not refused."""
    found = [fact.data for one in decided if not isinstance(one, Rejected) for fact in one]
    return [data for data in found if isinstance(data, GroupListed | GroupDelisted)]
