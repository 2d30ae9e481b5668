"""`/v1/groups/{id}/capacity`: how many a group takes, set by hand."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from schemas.group import Capacity
from services.chassis.web.bodies import read_record
from services.chassis.web.commands import Commands
from services.directory.domain import SetCapacity
from services.directory.web.queries import check_depth

_BODY = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Capacity"}}}}


def routes(commands: Commands, now: Callable[[], datetime]) -> APIRouter:
    """The route of a group's capacity."""
    router = APIRouter()

    @router.put("/v1/groups/{group_id}/capacity", openapi_extra={"requestBody": _BODY}, responses={200: {"model": Capacity}})
    async def put_capacity(group_id: str, request: Request) -> JSONResponse:
        """Set how many a group takes; answers the capacity as it stands. It stands until it is set again or the group's feed says another one.

        More moves the waiting list up, less takes nobody's place away. The same again is no new count of what is `available`.
        """
        capacity = await read_record(request, Capacity)
        check_depth(capacity)
        await commands.put("directory", SetCapacity(group_id, capacity, now()))
        return JSONResponse(capacity.model_dump(mode="json"))

    return router
