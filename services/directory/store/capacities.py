"""What was said about the capacity of every group that was ever listed."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from schemas.group import Capacity
from services.chassis.rows import rows_with, write_rows
from services.directory.places.said import Said
from services.directory.store.places import anew
from services.directory.store.reads import ListedGroups
from services.directory.store.tables import SAID

_SAID, _NEW = select(SAID), anew(SAID)


class CapacitiesSaid(ListedGroups):
    """Reads and keeps what was said in the transaction of its connection."""

    def said(self, group_ids: Collection[str]) -> dict[str, Said]:
        """What was said about those of these groups that were ever listed."""
        rows = rows_with(self._connection, _SAID, SAID.c.group_id, group_ids)
        return {group_id: Said(_capacity(told), _capacity(standing), *rest) for group_id, told, standing, *rest in rows}

    def remember(self, said: Mapping[str, Said]) -> None:
        """Keep what was said about these groups."""
        rows = [(group_id, _text(one.told), _text(one.standing), one.revision, one.terms) for group_id, one in said.items()]
        write_rows(self._connection, _NEW, rows)


def _capacity(text: str | None) -> Capacity | None:
    return Capacity.model_validate_json(text) if text else None


def _text(capacity: Capacity | None) -> str | None:
    return capacity.model_dump_json(exclude_none=True) if capacity else None
