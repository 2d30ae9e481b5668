"""Groups as they were last listed, kept for good: a case may be about one that is gone. The organiser's contact is not among what is kept."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, case, func, select

from schemas.envelope import Event
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.group import Group
from services.chassis.rows import insert, rows_with, write_rows
from services.coordinator.store.tables import GROUPS

_group = insert(GROUPS)
_newer = _group.excluded["at"] >= GROUPS.c["at"]
_listed_later = _group.excluded.listed_at >= GROUPS.c.listed_at
_PUT = _group.on_conflict_do_update(
    index_elements=[GROUPS.c.group_id],
    set_={
        "at": case((_newer, _group.excluded["at"]), else_=GROUPS.c["at"]),
        "runs": case((_newer, _group.excluded.runs), else_=GROUPS.c.runs),
        "listed_at": case((_listed_later, _group.excluded.listed_at), else_=GROUPS.c.listed_at),
        "body": case((_listed_later, func.coalesce(_group.excluded.body, GROUPS.c.body)), else_=GROUPS.c.body),
    },
)
"""The newest word counts, whatever arrives last; a group that is delisted keeps what was listed of it."""
_RUNS = select(GROUPS.c.group_id, GROUPS.c.runs)


def put(connection: Connection, events: Sequence[Event[GroupListed] | Event[GroupDelisted]]) -> None:
    """Keep what was said of these groups."""
    write_rows(connection, _PUT, [_row(event) for event in events])


def called(connection: Connection, group_id: str) -> Group | None:
    """The group as it was last listed."""
    body = connection.execute(select(GROUPS.c.body).where(GROUPS.c.group_id == group_id)).scalar_one_or_none()
    return Group.model_validate_json(body) if body else None


def stopped(connection: Connection, group_ids: Collection[str]) -> set[str]:
    """Those of these groups that run no more: delisted, or not active."""
    return {group_id for group_id, runs in rows_with(connection, _RUNS, GROUPS.c.group_id, group_ids) if not runs}


def _row(event: Event[GroupListed] | Event[GroupDelisted]) -> tuple[object, ...]:
    data, at = event.data, event.time.isoformat()
    if isinstance(data, GroupDelisted):
        return data.group_id, at, False, "", None
    return data.group_id, at, data.group.status == "active", at, data.group.model_dump_json(exclude={"contact"})
