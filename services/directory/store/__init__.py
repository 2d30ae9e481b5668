"""The directory's store on SQLAlchemy Core, in the transaction of its connection.

A contact is kept as ciphertext under the group's own key. It is sealed here and not copied out of the fact, because a decision is made, and
the store written, before its facts have ids: what the ciphertext is bound to instead is the keyed hash of the content that it came with,
which stands in the same row and changes whenever the contact does.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from schemas.group import GroupContact
from services.directory.domain import KnownGroup, Listing, text_of
from services.directory.store.capacities import CapacitiesSaid
from services.directory.store.filters import Near, Wanted
from services.directory.store.places import PlaceBooks
from services.directory.store.reads import SEALED_AS, Listed, slices
from services.directory.store.tables import GROUPS, SESSIONS, TAGS, VECTORS

__all__ = ["Listed", "Near", "SqlDirectoryStore", "Wanted"]


class SqlDirectoryStore(CapacitiesSaid, PlaceBooks):
    """What the directory remembers of its groups and of their places."""

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which the same content is known again."""
        return self._vault.hash(*values)

    def known(self, group_ids: Collection[str]) -> Mapping[str, KnownGroup]:
        """Those of these groups that were ever listed."""
        found: dict[str, KnownGroup] = {}
        for some in slices(group_ids):
            columns = (GROUPS.c.group_id, GROUPS.c.feed, GROUPS.c.content, GROUPS.c.listed)
            rows = self._connection.execute(select(*columns).where(GROUPS.c.group_id.in_(some)))
            found.update((row.group_id, KnownGroup(*row)) for row in rows)
        return found

    def listed_ids(self, feed: str) -> set[str]:
        """The groups that are listed from this feed."""
        return set(self._connection.execute(select(GROUPS.c.group_id).where(GROUPS.c.feed == feed, GROUPS.c.listed)).scalars())

    def save(self, listings: Sequence[Listing]) -> None:
        """Keep these groups as they are now, their contacts sealed."""
        self._remove({listing.command.group_id for listing in listings})
        self._vault.fetch("group", [one.command.group_id for one in listings if one.command.prepared.contact])
        self._add(GROUPS, [self._row(listing) for listing in listings])
        self._add(VECTORS, [row for listing in listings for row in _vectors(listing)])
        self._add(SESSIONS, [row for listing in listings for row in _sessions(listing)])
        self._add(TAGS, [row for listing in listings for row in _tags(listing)])

    def delist(self, group_ids: Collection[str]) -> None:
        """Mark groups as no longer listed and drop their contacts."""
        for some in slices(group_ids):
            self._connection.execute(update(GROUPS).where(GROUPS.c.group_id.in_(some)).values(listed=False, contact=None))

    def _remove(self, group_ids: Collection[str]) -> None:
        for some in slices(group_ids):
            for table in (GROUPS, VECTORS, SESSIONS, TAGS):
                self._connection.execute(delete(table).where(table.c.group_id.in_(some)))

    def _add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _row(self, listing: Listing) -> dict[str, Any]:
        command, prepared = listing.command, listing.command.prepared
        group = prepared.group
        return {
            "group_id": group.group_id,
            "feed": command.feed,
            "content": listing.content,
            "listed": True,
            "updated_at": command.at.isoformat(),
            "snapshot": group.model_dump_json(exclude_none=True),
            "searched": text_of(group).casefold(),
            "area": prepared.area,
            "latitude": group.latitude,
            "longitude": group.longitude,
            "minimum_age": group.minimum_age,
            "maximum_age": group.maximum_age,
            "contact": prepared.contact and self._sealed(group.group_id, listing.content, prepared.contact),
        }

    def _sealed(self, group_id: str, content: bytes, contact: GroupContact) -> bytes | None:
        return self._vault.seal("group", group_id, content.hex(), SEALED_AS, contact.model_dump_json(exclude_none=True).encode())


def _vectors(listing: Listing) -> list[dict[str, Any]]:
    embedding = listing.command.prepared.embedding
    if embedding.vector is None:
        return []
    row = {"text_hash": embedding.text_hash, "encoder": embedding.encoder, "vector": embedding.vector}
    return [{"group_id": listing.command.group_id, **row}]


def _sessions(listing: Listing) -> list[dict[str, Any]]:
    group_id, sessions = listing.command.group_id, listing.command.prepared.group.sessions
    return [
        {"group_id": group_id, "number": number, "weekday": session.weekday, "start": session.start, "end": session.end}
        for number, session in enumerate(sessions)
    ]


def _tags(listing: Listing) -> list[dict[str, Any]]:
    return [{"group_id": listing.command.group_id, "tag": tag} for tag in dict.fromkeys(listing.command.prepared.group.tags)]
