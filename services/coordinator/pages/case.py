"""A case's page: read, searched for another group, and worked on by forms that each carry the version that was seen."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from services.chassis.errors import Conflict, Rejected, Transient
from services.chassis.web.bodies import Form, read_form
from services.chassis.web.faults import Fault, Invalid
from services.chassis.web.pages import page
from services.coordinator.pages.acts import Act, read_act
from services.coordinator.pages.office import Office
from services.coordinator.presenters.agreed import what_stands
from services.coordinator.presenters.case import Looked, case_view
from services.coordinator.presenters.choices import CLOSED, DECLINED, FLAGGED
from services.coordinator.presenters.opened import OpenedCase
from services.coordinator.presenters.sent import NOTHING_SENT, Sent
from services.coordinator.reading import look_for_companion, look_into_case, waiting_position

FOUND: Final = 8
"""How many groups a search by name shows."""

OFFERED: Final = {"declined": DECLINED, "closed": CLOSED, "flagged": FLAGGED}
NOTICES: Final = {
    "chosen": "The group is agreed, and a place is asked for.",
    "declined": "It is noted that they do not want this.",
    "closed": "The case is closed.",
    "reopened": "The case is open again.",
    "flagged": "The red flag is raised. Nothing is sent to them by itself any more.",
    "settled": "The red flags are settled.",
    "asking": "Both are to be asked. Neither is told anything of the other yet.",
    "together_yes": "It is noted that they would like to go together.",
    "together_no": "It is noted: they come alone this time, and the other is told nothing of why.",
    "apart": "It is let be: each comes alone this time.",
    "came": "It is noted that they came.",
    "missed": "It is noted that they did not come.",
    "noted": "The note is written.",
    "task": "The task is opened.",
    "done": "The task is done.",
}
NOT_NOW: Final = "This could not be taken just now. Nothing is lost: send it again in a moment"
Words = Annotated[str | None, Query(max_length=200)]


def case_routes(office: Office) -> APIRouter:
    """The routes of a case's page; each needs a session."""
    router = APIRouter()

    @router.get("/cases/{case_id}")
    def show_case(request: Request, case_id: str, group: Words = None, done: Words = None) -> Response:
        return _page(request, office, case_id, NOTHING_SENT, group=group, done=done)

    @router.post("/cases/{case_id}")
    async def work_on_case(request: Request, case_id: str) -> Response:
        form = await read_form(request)
        act = read_act(form, office.now(), office.zone)
        if act is None:
            raise Invalid([Fault("", "No form of this page asks for that. Open the case again.")])
        if act.faults:
            return await run_in_threadpool(_page, request, office, case_id, Sent(form, act.faults), status=422)
        try:
            await office.desk.put(act.make, case_id, **act.fields)
        except Conflict as refused:
            return await run_in_threadpool(_refused, request, office, case_id, form, act, refused)
        except Invalid as invalid:
            said = [Fault("", f"{fault.detail[:1].upper()}{fault.detail[1:]}") for fault in invalid.faults]
            return await run_in_threadpool(_page, request, office, case_id, Sent(form, tuple(said)), status=422)
        except Transient:
            return await run_in_threadpool(_page, request, office, case_id, Sent(form, (Fault("", NOT_NOW),)), status=503)
        return RedirectResponse(f"/cases/{case_id}?done={act.done}", 303)

    return router


def _page(
    request: Request, office: Office, case_id: str, sent: Sent, *, group: str | None = None, done: str | None = None, status: int = 200
) -> Response:
    group = group or sent.form.get("group")
    with office.reading() as store:
        opened = look_into_case(store, case_id)
        position, beside = waiting_position(store, opened), look_for_companion(store, opened, office.now())
    found = office.groups.called(group, FOUND) if group and group.strip() else None
    view = case_view(opened, Looked(office.groups.get, office.now(), office.zone), position, found)
    headers = {"Retry-After": "1"} if status == 503 else None
    shown = {
        "view": view,
        "beside": beside,
        "beside_words": beside.sentence(office.zone) if beside else None,
        "sent": sent,
        "offered": OFFERED,
        "done": NOTICES.get(done or ""),
        "searched": (group or "").strip(),
    }
    return page(request, "coordinator/case.html", status_code=status, headers=headers, **shown)


def _refused(request: Request, office: Office, case_id: str, form: Form, act: Act, refused: Rejected) -> Response:
    """The page as things stand now, with what was refused and why, and all that was typed."""
    with office.reading() as store:
        opened = look_into_case(store, case_id)
    conflict = _what_happened(opened, act, refused, office)
    return _page(request, office, case_id, Sent(form, (), conflict), status=409)


def _what_happened(opened: OpenedCase, act: Act, refused: Rejected, office: Office) -> str:
    standing = opened.standing
    if standing.ended or act.fields.get("version") not in (None, standing.version):
        return f"Somebody else has decided in the meantime: {what_stands(standing, office.groups.get)}"
    if "seen" in act.fields:
        return "Another red flag was raised in the meantime. Read it first."
    told = str(refused)
    return f"{told[:1].upper()}{told[1:]}."
