"""The clinic's form: a referral in under a minute, by the same path as the API, and the page that says it has arrived.

The form carries a reference made when it was shown, so that sending it twice is one referral. What was typed survives every refusal. The
reference may be an NHS number, so it goes to the page after it sealed under the person's key and never in clear.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, RedirectResponse, Response

from services.chassis.errors import Conflict, NotFound, Transient
from services.chassis.ids import Entropy
from services.chassis.web.bodies import Form, read_form
from services.chassis.web.commands import Commands
from services.chassis.web.faults import Fault, Invalid
from services.chassis.web.pages import page
from services.intake.domain import KnownReferral, ReceiveReferral
from services.intake.pages import choices
from services.intake.pages.answers import MADE, read_answers
from services.intake.pages.reference import made_reference, opened_reference, sealed_reference
from services.intake.pages.shown import form_view
from services.intake.preparing import Preparer
from services.intake.web import Reading, command_of, take_in

STYLE: Final = Path(__file__).parents[1] / "static" / "intake.css"
logger = structlog.get_logger()


def page_routes(commands: Commands, reading: Reading, prepare: Preparer, entropy: Entropy) -> APIRouter:
    """The routes of the form; every one needs a session. `entropy` is where made references come from."""
    router = APIRouter(include_in_schema=False)

    @router.get("/refer")
    def show_form(request: Request) -> Response:
        return _form(request, Form([(MADE, made_reference(entropy))]))

    @router.post("/refer")
    async def send_form(request: Request) -> Response:
        form = await read_form(request)
        form = form if form.get(MADE) else _with_reference(form, made_reference(entropy))
        command, faults = await run_in_threadpool(_command, form, prepare)
        if command is None or faults:
            return _form(request, form, faults, 422)
        try:
            case_id, _ = await take_in(command, commands, reading)
        except Conflict:
            return _form(request, _with_reference(form, made_reference(entropy)), [_sent_before(form)], 409)
        except Transient:
            return _form(request, form, [Fault("", "This could not be taken just now. Nothing is lost: send it again in a moment")], 503)
        return RedirectResponse(await run_in_threadpool(_confirmation, reading, case_id, command), 303)

    @router.get("/refer/sent/{case_id}")
    def show_confirmation(request: Request, case_id: str, reference: str = "") -> Response:
        with reading() as store:
            known = _known(store.cases(case_id), case_id)
            told = opened_reference(store.vault, known, reference)
        logger.info("details_read", cases=[case_id], shown="confirmation")
        return page(request, "intake/sent.html", reference=told, case_href=f"/cases/{case_id}")

    @router.get("/intake.css")
    def show_style() -> Response:
        return FileResponse(STYLE, headers={"Cache-Control": "private, max-age=300"})

    return router


def _command(form: Form, prepare: Preparer) -> tuple[ReceiveReferral | None, Sequence[Fault]]:
    """The command that the form stands for, or all that is wrong with it."""
    sent, faults = read_answers(form)
    try:
        return command_of(sent, prepare), faults
    except Invalid as invalid:
        return None, [*faults, *invalid.faults]


def _form(request: Request, form: Form, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    headers = {"Retry-After": "1"} if status == 503 else None
    return page(request, "intake/refer.html", status_code=status, headers=headers, view=form_view(form, faults), choices=choices)


def _with_reference(form: Form, reference: str) -> Form:
    return Form([(name, value) for name, value in form.multi_items() if name != MADE] + [(MADE, reference)])


def _sent_before(form: Form) -> Fault:
    if form.get("referral_id", "").strip():
        return Fault("/referral_id", "This reference was sent before with other answers. Give another, or leave it empty to have one made")
    return Fault("", "This form was sent before with other answers. To send it as another referral, send it again")


def _confirmation(reading: Reading, case_id: str, command: ReceiveReferral) -> str:
    with reading() as store:
        known = _known(store.cases(case_id), case_id)
        return f"/refer/sent/{case_id}?reference={sealed_reference(store.vault, known, command.referral.referral_id or '')}"


def _known(cases: Sequence[KnownReferral], case_id: str) -> KnownReferral:
    known = next((one for one in cases if one.case_id == case_id), None)
    if known is None:
        raise NotFound("no referral is known by this id")
    return known
