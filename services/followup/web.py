"""Replies over HTTP: what a person answered, as if it had come by message."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from schemas.events.follow_ups import Meaning
from services.chassis.web.bodies import read_record
from services.chassis.web.commands import Commands
from services.followup.domain.commands import LONGEST_REPLY, reply_command
from services.followup.handlers.replies import Reading, meaning_of


class LocalReply(BaseModel):
    """Who wrote what; `person_id` is the sender's id of them where it names one person, or our own."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    person_id: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REPLY)]


_MEANT = {"type": "object", "required": ["meaning"], "properties": {"meaning": {"type": "string"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {202: {"description": "Taken", "content": {"application/json": {"schema": _MEANT}}}}


def routes(commands: Commands, reading: Reading, now: Callable[[], datetime]) -> APIRouter:
    """The route by which a reply is brought by hand; `now` is the domain clock's."""
    router = APIRouter(tags=["followup"])

    @router.post(
        "/v1/replies/local",
        status_code=202,
        responses=_ANSWERS,
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": LocalReply.model_json_schema()}}}},
    )
    async def take_reply(request: Request) -> dict[str, Meaning]:
        """Take what a person answered, once where it is sent again within ten minutes; a STOP here is for every channel."""
        reply = await read_record(request, LocalReply)
        command = reply_command(reply.person_id, reply.text, now())
        events = await commands.put("followup", command)
        return {"meaning": await run_in_threadpool(meaning_of, command, events, reading)}

    return router
