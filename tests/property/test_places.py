"""Requests, give-ups, answers and capacities of a few groups, in any order and any number of times, over a store that is read anew each batch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.places import (
    CapacitySet,
    OrganiserAnswered,
    PlaceGivenUp,
    PlaceHeld,
    PlaceMoved,
    PlaceRefused,
    PlaceReleased,
    PlaceRequested,
    PlaceWaitlisted,
)
from schemas.group import Group
from services.directory.handlers import answer_requests
from services.directory.places.book import Answer, Book
from services.directory.places.calendar import week_of
from services.directory.places.room import Room
from tests.unit.directory.place_desk import NOW, answered, calendar, capacity, given_up, requested

GROUPS = ("choir", "chess")
PLACES = "abcdefgh"
ANSWERS_TO_A_REQUEST = (PlaceHeld, PlaceWaitlisted, PlaceRefused, PlaceReleased)

groups = st.sampled_from(GROUPS)
places = st.sampled_from(PLACES)
capacities = st.builds(
    capacity,
    st.none() | st.integers(0, 4),
    available=st.none() | st.integers(0, 3),
    waitlist=st.booleans(),
    revision=st.integers(0, 3),
    group_id=groups,
)
requests = st.builds(requested, places, st.sampled_from([None, ("tue", "14:00"), ("fri", "10:00")]), groups)
give_ups = st.builds(given_up, places, st.sampled_from(["withdrawn", "erased"]), groups)
organisers = st.builds(answered, places, accepted=st.booleans(), reason=st.sampled_from([None, "full", "not_suitable"]), group_id=groups)
asked = st.lists(requests | requests | requests | give_ups | organisers | capacities, max_size=60)
newcomers = st.sampled_from([None, 0, 1, 2])


class Shelf:
    """Keeps books between batches: each batch gets its own copy, with no more of what was lost than it asks for."""

    def __init__(self, listed: Mapping[str, Group]) -> None:
        self.listed = listed
        self.kept: dict[str, Book] = {}

    def books(self, places: Mapping[str, Iterable[str]]) -> dict[str, Book]:
        """A copy of each book."""
        return {group_id: self._copy(group_id, set(some)) for group_id, some in places.items()}

    def keep(self, books: Iterable[Book]) -> None:
        """Keep what was touched, and nothing else of the places."""
        for book in books:
            kept = self.kept.setdefault(book.group_id, Book(book.group_id, None, Room()))
            kept.room, kept.count = book.room, book.count
            for place_id in book.touched:
                for ours, theirs in ((kept.held, book.held), (kept.waiting, book.waiting)):
                    ours.pop(place_id, None)
                    ours.update({place_id: theirs[place_id]} if place_id in theirs else {})
                kept.lost.update({place_id: book.lost[place_id]} if place_id in book.lost else {})

    def _copy(self, group_id: str, places: set[str]) -> Book:
        kept = self.kept.get(group_id, Book(group_id, None, Room()))
        copy = Book(group_id, self.listed.get(group_id), kept.room, kept.count)
        copy.enter([(True, place) for place in kept.held.values()] + [(False, place) for place in kept.waiting.values()])
        copy.lost = {place_id: reason for place_id, reason in kept.lost.items() if place_id in places}
        return copy


class Directory:
    """Answers batches over a shelf, and remembers the answers, each with what was asked."""

    def __init__(self, newcomers_per_week: int | None = None) -> None:
        sessions = [{"weekday": "tue", "start": "14:00"}, {"weekday": "fri", "start": "10:00"}]
        fields: dict[str, Any] = {"sessions": sessions, "newcomers_per_week": newcomers_per_week}
        self.shelf = Shelf({one: Group.model_validate({"group_id": one, "name": one, **fields}) for one in GROUPS})
        self.answers: list[tuple[Data, Answer]] = []
        self._events = 0

    def ask(self, batch: Iterable[Data]) -> list[Answer]:
        """Put these to the directory in one batch."""
        events = [self._event(data) for data in batch]
        by_id = {event.id: event.data for event in events}
        told = []
        for fact in answer_requests(events, self.shelf, calendar):
            assert isinstance(fact.cause, Event)
            assert isinstance(fact.data, Answer)
            told.append((by_id[fact.cause.id], fact.data))
        self.answers += told
        return [answer for _, answer in told]

    def of(self, group_id: str) -> list[Answer]:
        """What was answered about one group."""
        return [answer for _, answer in self.answers if answer.group_id == group_id]

    def _event(self, data: Data) -> Event[Data]:
        self._events += 1
        return Event(str(self._events), "/test", NOW, data, str(self._events))


@given(asked, newcomers)
def test_no_place_is_held_beyond_the_capacity_as_it_is_then(history: list[Data], limit: int | None) -> None:
    directory = Directory(limit)
    maximum: dict[str, int | None] = defaultdict(lambda: None)
    for one in history:
        if isinstance(one, CapacitySet):
            maximum[one.group_id] = one.maximum
        for answer in directory.ask([one]):
            held = directory.shelf.kept[answer.group_id].held
            if isinstance(answer, PlaceHeld) and maximum[answer.group_id] is not None:
                assert len(held) <= (maximum[answer.group_id] or 0)


@given(asked)
def test_free_is_what_is_told_and_never_below_nothing(history: list[Data]) -> None:
    directory = Directory()
    for one in history:
        for answer in directory.ask([one]):
            assert answer.free is None or answer.free >= 0
    for group_id, book in directory.shelf.kept.items():
        told = directory.of(group_id)
        assert not told or isinstance(history[-1], CapacitySet) or told[-1].waiting == len(book.waiting)


@given(asked, newcomers)
def test_every_request_is_answered_exactly_once(history: list[Data], limit: int | None) -> None:
    directory = Directory(limit)
    directory.ask(history)

    first: Counter[tuple[str, str]] = Counter()
    for cause, answer in directory.answers:
        mine = isinstance(cause, PlaceRequested) and (cause.group_id, cause.place_id) == (answer.group_id, answer.place_id)
        first[answer.group_id, answer.place_id] += mine and isinstance(answer, ANSWERS_TO_A_REQUEST)
    assert {place: n for place, n in first.items() if n} == {(one.group_id, one.place_id): 1 for one in history if isinstance(one, PlaceRequested)}


@given(asked)
def test_who_waits_moves_up_in_the_order_of_the_list(history: list[Data]) -> None:
    directory = Directory()
    waiting: dict[str, list[str]] = defaultdict(list)
    for one in history:
        for answer in directory.ask([one]):
            queue = waiting[answer.group_id]
            if isinstance(answer, PlaceWaitlisted):
                queue.append(answer.place_id)
            elif isinstance(answer, PlaceHeld):
                assert not queue or queue.pop(0) == answer.place_id
            elif answer.place_id in queue:
                queue.remove(answer.place_id)
            assert answer.waiting == len(queue)


@given(asked, newcomers)
def test_the_count_of_a_group_grows_by_one_with_each_answer(history: list[Data], limit: int | None) -> None:
    directory = Directory(limit)
    directory.ask(history)

    for group_id in GROUPS:
        assert [answer.count for answer in directory.of(group_id)] == list(range(1, len(directory.of(group_id)) + 1))


@given(asked, newcomers, st.data())
def test_batches_of_any_size_come_to_the_same(history: list[Data], limit: int | None, data: st.DataObject) -> None:
    together, apart = Directory(limit), Directory(limit)
    together.ask(history)
    while history:
        size = data.draw(st.integers(1, len(history)))
        apart.ask(history[:size])
        history = history[size:]

    assert [answer for _, answer in apart.answers] == [answer for _, answer in together.answers]


@given(asked, newcomers, st.data())
def test_what_comes_again_later_changes_nothing(history: list[Data], limit: int | None, data: st.DataObject) -> None:
    """An older capacity would be a change back, and an organiser answers what is held: their answers come again where something followed."""
    once, twice = Directory(limit), Directory(limit)
    once.ask(history)
    twice.ask(history)
    effective = [cause for cause, _ in twice.answers if isinstance(cause, OrganiserAnswered)]
    again = [*effective, *(one for one in history if isinstance(one, PlaceRequested | PlaceGivenUp))]

    assert twice.ask(data.draw(st.permutations(again))) == []
    assert twice.shelf.kept == once.shelf.kept


@given(asked, newcomers)
def test_a_capacity_that_comes_twice_in_a_row_is_one(history: list[Data], limit: int | None) -> None:
    once, doubled = Directory(limit), Directory(limit)
    once.ask(history)
    doubled.ask(two for one in history for two in (one, one))

    assert [answer for _, answer in doubled.answers] == [answer for _, answer in once.answers]


@given(asked, places, groups)
def test_a_give_up_that_overtakes_its_request_wins(history: list[Data], place_id: str, group_id: str) -> None:
    others = [one for one in history if getattr(one, "place_id", None) != place_id]
    without, overtaken = Directory(), Directory()
    without.ask(others)

    assert overtaken.ask([given_up(place_id, "changed", group_id)]) == []
    overtaken.ask(others)
    [released] = overtaken.ask([requested(place_id, group_id=group_id)])

    assert isinstance(released, PlaceReleased)
    assert (released.place_id, released.reason) == (place_id, "changed")
    ours, theirs = overtaken.shelf.kept[group_id], without.shelf.kept.get(group_id)
    assert theirs is None or (ours.held, ours.waiting, ours.room) == (theirs.held, theirs.waiting, theirs.room)


@given(asked, st.integers(1, 2))
def test_no_week_has_more_newcomers_than_the_group_takes(history: list[Data], limit: int) -> None:
    directory = Directory(limit)
    for one in history:
        directory.ask([one])

    for book in directory.shelf.kept.values():
        weeks = Counter(week_of(place.session.date) for place in book.held.values() if place.session)
        assert all(newcomers <= limit for newcomers in weeks.values())


@given(asked, st.sampled_from(["paused", "inactive", None]))
def test_imports_in_between_take_no_place_away(history: list[Data], becomes: str | None) -> None:
    directory = Directory()
    directory.ask(history)
    held = {group_id: set(book.held) for group_id, book in directory.shelf.kept.items()}
    listed = {one: group.model_copy(update={"status": becomes, "sessions": []}) for one, group in directory.shelf.listed.items()}
    directory.shelf.listed = listed if becomes else {}

    told = directory.ask([capacity(0, group_id=group_id) for group_id in held])

    assert all(isinstance(answer, PlaceMoved) for answer in told)
    assert {group_id: set(book.held) for group_id, book in directory.shelf.kept.items()} == held


def test_erasing_leaves_no_trace_of_the_person_but_the_place() -> None:
    directory = Directory()
    directory.ask([requested("a"), requested("b"), PlaceGivenUp.model_validate(given_up("a", "erased").model_dump())])

    assert "person of a" not in repr(directory.shelf.kept)
    assert "person of b" in repr(directory.shelf.kept)
    assert replace(directory.shelf.kept["choir"], held={}).lost == {"a": None}
