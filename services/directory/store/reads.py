"""What is read out of the directory: one group, a page, those around a point, all of them; contacts only where they are asked for."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import Connection, func, select

from models.distance import arcs_km, positions
from models.text.words import offered
from schemas.events.base import Sealed
from schemas.group import Group, GroupContact
from services.chassis.codec import open_part
from services.chassis.vault import Vault
from services.directory.domain import Embedding, ListGroup, Prepared
from services.directory.store.filters import Near, Wanted
from services.directory.store.tables import GROUPS, VECTORS

AT_ONCE: Final = 500
SEALED_AS: Final = "better-together.GroupContact"
"""What a stored contact is sealed as, so that it can never pass for an event's part."""

_READ = (GROUPS.c.snapshot, GROUPS.c.feed, GROUPS.c.area, GROUPS.c.updated_at)


@dataclass(frozen=True, slots=True)
class Listed:
    """A group that is listed, without its contact; when it last changed, as RFC 3339."""

    group: Group
    feed: str
    area: str | None
    updated_at: str


def slices(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in order, as many at once as one query takes."""
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


class ListedGroups:
    """Reads the directory in the transaction of its connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    def get(self, group_id: str) -> Listed | None:
        """The group, where it is listed."""
        return next(iter(self.named([group_id])), None)

    def named(self, group_ids: Sequence[str]) -> list[Listed]:
        """Those of these groups that are listed, in the order given."""
        found: dict[str, Listed] = {}
        for some in slices(group_ids):
            rows = self._connection.execute(select(*_READ).where(GROUPS.c.listed, GROUPS.c.group_id.in_(some)))
            found.update((listed.group.group_id, listed) for listed in (_listed(*row) for row in rows))
        return [found[group_id] for group_id in group_ids if group_id in found]

    def count(self, wanted: Wanted) -> int:
        """How many groups are wanted."""
        return self._connection.execute(select(func.count()).select_from(GROUPS).where(wanted.condition())).scalar_one()

    def page(self, wanted: Wanted, limit: int, *, after: str = "", offset: int = 0) -> list[Listed]:
        """The next groups in the order of their ids, behind `after`, `offset` of them passed over."""
        ids = select(GROUPS.c.group_id).where(wanted.condition(), GROUPS.c.group_id > after).order_by(GROUPS.c.group_id).limit(limit).offset(offset)
        return self.named(list(self._connection.execute(ids).scalars()))

    def around(self, near: Near, wanted: Wanted) -> list[tuple[float, str]]:
        """Distance in km (less than a metre from the geodesic) and id of all wanted groups in reach, nearest first, then by id."""
        place = (GROUPS.c.group_id, GROUPS.c.latitude, GROUPS.c.longitude)
        rows = self._connection.execute(select(*place).where(wanted.condition(), near.box())).all()
        if not rows:
            return []
        here = positions(np.array([near.latitude]), np.array([near.longitude]))
        there = positions(np.array([row.latitude for row in rows]), np.array([row.longitude for row in rows]))
        distances = arcs_km(here, there)[0].tolist()
        return sorted((km, row.group_id) for km, row in zip(distances, rows, strict=True) if km <= near.km)

    def last_listing(self, group_id: str) -> ListGroup | None:
        """How the group was listed last, its contact opened; None where it is not listed."""
        if (listed := self.get(group_id)) is None:
            return None
        vectors = select(VECTORS.c.text_hash, VECTORS.c.vector, VECTORS.c.encoder).where(VECTORS.c.group_id == group_id)
        text_hash, vector, encoder = self._connection.execute(vectors).one_or_none() or ("", None, None)
        embedding = Embedding(text_hash, vector, encoder, offered(listed.group.name, listed.group.tags, listed.group.description))
        prepared = Prepared(listed.group, self.contacts([group_id]).get(group_id), listed.area, embedding)
        return ListGroup(listed.feed, prepared, datetime.fromisoformat(listed.updated_at))

    def all(self) -> Iterator[Listed]:
        """Every listed group in the order of the ids, never all in memory at once."""
        after = ""
        while page := self.page(Wanted(), AT_ONCE, after=after):
            yield from page
            after = page[-1].group.group_id

    def contacts(self, group_ids: Collection[str]) -> dict[str, GroupContact]:
        """The organisers' contacts of these groups, opened."""
        found: dict[str, GroupContact] = {}
        for some in slices(group_ids):
            stored = select(GROUPS.c.group_id, GROUPS.c.content, GROUPS.c.contact)
            rows = self._connection.execute(stored.where(GROUPS.c.group_id.in_(some), GROUPS.c.contact.is_not(None))).all()
            self._vault.fetch("group", [row.group_id for row in rows])
            opened = ((row.group_id, open_part(sealed_contact(*row), GroupContact, self._vault)) for row in rows)
            found.update((group_id, contact) for group_id, contact in opened if contact is not None)
        return found

    def vectors(self, encoder: str, text_hashes: Collection[str]) -> dict[str, str]:
        """The packed vectors that this encoder made of these texts before, by the texts' hashes."""
        found: dict[str, str] = {}
        for some in slices(text_hashes):
            wanted = select(VECTORS.c.text_hash, VECTORS.c.vector).where(VECTORS.c.text_hash.in_(some), VECTORS.c.encoder == encoder)
            found.update((text_hash, vector) for text_hash, vector in self._connection.execute(wanted))
        return found


def sealed_contact(group_id: str, content: bytes, ciphertext: bytes) -> Sealed:
    """A stored contact as the vault opens it: bound to the group, and to the content that it came with."""
    return Sealed("group", group_id, content.hex(), SEALED_AS, ciphertext)


def _listed(snapshot: str, feed: str, area: str | None, updated_at: str) -> Listed:
    return Listed(Group.model_validate_json(snapshot), feed, area, updated_at)
