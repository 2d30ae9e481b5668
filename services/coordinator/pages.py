"""The coordinator's pages: the queue, a case, and the ledger of unmet need. They change nothing, and every read of details is recorded."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, Response

from services.chassis.web.pages import page
from services.coordinator.groups_view import GroupsView
from services.coordinator.presenters.case import case_view
from services.coordinator.presenters.queue import queue_row, queue_view
from services.coordinator.presenters.unmet import unmet_view
from services.coordinator.reading import look_into_case, page_of_queue
from services.coordinator.web import Reading

ROWS: Final = 25
STYLE: Final = Path(__file__).parent / "static" / "coordinator.css"
Text = Annotated[str | None, Query(max_length=500)]


def page_routes(reading: Reading, groups: GroupsView, now: Callable[[], datetime], zone: tzinfo) -> APIRouter:
    """The routes that answer with pages; every one needs a session. Times are told in `zone`, `now` is the domain clock's."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def show_queue(request: Request, state: Text = None, cursor: Text = None) -> Response:
        with reading() as store:
            found = page_of_queue(store, state or None, now(), ROWS, cursor or None)
            rows = tuple(queue_row(case, received, store.vault, now(), zone) for case, received in found.cases)
            view = queue_view(rows, store.counts(), store.count(None, now()), state or None, cursor or None, found.next)
        return page(request, "coordinator/queue.html", view=view)

    @router.get("/cases/{case_id}")
    def show_case(request: Request, case_id: str) -> Response:
        with reading() as store:
            opened = look_into_case(store, case_id)
        return page(request, "coordinator/case.html", view=case_view(opened, groups.get, now(), zone))

    @router.get("/unmet")
    def show_unmet_need(request: Request, month: Text = None, area: Text = None) -> Response:
        with reading() as store:
            view = unmet_view(store.unmet(), month or None, area or None)
        return page(request, "coordinator/unmet.html", view=view)

    @router.get("/coordinator.css")
    def show_style() -> Response:
        return FileResponse(STYLE, headers={"Cache-Control": "private, max-age=300"})

    return router
