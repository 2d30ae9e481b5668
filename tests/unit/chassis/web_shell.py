"""A small application in the web's shell, called without a network: one route of every kind that services have."""

import asyncio
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, FastAPI, Query
from jinja2 import DictLoader
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.clock import HandSetClock
from services.chassis.web.application import application
from services.chassis.web.bodies import read_form, read_json, read_record
from services.chassis.web.guard import Guard, guard
from services.chassis.web.limits import Limits
from services.chassis.web.pages import Link, Pages, page, pages
from services.chassis.web.route_table import OPEN

TOKEN = "a-token-of-some-length"
KEY = b"k" * 32
BEARER = {"Authorization": f"Bearer {TOKEN}"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
QUEUE = '{% extends "base.html" %}{% block title %}Queue{% endblock %}{% block content %}<h1>Queue</h1><p>{{ words }}</p>{% endblock %}'


class Capacity(BaseModel):
    """What `PUT /v1/things/{id}` takes."""

    model_config = ConfigDict(extra="forbid")

    maximum: int
    waitlist: bool = False


class Failing(Exception):
    """What a service raises is put in here by a test."""


def routes(failures: Iterable[Exception] = ()) -> APIRouter:
    """The routes of a service; `GET /fails` raises the given failures in turn."""
    router = APIRouter()
    to_raise = iter(failures)

    @router.get("/")
    async def show_queue(request: Request) -> Response:
        return page(request, "town/queue.html", words=request.query_params.get("words", "Nobody waits."))

    @router.get("/v1/groups", openapi_extra=dict(OPEN))
    async def list_groups() -> dict[str, list[str]]:
        return {"items": []}

    @router.get("/v1/things")
    async def list_things(limit: Annotated[int, Query(le=200)] = 50) -> dict[str, int]:
        return {"limit": limit}

    @router.post("/v1/things", status_code=202)
    async def take_thing(request: Request) -> dict[str, Any]:
        return {"taken": await read_json(request)}

    @router.put("/v1/things/{id}")
    async def put_thing(id: str, request: Request) -> dict[str, Any]:
        return {"id": id, "capacity": await read_record(request, Capacity)}

    @router.post("/forms")
    async def take_form(request: Request) -> list[tuple[str, str]]:
        return (await read_form(request)).multi_items()

    @router.get("/fails")
    async def fail() -> None:
        raise next(to_raise)

    return router


class Shell:
    """The application, its clock, and a caller that follows no redirect and keeps no cookie."""

    def __init__(
        self,
        *more: APIRouter,
        failures: Iterable[Exception] = (),
        public_url: str | None = None,
        limits: Limits | None = None,
        token: str = TOKEN,
        key: bytes = KEY,
        well: bool = True,
        concerns: Sequence[str] = (),
    ) -> None:
        self.clock = HandSetClock(START)
        self.guard: Guard = guard(token, key, self.clock, public_url=public_url)
        self.app: FastAPI = application(
            [routes(failures), *more], self.guard, town_pages(), self.clock, version="1.2.3", alive=lambda: well, ready=lambda: well,
            concerns=lambda: concerns, limits=limits,
        )  # fmt: skip

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        base: str = "http://localhost:8080",
    ) -> httpx.Response:
        """The answer to one request."""
        raw = [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        return asyncio.run(self._call(method, base + path, raw, content))

    async def _call(self, method: str, url: str, headers: list[tuple[bytes, bytes]], content: bytes | AsyncIterable[bytes] | None) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.request(method, url, headers=headers, content=content)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The answer to a GET."""
        return self.call("GET", path, headers)

    def send_json(self, content: bytes, method: str = "POST", path: str = "/v1/things") -> httpx.Response:
        """The answer to a JSON body sent with the token."""
        return self.call(method, path, BEARER | {"Content-Type": "application/json"}, content)

    def signed_in(self) -> dict[str, str]:
        """The headers of a browser that is signed in, on one of our own pages."""
        cookie = self.get(f"/sign-in?key={self.guard.new_sign_in_key()}").cookies[self.guard.cookie]
        return {"Cookie": f"{self.guard.cookie}={cookie}", "Origin": "http://localhost:8080"}


def town_pages() -> Pages:
    """The pages of the small application."""
    return pages({"town": DictLoader({"queue.html": QUEUE})}, [Link("Queue", "/"), Link("Refer someone", "/refer")])
