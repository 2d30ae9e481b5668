"""Intake over HTTP: referrals in from record systems and from a plain form, and taken back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from schemas.events.base import Data
from schemas.events.referrals import ReferralReceived
from schemas.referral import Referral
from services.chassis.web.bodies import read_json
from services.chassis.web.commands import Commands
from services.chassis.web.faults import Fault, Invalid
from services.intake.domain import ReceiveReferral, WithdrawReferral
from services.intake.handlers import case_of
from services.intake.preparing import Preparer
from services.intake.reading import canonical, read_referral, required_problems
from services.intake.store import SqlIntakeStore

Reading = Callable[[], AbstractContextManager[SqlIntakeStore]]

_NEEDED = {**Referral.model_json_schema(), "required": ["referral_id", "person_id"]}
_RECEIVED = {
    "type": "object",
    "required": ["referral_id", "case_id", "status_url"],
    "properties": {name: {"type": "string"} for name in ("referral_id", "case_id", "status_url")},
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The same referral was received before", "content": {"application/json": {"schema": _RECEIVED}}},
    202: {"description": "Received", "content": {"application/json": {"schema": _RECEIVED}}},
}


def routes(commands: Commands, reading: Reading, prepare: Preparer) -> APIRouter:
    """The routes under /v1/referrals that write."""
    router = APIRouter(tags=["intake"])

    @router.post(
        "/v1/referrals",
        status_code=202,
        responses=_ANSWERS,
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _NEEDED}}}},
    )
    async def receive_referral(request: Request, response: Response) -> dict[str, str]:
        """Take one referral in; the same again answers 200 with the same body, the same id with other content 409."""
        command = await run_in_threadpool(command_of, await read_json(request), prepare)
        case_id, new = await take_in(command, commands, reading)
        response.status_code = 202 if new else 200
        return {"referral_id": command.referral.referral_id or "", "case_id": case_id, "status_url": f"/v1/referrals/{case_id}"}

    @router.post("/v1/referrals/{id}/withdrawal", status_code=202)
    async def withdraw_referral(id: str) -> dict[str, str]:
        """Take a referral back, by its case_id, or by its referral_id where only one case has it; again changes nothing."""
        await commands.put("intake", WithdrawReferral(id))
        return {"status_url": f"/v1/referrals/{id}"}

    return router


def command_of(sent: object, prepare: Preparer) -> ReceiveReferral:
    """The command that takes in what was sent.

    Raises:
        Invalid: fields are bad or missing; every one is named.
    """
    if not isinstance(sent, dict):
        raise Invalid([Fault("", "is not a JSON object")])
    referral = read_referral(sent)
    if not isinstance(referral, Referral):
        raise Invalid(referral)
    if missing := required_problems(referral):
        raise Invalid(missing)
    return prepare.command(referral, canonical(sent))


async def take_in(command: ReceiveReferral, commands: Commands, reading: Reading) -> tuple[str, bool]:
    """The referral's case once it is written down, and whether it is new.

    Raises:
        Conflict: the same id was taken in with other content.
        Transient: it cannot be taken now, or was not done in time; sending the same again is safe.
    """
    received = _received([event.data for event in await commands.put("intake", command)])
    if received:
        return received.case_id, True
    return await run_in_threadpool(_known_case, command, reading), False


def _received(written: list[Data]) -> ReferralReceived | None:
    return next((data for data in written if isinstance(data, ReferralReceived)), None)


def _known_case(command: ReceiveReferral, reading: Reading) -> str:
    with reading() as store:
        return case_of(command, store)
