"""A person's own page, behind the signed link of a message: when and where, how it went, and the ways to stop or to be rung.

A GET changes nothing, because mail scanners follow links; what is pressed is a POST, and the page after it says that it has arrived. Every read
of the person's details is recorded.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from services.chassis.errors import NotFound
from services.chassis.ids import MACHINE, fresh_id
from services.chassis.links import Links
from services.chassis.web.bodies import read_form
from services.chassis.web.commands import Commands
from services.chassis.web.pages import page
from services.chassis.web.route_table import OPEN
from services.followup.domain.commands import TakeAnswer
from services.followup.pages.answers import missing, read_answer
from services.followup.pages.shown import ITEMS, OwnPage, own_page
from services.followup.store import SqlFollowupStore

Reading = Callable[[], AbstractContextManager[SqlFollowupStore]]
logger = structlog.get_logger()


def page_routes(commands: Commands, reading: Reading, links: Links, now: Callable[[], datetime]) -> APIRouter:
    """The routes of the person's own page, open by the signature of their link; `now` is the domain clock's."""
    router = APIRouter(include_in_schema=False)

    @router.get("/p/{token}", openapi_extra=dict(OPEN))
    def show(request: Request, token: str, done: Annotated[str, Query(max_length=40)] = "") -> Response:
        view = _look(reading, links.read("p", token), now())
        return page(request, "followup/own.html", view=view, items=ITEMS, done=view.thanks(done), missing=(), chosen={}, refused=False)

    @router.post("/p/{token}", openapi_extra=dict(OPEN))
    async def answer(request: Request, token: str) -> Response:
        touch_id = links.read("p", token)
        form = await read_form(request)
        view = await run_in_threadpool(_look, reading, touch_id, now())
        read = read_answer(form, view)
        if read is None:
            left_open = [item.name for item in missing(form, view)]
            return page(
                request, "followup/own.html", status_code=422, view=view, items=ITEMS, done=None, missing=left_open, chosen=form, refused=True
            )  # fmt: skip
        await commands.put("followup", TakeAnswer(fresh_id(now(), MACHINE), touch_id, read.meaning, now(), read.loneliness))
        return RedirectResponse(f"/p/{token}?done={read.meaning}", 303)

    return router


def _look(reading: Reading, touch_id: str, now: datetime) -> OwnPage:
    """The page of a touch's person as it is now.

    Raises:
        NotFound: nothing is left that it could be about.
    """
    with reading() as store:
        touch = store.touch(touch_id)
        person = store.people([touch.person]).get(touch.person) if touch else None
        if touch is None or person is None:
            raise NotFound("this link leads nowhere any more")
        group = store.groups([touch.group_id], now)[touch.group_id] if touch.group_id else None
        place = store.places([touch.place_id]).get(touch.place_id) if touch.place_id else None
    logger.info("details_read", cases=[touch.case_id], shown="own_page")
    return own_page(touch, person, group, place, now)
