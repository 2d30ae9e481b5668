"""A group organiser's page, behind the signed link of a message: three taps, no account, and never more of a person than a first name.

A GET changes nothing, because mail scanners follow links. What is not on the page cannot be answered by it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from services.chassis.errors import Conflict, NotFound, Transient
from services.chassis.links import Links
from services.chassis.web.bodies import Form, read_form
from services.chassis.web.pages import page
from services.chassis.web.route_table import OPEN
from services.coordinator.commands import AnswerForGroup, RecordAttendance
from services.coordinator.pages.office import Office
from services.coordinator.presenters.choices import NOT_HERE, WHY_NOT_HERE
from services.coordinator.presenters.organiser import OrganiserView, organiser_view
from services.coordinator.reading import guests_of

TEMPLATE: Final = "coordinator/organiser.html"
THANKS: Final = {
    "yes": "Thank you. They are expected.",
    "no": "Thank you for telling us. Their link worker will find something else with them.",
    "full": "Thank you for telling us. We will send nobody else until you have room again.",
    "came": "Thank you. It is good to hear that they came.",
    "missed": "Thank you. Their link worker will ask how they are.",
}
CHANGED: Final = "This has changed since you opened the page. Here is how it stands now."
NO_REASON: Final = "Choose why they cannot come."
NOT_NOW: Final = "This could not be taken just now. Please try again in a moment."
Words = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an organiser pressed: the command's kind and fields, and what they are thanked for."""

    make: type[AnswerForGroup | RecordAttendance]
    case_id: str
    fields: dict[str, Any]
    done: str


def organiser_routes(office: Office, links: Links) -> APIRouter:
    """The routes of a group's own page, open by the signature of their link."""
    router = APIRouter()

    @router.get("/g/{token}", openapi_extra=dict(OPEN))
    def show_group(request: Request, token: str, done: Words = "") -> Response:
        group_id = _group_of(links, token)
        return _gone(request) if group_id is None else _page(request, office, group_id, thanks=THANKS.get(done))

    @router.post("/g/{token}", openapi_extra=dict(OPEN))
    async def answer_for_group(request: Request, token: str) -> Response:
        group_id = _group_of(links, token)
        if group_id is None:
            return _gone(request)
        form = await read_form(request)
        answer = await run_in_threadpool(_read, form, office, group_id)
        if not isinstance(answer, Answer):
            return await run_in_threadpool(_page, request, office, group_id, mistake=answer, status=422 if answer == NO_REASON else 409)
        try:
            await office.desk.put(answer.make, answer.case_id, **answer.fields)
        except (Conflict, NotFound):
            return await run_in_threadpool(_page, request, office, group_id, mistake=CHANGED, status=409)
        except Transient:
            return await run_in_threadpool(_page, request, office, group_id, mistake=NOT_NOW, status=503)
        return RedirectResponse(f"/g/{token}?done={answer.done}", 303)

    return router


def _group_of(links: Links, token: str) -> str | None:
    """The group of a link; None where it was not made here, or has expired."""
    try:
        return links.read("g", token)
    except NotFound:
        return None


def _page(request: Request, office: Office, group_id: str, *, thanks: str | None = None, mistake: str | None = None, status: int = 200) -> Response:
    view = _look(office, group_id)
    if view is None:
        return _gone(request)
    return page(request, TEMPLATE, status_code=status, view=view[0], thanks=thanks, mistake=mistake, reasons=NOT_HERE)


def _gone(request: Request) -> Response:
    return page(request, "coordinator/organiser_gone.html", status_code=404)


def _look(office: Office, group_id: str) -> tuple[OrganiserView, dict[str, str]] | None:
    """The page of a group, and the case of each place; None where the group was never listed."""
    group = office.groups.get(group_id)
    if group is None:
        return None
    with office.reading() as store:
        guests = guests_of(store, group_id)
    return organiser_view(group, guests, office.now()), {guest.place.place_id: guest.case_id for guest in guests}


def _read(form: Form, office: Office, group_id: str) -> Answer | str:
    """What was pressed, or what is wrong with it: the page must ask it, now."""
    looked, place_id, pressed, on = _look(office, group_id), form.get("place", ""), form.get("answer", ""), form.get("on", "")
    if looked is None:
        return CHANGED
    view, case_of = looked
    if pressed in ("came", "missed") and view.asks_about(place_id, on):
        fields = {"group_id": group_id, "on": date.fromisoformat(on), "attended": pressed == "came", "said_by": "organiser"}
        return Answer(RecordAttendance, case_of[place_id], fields, pressed)
    if pressed not in ("yes", "no", "full") or not view.asks(place_id):
        return CHANGED
    if pressed == "no" and form.get("reason") not in WHY_NOT_HERE:
        return NO_REASON
    reason = {"yes": None, "full": "full"}.get(pressed, form.get("reason"))
    return Answer(AnswerForGroup, case_of[place_id], {"place_id": place_id, "accepted": pressed == "yes", "reason": reason}, pressed)
