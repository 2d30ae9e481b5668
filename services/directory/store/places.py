"""The books of places, read and written by the batch; of a place that is lost its id alone is kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, select

from schemas.events.places import HeldSession, WeeklySession, WhyReleased
from schemas.group import Group
from services.chassis.rows import Insert, insert, rows_with, write_rows
from services.directory.places.book import Book, Place
from services.directory.places.room import Room
from services.directory.store.reads import ListedGroups
from services.directory.store.tables import BOOKS, LOST, PLACES


def anew(table: Table) -> Insert:
    """Insert a row of this table, or put it in the place of the one with its key."""
    statement = insert(table)
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_={one.name: statement.excluded[one.name] for one in table.c})


_BOOKS, _PLACES, _LOST = select(BOOKS), select(PLACES), select(LOST)
_BOOK, _PLACE, _LOST_PLACE = anew(BOOKS), anew(PLACES), anew(LOST)
_GONE = delete(PLACES).where(PLACES.c.group_id == bindparam("group"), PLACES.c.place_id == bindparam("place"))


class PlaceBooks(ListedGroups):
    """Reads and keeps the places of groups in the transaction of its connection."""

    def books(self, places: Mapping[str, Iterable[str]]) -> dict[str, Book]:
        """The books of these groups, with what was lost among these places of each; a group that has none yet has its capacity as it is listed."""
        groups = {listed.group.group_id: listed.group for listed in self.named(sorted(places))}
        found = {group_id: _new_book(group_id, groups.get(group_id)) for group_id in places}
        for group_id, count, *room in rows_with(self._connection, _BOOKS, BOOKS.c.group_id, places):
            found[group_id].count = count
            if (known := _room(*room)) != Room():  # a book that began before anything was said of the group's capacity has what is listed
                found[group_id].room = known
        for group_id, kept in self._places(places).items():
            found[group_id].enter(kept)
        for place_id, group_id, reason in self._lost({place_id for some in places.values() for place_id in some}):
            if group_id in found:
                found[group_id].lost[place_id] = reason
        return found

    def keep(self, books: Iterable[Book]) -> None:
        """Write down the room of these groups, and the places that were touched."""
        kept = list(books)
        write_rows(self._connection, _BOOK, [_book_row(book) for book in kept])
        write_rows(self._connection, _GONE, [(book.group_id, place_id) for book in kept for place_id in book.touched & book.lost.keys()])
        write_rows(self._connection, _LOST_PLACE, [row for book in kept for row in _lost_rows(book)])
        write_rows(self._connection, _PLACE, [row for book in kept for row in _place_rows(book)])

    def shut(self, group_id: str) -> bool:
        """Whether the group's organiser takes nobody, until its capacity is said anew."""
        shut = select(BOOKS.c.shut).where(BOOKS.c.group_id == group_id)
        return self._connection.execute(shut).scalar() is not None

    def _places(self, group_ids: Iterable[str]) -> dict[str, list[tuple[bool, Place]]]:
        found: dict[str, list[tuple[bool, Place]]] = defaultdict(list)
        for group_id, place_id, held, *columns in rows_with(self._connection, _PLACES, PLACES.c.group_id, list(group_ids)):
            found[group_id].append((bool(held), _place(place_id, *columns)))
        return found

    def _lost(self, place_ids: Iterable[str]) -> list[tuple[str, str, WhyReleased | None]]:
        return [(row[0], row[1], row[2]) for row in rows_with(self._connection, _LOST, LOST.c.place_id, list(place_ids))]


def _new_book(group_id: str, group: Group | None) -> Book:
    return Book(group_id, group, Room.of(group.capacity if group else None))


def _room(maximum: int | None, available: int | None, waitlist: int, revision: int, left: int | None, shut: Any) -> Room:
    return Room(maximum, available, bool(waitlist), revision, left, shut)


def _book_row(book: Book) -> tuple[Any, ...]:
    room = book.room
    return book.group_id, book.count, room.maximum, room.available, room.waitlist, room.revision, room.left, room.shut


def _place(
    place_id: str, person: str, case_id: str, number: int, weekday: Any, start: str | None, on: str | None, at: str | None, confirmed: int
) -> Place:
    weekly = WeeklySession(weekday=weekday, start=start) if weekday and start else None
    session = HeldSession(date=date.fromisoformat(on), start=datetime.fromisoformat(at)) if on and at else None
    return Place(place_id, person, case_id, number, weekly, session, bool(confirmed))


def _place_rows(book: Book) -> list[tuple[Any, ...]]:
    held = [(place, True) for place_id in book.touched if (place := book.held.get(place_id))]
    waiting = [(place, False) for place_id in book.touched if (place := book.waiting.get(place_id))]
    return [_place_row(book.group_id, place, held=is_held) for place, is_held in held + waiting]


def _place_row(group_id: str, place: Place, *, held: bool) -> tuple[Any, ...]:
    weekly, session = place.weekly, place.session
    at = (weekly.weekday, weekly.start) if weekly else (None, None)
    first = (session.date.isoformat(), session.start.astimezone(UTC).isoformat()) if session else (None, None)
    return group_id, place.place_id, held, place.person, place.case_id, place.number, *at, *first, place.confirmed


def _lost_rows(book: Book) -> list[tuple[str, str, WhyReleased | None]]:
    return [(place_id, book.group_id, book.lost[place_id]) for place_id in book.touched if place_id in book.lost]
