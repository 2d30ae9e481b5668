"""The coordinator's pages: the queue, a case as it is worked on, the ledger of unmet need, and behind a signed link a group organiser's own.

A GET changes nothing, and every read of details is recorded. A form is answered by a redirect to the page that tells what came of it, or by the
same page with what is wrong and all that was typed.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, Response

from services.chassis.links import Links
from services.chassis.web.pages import page
from services.coordinator.pages.case import case_routes
from services.coordinator.pages.office import Office
from services.coordinator.pages.organiser import organiser_routes
from services.coordinator.presenters.queue import queue_row, queue_view
from services.coordinator.presenters.unmet import unmet_view
from services.coordinator.reading import count_queue, page_of_queue

__all__ = ["Office", "page_routes"]

ROWS: Final = 25
STYLE: Final = Path(__file__).parents[1] / "static" / "coordinator.css"
STYLE_LIVES: Final = timedelta(minutes=5)
Text = Annotated[str | None, Query(max_length=500)]


def page_routes(office: Office, links: Links) -> APIRouter:
    """The routes that answer with pages; every one needs a session, but for the organiser's, which its link opens."""
    router = APIRouter(include_in_schema=False)
    router.include_router(_looking_routes(office))
    router.include_router(case_routes(office))
    router.include_router(organiser_routes(office, links))
    return router


def _looking_routes(office: Office) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    def show_queue(request: Request, state: Text = None, cursor: Text = None) -> Response:
        now = office.now()
        with office.reading() as store:
            found = page_of_queue(store, state or None, now, ROWS, cursor or None)
            rows = tuple(queue_row(case, received, store.vault, now, office.zone) for case, received in found.cases)
            view = queue_view(rows, count_queue(store, now), state or None, cursor or None, found.next)
        return page(request, "coordinator/queue.html", view=view)

    @router.get("/unmet")
    def show_unmet_need(request: Request, month: Text = None, area: Text = None) -> Response:
        with office.reading() as store:
            view = unmet_view(store.unmet(), month or None, area or None, store.unmet_from())
        return page(request, "coordinator/unmet.html", view=view)

    @router.get("/coordinator.css")
    def show_style() -> Response:
        return FileResponse(STYLE, headers={"Cache-Control": f"private, max-age={STYLE_LIVES.seconds}"})

    return router
