"""Cases read for somebody outside: looked up, opened, and every read of a person's details recorded."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic_core import from_json, to_json

from services.chassis.errors import Ambiguous, NotFound, Rejected
from services.coordinator.domain import ENDED, STATUSES, Case, CaseFact, QueuePlace, Status, in_order
from services.coordinator.groups_view import GroupsView
from services.coordinator.presenters.opened import OpenedCase, open_case
from services.coordinator.presenters.records import queue_item, referral_status, whole_case
from services.coordinator.store import SqlCoordinatorStore

QUEUE_LIMIT = 200
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some cases of the queue, each with the fact of its referral, how many there are in all, and the cursor of the page after."""

    cases: tuple[tuple[Case, CaseFact], ...]
    total: int
    next: str | None


def page_of_queue(store: SqlCoordinatorStore, state: str | None, limit: int, cursor: str | None) -> QueuePage:
    """A page of the queue, sealed parts sealed; that it is shown is recorded.

    Raises:
        Rejected: no such state, or not a cursor of ours.
    """
    status = _status(state)
    cases = store.queue(status, limit + 1, _place(cursor) if cursor else None)
    page, more = cases[:limit], len(cases) > limit
    received = store.received([case.case_id for case in page])
    logger.info("details_read", cases=[case.case_id for case in page], shown="queue")
    known = tuple((case, received[case.case_id]) for case in page if case.case_id in received)
    return QueuePage(known, store.count(status), _cursor(page[-1]) if more else None)


def read_queue(store: SqlCoordinatorStore, state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the queue: {items, total, next}; raises as `page_of_queue` does."""
    page = page_of_queue(store, state, limit, cursor)
    return {"items": [queue_item(case, received, store.vault) for case, received in page.cases], "total": page.total, "next": page.next}


def read_status(store: SqlCoordinatorStore, id_: str) -> dict[str, Any]:
    """A case as its referrer may read it."""
    case, history = _case(store, id_)
    logger.info("details_read", cases=[case.case_id], shown="status")
    return referral_status(case, history, store.vault)


def every_case(store: SqlCoordinatorStore) -> Iterator[dict[str, Any]]:
    """Every case that there is, as `read_status` tells it, in the order of the queue and then those that have ended."""
    for state in (None, *ENDED):
        cursor: QueuePlace | None = None
        while cases := store.queue(state, QUEUE_LIMIT, cursor):
            fresh = [case for case in cases if state is None or not case.red_flag]
            yield from (referral_status(case, in_order(store.history(case.case_id)), store.vault) for case in fresh)
            last = cases[-1]
            cursor = QueuePlace(last.priority, last.received_at.isoformat(), last.case_id)


def read_case(store: SqlCoordinatorStore, id_: str, groups: GroupsView) -> dict[str, Any]:
    """A case as a coordinator works with it."""
    case, history = _case(store, id_)
    logger.info("details_read", cases=[case.case_id], shown="case")
    return whole_case(case, history, store.vault, groups)


def look_into_case(store: SqlCoordinatorStore, id_: str) -> OpenedCase:
    """A case with its sealed parts opened, for a page."""
    case, history = _case(store, id_)
    logger.info("details_read", cases=[case.case_id], shown="case")
    return open_case(case, history, store.vault)


def _case(store: SqlCoordinatorStore, id_: str) -> tuple[Case, list[CaseFact]]:
    cases = store.cases_called(id_)
    if not cases:
        raise NotFound("no referral is known by this id")
    if len(cases) > 1:
        raise Ambiguous("several cases have this referral_id; name one by its case_id", tuple(case.case_id for case in cases))
    return cases[0], in_order(store.history(cases[0].case_id))


def _status(state: str | None) -> Status | None:
    if state is None:
        return None
    for status in STATUSES:
        if status == state:
            return status
    raise Rejected(f"state is one of {', '.join(STATUSES)}")


def _cursor(case: Case) -> str:
    return base64.urlsafe_b64encode(to_json([case.priority, case.received_at.isoformat(), case.case_id])).decode().rstrip("=")


def _place(cursor: str) -> QueuePlace:
    try:
        priority, received_at, case_id = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(priority, int) and isinstance(received_at, str) and isinstance(case_id, str)):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise Rejected("cursor is not one that the queue gave") from None
    return QueuePlace(priority, received_at, case_id)
