"""`/v1/groups`: group records as files carry them, page by page, and a group listed or changed by hand."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from schemas.group import Group
from services.chassis.errors import NotFound
from services.chassis.web.bodies import read_record
from services.chassis.web.commands import Commands
from services.chassis.web.faults import Fault, Invalid
from services.chassis.web.route_table import OPEN
from services.directory.domain import BY_HAND, ListGroup, Prepared
from services.directory.presenters import as_record
from services.directory.store import Near, SqlDirectoryStore, Wanted
from services.directory.web.queries import LIMIT, Cursor, Limit, Point, Reading, Search, Tag, Within, check_depth, cursor_after, near_of, place_of

Prepare = Callable[[Sequence[Group]], Sequence[Prepared]]
"""Makes groups ready to be listed, in order."""

_GROUP = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Group"}}}}


def routes(reading: Reading, commands: Commands, prepare: Prepare, now: Callable[[], datetime]) -> APIRouter:
    """The routes of group records."""
    router = APIRouter()

    @router.get("/v1/groups", openapi_extra={**OPEN})
    def list_groups(
        limit: Limit = LIMIT, cursor: Cursor = None, q: Search = None, tag: Tag = None, near: Point = None, within_km: Within = 10
    ) -> dict[str, Any]:
        """A page of groups by id, or around a point by distance; `next` is the value for `cursor`, or null."""
        around, wanted = near_of(near, within_km), Wanted(q, tag)
        with reading() as store:
            return _page_around(store, around, wanted, limit, cursor) if around else _page(store, wanted, limit, cursor)

    @router.get("/v1/groups/{group_id}", openapi_extra={**OPEN}, responses={200: {"model": Group}})
    def show_group(group_id: str) -> JSONResponse:
        """One group, without its contact."""
        return JSONResponse(_record(reading, group_id))

    @router.put("/v1/groups/{group_id}", openapi_extra={"requestBody": _GROUP | {"required": True}}, responses={201: {"model": Group}})
    async def put_group(group_id: str, request: Request) -> JSONResponse:
        """List a group by hand, or change one: from then on no feed changes it. 201 where it was not listed before.

        Everything is replaced but the contact, which nobody can read here: without one in the body the group keeps its own, null takes it away.
        """
        group = await read_record(request, Group)
        _check(group, group_id)
        known, prepared = await run_in_threadpool(_look_up_and_prepare, reading, prepare, group)
        await commands.put("directory", ListGroup(BY_HAND, prepared, now()))
        return JSONResponse(as_record(prepared.group), 200 if known else 201)

    return router


def _page(store: SqlDirectoryStore, wanted: Wanted, limit: int, cursor: str | None) -> dict[str, Any]:
    groups = [listed.group for listed in store.page(wanted, limit + 1, after=place_of(cursor)[1])]
    following = cursor_after(0, groups[limit - 1].group_id) if len(groups) > limit else None
    return {"items": [as_record(group) for group in groups[:limit]], "total": store.count(wanted), "next": following}


def _page_around(store: SqlDirectoryStore, near: Near, wanted: Wanted, limit: int, cursor: str | None) -> dict[str, Any]:
    found, begin = store.around(near, wanted), place_of(cursor)
    page = [place for place in found if place > begin][: limit + 1]
    far = {group_id: round(km, 3) for km, group_id in page[:limit]}
    items = [as_record(listed.group) | {"distance_km": far[listed.group.group_id]} for listed in store.named(list(far))]
    return {"items": items, "total": len(found), "next": cursor_after(*page[limit - 1]) if len(page) > limit else None}


def _record(reading: Reading, group_id: str) -> dict[str, Any]:
    with reading() as store:
        listed = store.get(group_id)
    if listed is None:
        raise NotFound("no group is listed by this id")
    return as_record(listed.group)


def _check(group: Group, group_id: str) -> None:
    """Whether a group that was sent may be listed under the id in the address."""
    if group.group_id != group_id:
        raise Invalid([Fault("/group_id", "must be the id in the address")])
    if (group.latitude is None) != (group.longitude is None):
        raise Invalid(
            [Fault("/latitude" if group.latitude is None else "/longitude", "latitude and longitude belong together: give both or neither")]
        )
    check_depth(group)


def _look_up_and_prepare(reading: Reading, prepare: Prepare, group: Group) -> tuple[bool, Prepared]:
    """Whether the group is listed now, and the group ready to be listed."""
    with reading() as store:
        known = store.get(group.group_id) is not None
        if "contact" not in group.model_fields_set:
            group = group.model_copy(update={"contact": store.contacts([group.group_id]).get(group.group_id)})
    return known, prepare([group])[0]
