"""Who could go together the first time: places whose person may be given somebody to go with, and the sides of pairs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, tuple_, update

from services.chassis.rows import rows_with, write_rows
from services.coordinator.domain import CasePlace, Side
from services.coordinator.store import rows, tables
from services.coordinator.store.tables import PLACES, SIDES

_SESSION = (PLACES.c.first_start, PLACES.c.group_id)


def put(connection: Connection, sides: Iterable[Side]) -> None:
    """Keep how far each of these sides has come."""
    write_rows(connection, tables.PUT_SIDE, [rows.side_row(side) for side in sides])


def pairs_of(connection: Connection, persons: Collection[str]) -> Sequence[Side]:
    """Both sides of every pair that these persons are in, by `pair_id` and person."""
    own = {row[0] for row in rows_with(connection, tables.ALL_SIDES, SIDES.c.person, persons)}
    found = rows_with(connection, tables.ALL_SIDES, SIDES.c.pair_id, own)
    return sorted((Side(*row) for row in found), key=lambda side: (side.pair_id, side.person))


def seeking(connection: Connection, after: datetime, limit: int) -> Sequence[CasePlace]:
    """The places of the next sessions after then for which somebody is newly looked for, with all that seek at the same session."""
    new = and_(PLACES.c.company == "new", PLACES.c.first_start > after.isoformat())
    sessions = connection.execute(select(*_SESSION).where(new).distinct().order_by(*_SESSION).limit(limit)).all()
    if not sessions:
        return ()
    return _places(connection, and_(PLACES.c.company.in_(("new", "sought")), tuple_(*_SESSION).in_([tuple(one) for one in sessions])))


def sought(connection: Connection, place_ids: Collection[str]) -> None:
    """Somebody was looked for, for these places."""
    connection.execute(update(PLACES).where(PLACES.c.place_id.in_(place_ids)).values(company="sought"))


def still_open(connection: Connection, until: datetime, limit: int) -> Sequence[CasePlace]:
    """The places whose session begins by then and whose pair has not both answers."""
    return _places(connection, and_(PLACES.c.company == "open", PLACES.c.first_start <= until.isoformat()))[:limit]


def reached(connection: Connection) -> Mapping[int, int]:
    """How many pairs came so far, by how far both of them came; a pair of whom one is erased is counted no more."""
    both = select(func.min(SIDES.c.reached).label("both")).group_by(SIDES.c.pair_id).having(func.count() == 2).subquery()
    return dict(connection.execute(select(both.c.both, func.count()).group_by(both.c.both)).all())


def _places(connection: Connection, part: ColumnElement[bool]) -> Sequence[CasePlace]:
    found = connection.execute(tables.ALL_PLACES.where(part).order_by(*_SESSION, PLACES.c.place_id))
    return [rows.place_of(row) for row in found]
