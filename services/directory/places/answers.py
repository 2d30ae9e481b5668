"""What the directory answers to what is asked of one group's places: a fold, in the order of the stream.

Each request is answered once. What comes again changes nothing; what is given up before it is asked for stays given up. The waiting list
moves up in its order whenever there is room, and nobody overtakes it. Less capacity, a pause or a delisting takes no place away.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemas.events.base import Data
from schemas.events.places import CapacitySet, OrganiserAnswered, PlaceGivenUp, PlaceRefused, PlaceReleased, PlaceRequested
from services.directory.places.book import Answer, Book, Place
from services.directory.places.calendar import Calendar


def answers_to(asked: Data, book: Book, calendar: Calendar) -> list[Answer]:
    """The answers that follow, in order; the book is changed by them."""
    match asked:
        case PlaceRequested():
            return list(_requested(asked, book, calendar))
        case PlaceGivenUp():
            return list(_given_up(asked, book, calendar))
        case OrganiserAnswered():
            return list(_organiser_answered(asked, book, calendar))
        case CapacitySet():
            book.room = book.room.after(asked)
            return [*_moved(book, calendar), *_moved_up(book, calendar)]
    return []


def _requested(asked: PlaceRequested, book: Book, calendar: Calendar) -> Iterator[Answer]:
    place_id = asked.place_id
    if reason := book.lost.get(place_id):
        book.lose(place_id)
        yield book.tell(PlaceReleased, asked, reason=reason)
    elif not (place_id in book.held or place_id in book.waiting or place_id in book.lost):
        yield from _moved_up(book, calendar)
        yield _answer(asked, book, calendar)


def _answer(asked: PlaceRequested, book: Book, calendar: Calendar) -> Answer:
    place = Place(asked.place_id, asked.person, asked.case_id, book.count + 1, asked.weekly)
    refused = book.closed_to_all
    if refused is None and book.free != 0:
        return book.hold(place, calendar)
    if refused is None and book.room.waitlist:
        return book.wait(place)
    book.lose(asked.place_id)
    return book.tell(PlaceRefused, asked, reason=refused or book.room.shut or "full")


def _given_up(asked: PlaceGivenUp, book: Book, calendar: Calendar) -> Iterator[Answer]:
    place_id = asked.place_id
    if place_id in book.held or place_id in book.waiting:
        book.lose(place_id)
        yield book.tell(PlaceReleased, asked, reason=asked.reason)
        yield from _moved_up(book, calendar)
    elif place_id not in book.lost:
        book.lose(place_id, before_request=asked.reason)


def _organiser_answered(asked: OrganiserAnswered, book: Book, calendar: Calendar) -> Iterator[Answer]:
    held = book.held.get(asked.place_id)
    if asked.accepted:
        if held and not held.confirmed:
            yield book.confirm(held)
    elif held or asked.place_id in book.waiting:
        book.lose(asked.place_id)
        if asked.reason == "full" or asked.reason == "not_running":
            book.room = replace(book.room, shut=asked.reason)
        if held:
            yield book.tell(PlaceReleased, asked, reason="refused_by_organiser")
        else:
            yield book.tell(PlaceRefused, asked, reason=asked.reason or "no_reason_given")
        yield from _moved_up(book, calendar)


def _moved(book: Book, calendar: Calendar) -> Iterator[Answer]:
    """New first sessions for the places whose own, still ahead, the group no longer has."""
    for place in list(book.held.values()):
        ahead = place.session is not None and place.session.start > calendar.now
        if book.group and place.session and ahead and not calendar.still_meets(book.group, place.session):
            yield book.move(place, calendar)


def _moved_up(book: Book, calendar: Calendar) -> Iterator[Answer]:
    """The first of the waiting list, for as long as there is room."""
    while book.waiting and book.closed_to_all is None and book.free != 0:
        yield book.hold(next(iter(book.waiting.values())), calendar)
