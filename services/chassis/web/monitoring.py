"""What a monitor asks: is it alive, does it take work, where does its time go; and the static files that pages need."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from services.chassis.errors import Stopped
from services.chassis.web.route_table import OPEN

STATIC: Final = Path(__file__).parent / "static"
_KEPT_BY_BROWSERS: Final = "public, max-age=300"


def routes(alive: Callable[[], bool], ready: Callable[[], bool], concerns: Callable[[], Sequence[str]], metrics: CollectorRegistry) -> APIRouter:
    """Health and metrics; what takes requests and is not in every way as it should be is ready, and says so."""
    router = APIRouter(tags=["monitoring"])

    @router.head("/health/live", openapi_extra=dict(OPEN), include_in_schema=False)
    @router.get("/health/live", openapi_extra=dict(OPEN), summary="Whether the services run")
    async def live() -> dict[str, str]:
        return _well(alive(), "The services have stopped.")

    @router.head("/health/ready", openapi_extra=dict(OPEN), include_in_schema=False)
    @router.get("/health/ready", openapi_extra=dict(OPEN), summary="Whether requests are taken")
    def takes_requests() -> dict[str, Any]:  # in a thread: to find out what is amiss, a file may be read
        well = _well(ready(), "The services are not ready yet.")
        return {**well, "concerns": amiss} if (amiss := list(concerns())) else {**well}

    @router.get("/metrics", response_class=Response, summary="Counts and times in Prometheus's text format")
    def show_metrics() -> Response:  # in a thread: some numbers are asked of a database
        return Response(generate_latest(metrics), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    return router


def static_routes() -> APIRouter:
    """The files that pages need; anybody may have them."""
    router = APIRouter(include_in_schema=False)
    static = StaticFiles(directory=STATIC)

    @router.get("/static/{file:path}", openapi_extra=dict(OPEN))
    async def show_file(file: str, request: Request) -> Response:
        response = await static.get_response(file, request.scope)
        response.headers["Cache-Control"] = _KEPT_BY_BROWSERS
        return response

    return router


def _well(well: bool, otherwise: str) -> dict[str, str]:
    if not well:
        raise Stopped(otherwise)
    return {"status": "ok"}
