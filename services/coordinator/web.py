"""The coordinator over HTTP: a referral's status, the queue, a case as it is worked on, and what is decided about it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from services.chassis.ids import Entropy, fresh_id
from services.chassis.web.bodies import read_record
from services.chassis.web.commands import Commands
from services.chassis.web.faults import Fault, Invalid
from services.coordinator.commands import Command
from services.coordinator.groups_view import GroupsView
from services.coordinator.handlers import UnknownGroup
from services.coordinator.presenters.asked import Asked, Attendance, Closing, Decision, GoingTogether, NewTask, NoteText
from services.coordinator.reading import QUEUE_LIMIT, read_case, read_decision, read_queue, read_status
from services.coordinator.store import SqlCoordinatorStore

Reading = Callable[[], AbstractContextManager[SqlCoordinatorStore]]
Now = Callable[[], datetime]


def routes(reading: Reading, groups: GroupsView, commands: Commands, now: Now, entropy: Entropy) -> APIRouter:
    """The routes about cases; every one needs a credential. `now` is the domain clock's."""
    router = APIRouter(tags=["coordinator"])
    router.include_router(_reading_routes(reading, groups, now))
    router.include_router(_deciding_routes(reading, Desk(commands, now, entropy)))
    return router


class Desk:
    """Puts commands about cases to the coordinator."""

    def __init__(self, commands: Commands, now: Now, entropy: Entropy) -> None:
        self._commands, self._now, self._entropy = commands, now, entropy

    async def put(self, make: Callable[..., Command], case: str, **fields: Any) -> None:
        """Have a command done; what stands already changes nothing.

        Raises:
            Invalid: the group is not known.
            Conflict: something else stands; the sentence says what.
            NotFound: no such case, place or task.
        """
        at = self._now()
        try:
            await self._commands.put("coordinator", make(case=case, id=fresh_id(at, self._entropy), at=at, **fields))
        except UnknownGroup as unknown:
            raise Invalid([Fault("/group_id", str(unknown))]) from None


def _reading_routes(reading: Reading, groups: GroupsView, now: Now) -> APIRouter:
    router = APIRouter()

    @router.get("/v1/referrals/{id}")
    def referral_status(id: str) -> dict[str, Any]:
        """What became of a referral, by its case_id, or by its referral_id where only one case has it."""
        with reading() as store:
            return read_status(store, id)

    @router.get("/v1/queue")
    def queue(
        state: str | None = None,
        limit: Annotated[int, Query(ge=1, le=QUEUE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> dict[str, Any]:
        """The cases in the order in which they need somebody: open flags, urgent, then who has waited longest.

        `state` is a status, or one of new, urgent, red_flag, waiting, to_do, overdue and silent.
        """
        with reading() as store:
            return read_queue(store, state, now(), limit, cursor)

    @router.get("/v1/companions")
    def companions() -> dict[str, int]:
        """How many pairs could have gone together the first time, and of how many both were asked, agreed, and went."""
        with reading() as store:
            return dict(store.companions())

    @router.get("/v1/queue/{id}")
    def case(id: str) -> dict[str, Any]:
        """One case with its proposal, the person's own words, the groups by name, and all that was done about it."""
        with reading() as store:
            return read_case(store, id, now(), groups)

    return router


def _deciding_routes(reading: Reading, desk: Desk) -> APIRouter:
    router = APIRouter()

    def answer(id: str) -> dict[str, Any]:
        with reading() as store:
            return read_decision(store, id)

    def route(path: str, record: type[Asked]) -> None:
        @router.post(f"/v1/queue/{{id}}/{path}", name=path, description=record.__doc__, openapi_extra=_body(record))
        async def ask(id: str, request: Request) -> dict[str, Any]:
            asked = await read_record(request, record)
            await desk.put(asked.command, id, **asked.fields())
            return await run_in_threadpool(answer, id)

    route("decisions", Decision)
    route("attendance", Attendance)
    route("companion", GoingTogether)
    route("notes", NoteText)
    route("tasks", NewTask)

    @router.post("/v1/queue/{id}/tasks/{task_id}/closing", openapi_extra=_body(Closing))
    async def close_task(id: str, task_id: str, request: Request) -> dict[str, Any]:
        """Close a task of the case, with a note where there is something to say."""
        asked = await read_record(request, Closing)
        await desk.put(asked.command, id, task_id=task_id, **asked.fields())
        return await run_in_threadpool(answer, id)

    return router


def _body(record: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": record.model_json_schema()}}}}
