"""Every route of the composed application needs a credential, or stands in the closed list of what anybody may read."""

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from services.chassis.clock import SystemClock
from services.chassis.pump import Pump
from services.chassis.web.application import WronglyComposed, application
from services.chassis.web.guard import guard
from services.chassis.web.pages import pages
from services.chassis.web.route_table import OPEN, RouteTable
from services.cli.installation import embedded_installation, settings_for
from services.cli.serving import compose

GATE = guard("a-token", b"k" * 32, SystemClock())
OPEN_TO_ANYBODY = {
    "GET /health/live",
    "GET /health/ready",
    "HEAD /health/live",
    "HEAD /health/ready",
    "GET /static/{file:path}",
    "GET /openapi.json",
    "GET /asyncapi.json",
    "GET /sign-in",
    "POST /sign-in",
    "GET /v1/groups",
    "GET /v1/groups/{group_id}",
    "GET /hsds",
    "GET /hsds/",
    "GET /hsds/services",
    "GET /hsds/services/{service_id:path}",
    "GET /p/{token}",
    "POST /p/{token}",
    "GET /g/{token}",
    "POST /g/{token}",
}


def faults(table: RouteTable) -> Iterator[str]:
    """The routes that are open and should not be, or should be and are not."""
    named = {f"{method} {route.template}": route.open for route in table.routes for method in route.methods}
    yield from (f"{name} is open" for name, is_open in named.items() if is_open and name not in OPEN_TO_ANYBODY)
    yield from (f"{name} is guarded" for name in OPEN_TO_ANYBODY if not named.get(name))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """What `together up` serves, over an empty folder."""
    with embedded_installation(settings_for(tmp_path_factory.mktemp("folder"))) as running:
        yield compose(running, Pump(running.services), GATE)


def statuses(app: FastAPI, asked: list[tuple[str, str]]) -> list[int]:
    """What each method and path is answered without a credential."""

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return [(await client.request(method, path)).status_code for method, path in asked]

    return asyncio.run(ask())


def test_only_the_closed_list_is_open(app: FastAPI) -> None:
    assert list(faults(app.state.routes)) == []


def test_every_other_route_refuses_who_has_no_credential(app: FastAPI) -> None:
    guarded = [(method, route) for route in app.state.routes.routes if not route.open for method in sorted(route.methods)]
    assert len(guarded) >= 5
    asked = [(method, re.sub(r"\{[^}]+\}", "some-id", route.template)) for method, route in guarded]
    assert dict(zip(asked, statuses(app, asked), strict=True)) == dict.fromkeys(asked, 401)


def test_what_is_not_there_refuses_too(app: FastAPI) -> None:
    asked = [("GET", "/"), ("GET", "/v1"), ("GET", "/metrics"), ("GET", "/docs"), ("GET", "/redoc"), ("DELETE", "/v1/groups"), ("GET", "/v1/queue/")]
    assert set(statuses(app, asked)) == {401}


def planted(method: str, path: str, *, open_to_anybody: bool) -> APIRouter:
    """One route."""
    router = APIRouter()
    router.add_api_route(path, lambda: {}, methods=[method], openapi_extra=dict(OPEN) if open_to_anybody else None)
    return router


def composed(router: APIRouter) -> FastAPI:
    """The shell around one router."""
    return application([router], GATE, pages(), SystemClock(), version="0", alive=lambda: True, ready=lambda: True)


def test_the_guard_tells_a_route_that_is_open_or_guarded_by_mistake() -> None:
    table = RouteTable(planted("GET", "/v1/queue", open_to_anybody=True).routes)
    assert "GET /v1/queue is open" in faults(table)
    assert "GET /v1/groups is guarded" in faults(RouteTable(planted("GET", "/v1/groups", open_to_anybody=False).routes))


def test_an_application_with_such_a_route_does_not_start() -> None:
    with pytest.raises(WronglyComposed, match="PUT /v1/groups is open to anybody"):
        composed(planted("PUT", "/v1/groups", open_to_anybody=True))


def test_the_guard_would_tell_a_route_that_lets_anybody_in() -> None:
    assert statuses(composed(planted("GET", "/v1/groups", open_to_anybody=True)), [("GET", "/v1/groups"), ("GET", "/v1/queue")]) == [200, 401]
