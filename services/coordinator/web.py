"""The coordinator over HTTP: a referral's status, the queue, and a case as it is worked on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.coordinator.groups_view import GroupsView
from services.coordinator.reading import QUEUE_LIMIT, read_case, read_queue, read_status
from services.coordinator.store import SqlCoordinatorStore

Reading = Callable[[], AbstractContextManager[SqlCoordinatorStore]]


def routes(reading: Reading, groups: GroupsView) -> APIRouter:
    """The routes that read cases; every one needs a credential."""
    router = APIRouter(tags=["coordinator"])

    @router.get("/v1/referrals/{id}")
    def referral_status(id: str) -> dict[str, Any]:
        """What became of a referral, by its case_id, or by its referral_id where only one case has it."""
        with reading() as store:
            return read_status(store, id)

    @router.get("/v1/queue")
    def queue(
        state: str | None = None,
        limit: Annotated[int, Query(ge=1, le=QUEUE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> dict[str, Any]:
        """The cases in the order in which they need somebody: open flags, urgent, then who has waited longest."""
        with reading() as store:
            return read_queue(store, state, limit, cursor)

    @router.get("/v1/queue/{id}")
    def case(id: str) -> dict[str, Any]:
        """One case with its proposal, the person's own words and the proposed groups by name."""
        with reading() as store:
            return read_case(store, id, groups)

    return router
