"""Cases read for somebody outside: looked up, opened, and every read of a person's details recorded."""

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic_core import from_json, to_json

from services.chassis.errors import Ambiguous, NotFound
from services.chassis.web.faults import Fault, Invalid
from services.coordinator.domain import ENDED, STATUSES, VIEWS, Case, CaseFact, CasePlace, QueuePlace, Status, View
from services.coordinator.groups_view import GroupsView
from services.coordinator.presenters.opened import OpenedCase, open_case
from services.coordinator.presenters.organiser import Guest, guest
from services.coordinator.presenters.queue import Counts
from services.coordinator.presenters.records import decision_answer, queue_item, referral_status, whole_case
from services.coordinator.presenters.together import Together, together
from services.coordinator.presenters.worked import worked_on
from services.coordinator.standing import Standing, in_order, standings_of
from services.coordinator.store import SqlCoordinatorStore

QUEUE_LIMIT = 200
GUESTS = 200
NEVER = datetime.max.replace(tzinfo=UTC)
"""The time where no part of the queue is asked for that depends on it."""
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some cases of the queue, each with the fact of its referral, how many there are in all, and the cursor of the page after."""

    cases: tuple[tuple[Case, CaseFact], ...]
    total: int
    next: str | None


def page_of_queue(store: SqlCoordinatorStore, state: str | None, now: datetime, limit: int, cursor: str | None) -> QueuePage:
    """A page of the queue, sealed parts sealed; that it is shown is recorded. `state` is a status or a view.

    Raises:
        Invalid: no such state, or not a cursor of ours.
    """
    part = _part(state)
    cases = store.queue(part, now, limit + 1, _place(cursor) if cursor else None)
    page, more = cases[:limit], len(cases) > limit
    received = store.received([case.case_id for case in page])
    persons = [case.person for case in page]
    store.vault.fetch_all({"details": persons, "matching": persons})
    logger.info("details_read", cases=[case.case_id for case in page], shown="queue")
    known = tuple((case, received[case.case_id]) for case in page if case.case_id in received)
    return QueuePage(known, store.count(part, now), _cursor(page[-1]) if more else None)


def read_queue(store: SqlCoordinatorStore, state: str | None, now: datetime, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the queue: {items, total, next}; raises as `page_of_queue` does."""
    page = page_of_queue(store, state, now, limit, cursor)
    return {"items": [queue_item(case, received, now, store.vault) for case, received in page.cases], "total": page.total, "next": page.next}


def read_status(store: SqlCoordinatorStore, id_: str) -> dict[str, Any]:
    """A case as its referrer may read it."""
    file = _file(store, id_)
    logger.info("details_read", cases=[file.case.case_id], shown="status")
    return referral_status(file.case, file.history, file.standing, store.vault)


def read_decision(store: SqlCoordinatorStore, id_: str) -> dict[str, Any]:
    """How a case stands after a decision."""
    file = _file(store, id_)
    return decision_answer(file.case, file.history, file.standing, store.vault)


def every_case(store: SqlCoordinatorStore) -> Iterator[dict[str, Any]]:
    """Every case that there is, as `read_status` tells it, in the order of the queue and then those that have ended."""
    for state in (None, *ENDED):
        cursor: QueuePlace | None = None
        while cases := store.queue(state, NEVER, QUEUE_LIMIT, cursor):
            fresh = [_file_of(store, case) for case in cases if state is None or not case.red_flag]
            yield from (referral_status(one.case, one.history, one.standing, store.vault) for one in fresh)
            last = cases[-1]
            cursor = QueuePlace(last.priority, last.received_at.isoformat(), last.case_id)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, its facts in order with their sealed parts sealed, and how it stands."""

    case: Case
    history: list[CaseFact]
    standing: Standing


def read_case(store: SqlCoordinatorStore, id_: str, now: datetime, groups: GroupsView) -> dict[str, Any]:
    """A case as a coordinator works with it."""
    file = _file(store, id_)
    opened = _opened(store, file)
    beside = look_for_companion(store, opened, now)
    return whole_case(opened, file.history, now, store.vault, groups) | {"companion": asdict(beside) | {"open": beside.open} if beside else None}


def look_into_case(store: SqlCoordinatorStore, id_: str) -> OpenedCase:
    """A case with its sealed parts opened, for a page."""
    return _opened(store, _file(store, id_))


def look_for_companion(store: SqlCoordinatorStore, opened: OpenedCase, now: datetime) -> Together | None:
    """With whom the person could go the first time; that the other's case was looked into is recorded too."""
    found = together(opened, store, now)
    if found and found.other_case:
        logger.info("details_read", cases=[opened.case.case_id, found.other_case], shown="companion")
    return found


def count_queue(store: SqlCoordinatorStore, now: datetime) -> Counts:
    """How many cases there are in each part of the queue, and how far pairs have come."""
    return Counts(store.count(None, now), store.counts(), store.view_counts(now), store.companions())


def waiting_position(store: SqlCoordinatorStore, opened: OpenedCase) -> int | None:
    """Where the case's place is on its group's waiting list, from 1; None where it is on none."""
    place = opened.standing.chosen
    if place is None or place.state != "waitlisted":
        return None
    waiting = [one for one in store.places_in([place.group_id]) if one.state == "waitlisted"]
    ids = {one.place_id for one in waiting}
    said = [fact for fact in store.facts_of({one.person for one in waiting}) if fact.name == "PlaceWaitlisted" and fact.clear.place_id in ids]
    in_turn = [fact.clear.place_id for fact in sorted(said, key=lambda fact: (fact.clear.count or 0, fact.event_id))]
    return in_turn.index(place.place_id) + 1 if place.place_id in in_turn else None


def guests_of(store: SqlCoordinatorStore, group_id: str) -> list[Guest]:
    """Whom a group's organiser may see: a first name, a session, and what this organiser said; that it is shown is recorded.

    Where a red flag is open for a person, nobody is shown anything about them. Only the newest of very many places are.
    """
    places = _newest(store, store.places_in([group_id]))
    facts = store.facts_of({place.person for place in places})
    standings = standings_of({place.case_id: place.person for place in places}, facts)
    shown = [place for place in places if not standings[place.case_id].flags]
    received = store.received([place.case_id for place in shown])
    store.vault.fetch("details", [place.person for place in shown])
    logger.info("details_read", cases=[place.case_id for place in shown], shown="organiser")
    found = ((place, next((one for one in standings[place.case_id].places if one.place_id == place.place_id), None)) for place in shown)
    by_person: defaultdict[str, list[CaseFact]] = defaultdict(list)
    for fact in facts:
        by_person[fact.person].append(fact)
    return [
        guest(stands, place.case_id, by_person[place.person], received.get(place.case_id), store.vault)
        for place, stands in found
        if stands and place.case_id in received
    ]


def _newest(store: SqlCoordinatorStore, places: Sequence[CasePlace]) -> Sequence[CasePlace]:
    """The places that were given last, no more than an organiser can look through."""
    if len(places) <= GUESTS:
        return places
    given = store.given_in(places[0].group_id)
    return sorted(places, key=lambda place: (given.get(place.place_id, ""), place.place_id))[-GUESTS:]


def _opened(store: SqlCoordinatorStore, file: CaseFile) -> OpenedCase:
    logger.info("details_read", cases=[file.case.case_id], shown="case")
    worked = worked_on(file.history, store.touches_of(file.case.case_id), store.vault)
    return open_case(file.case, file.history, file.standing, worked, store.vault)


def _file(store: SqlCoordinatorStore, id_: str) -> CaseFile:
    cases = store.cases_called(id_)
    if not cases:
        raise NotFound("no referral is known by this id")
    if len(cases) > 1:
        raise Ambiguous("several cases have this referral_id; name one by its case_id", tuple(case.case_id for case in cases))
    return _file_of(store, cases[0])


def _file_of(store: SqlCoordinatorStore, case: Case) -> CaseFile:
    standing = standings_of({case.case_id: case.person}, store.facts_of([case.person]))[case.case_id]
    return CaseFile(case, in_order(store.history(case.case_id)), standing)


def _part(state: str | None) -> Status | View | None:
    if state is None:
        return None
    for part in (*STATUSES, *VIEWS):
        if part == state:
            return part
    raise _unfit("state", f"must be one of {', '.join((*STATUSES, *VIEWS))}")


def _cursor(case: Case) -> str:
    return base64.urlsafe_b64encode(to_json([case.priority, case.received_at.isoformat(), case.case_id])).decode().rstrip("=")


def _place(cursor: str) -> QueuePlace:
    try:
        priority, received_at, case_id = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(priority, int) and isinstance(received_at, str) and isinstance(case_id, str)):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise _unfit("cursor", "must be the `next` of the page before") from None
    return QueuePlace(priority, received_at, case_id)


def _unfit(parameter: str, told: str) -> Invalid:
    """What is wrong with a parameter, said also where nobody shows the pointer."""
    return Invalid([Fault(f"/{parameter}", told)], f"{parameter} {told}")
