"""Composes the services' routes into one application inside the shell: headers, log line, guard and limits, in that order, then the routes."""

from collections.abc import Callable, Iterable, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware import Middleware

from services.chassis.clock import Clock
from services.chassis.tracing import OFF, Tracing
from services.chassis.web import description, monitoring, signing_in
from services.chassis.web.guard import Guard, GuardMiddleware
from services.chassis.web.headers import HeadersMiddleware
from services.chassis.web.limits import Limits, LimitsMiddleware
from services.chassis.web.metrics import Families, registry
from services.chassis.web.pages import PRODUCT, Pages
from services.chassis.web.problems import handlers
from services.chassis.web.request_line import RequestLineMiddleware, Tally
from services.chassis.web.route_table import RouteTable
from services.chassis.web.traced import TracedMiddleware


class WronglyComposed(Exception):
    """A route breaks a rule that every route keeps; the application does not start."""


def application(
    routers: Iterable[APIRouter],
    guard: Guard,
    pages: Pages | None,
    wall: Clock,
    *,
    version: str,
    alive: Callable[[], bool],
    ready: Callable[[], bool],
    concerns: Callable[[], Sequence[str]] = tuple,
    title: str = PRODUCT,
    metrics: Iterable[Families] = (),
    limits: Limits | None = None,
    tracing: Tracing = OFF,
) -> FastAPI:
    """The application that serves these routes; a route is guarded unless it says `openapi_extra=OPEN` and the closed list allows it.

    `alive`, `ready` and `concerns` are what the health routes tell, `metrics` are added to the shell's own. Without `pages` nobody can sign
    in, and every refusal is a problem document.

    Raises:
        WronglyComposed: a route is open and not on the closed list, stands twice, or declares a body instead of reading it by `bodies`.
    """
    tally = Tally()
    shell = _shell(wall, tally, guard, tracing, limits or Limits())
    app = FastAPI(
        title=title, version=version, openapi_url=None, redirect_slashes=False, middleware=shell, exception_handlers=handlers(),
        responses=description.PROBLEMS, telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )  # fmt: skip
    app.state.pages = pages
    ours = monitoring.routes(alive, ready, concerns, registry([tally.metrics, *metrics]))
    for_people = (monitoring.static_routes(), description.routes(guard.cookie), signing_in.routes(guard)) if pages else ()
    for router in (ours, *for_people, *routers):
        app.include_router(router)
    app.state.routes = _checked(app)
    return app


def _shell(wall: Clock, tally: Tally, guard: Guard, tracing: Tracing, limits: Limits) -> list[Middleware]:
    traced = [Middleware(TracedMiddleware, tracing=tracing)] if tracing.tracer else []
    return [
        Middleware(HeadersMiddleware),
        Middleware(RequestLineMiddleware, wall=wall, tally=tally),
        Middleware(GuardMiddleware, guard=guard),
        *traced,
        Middleware(LimitsMiddleware, limits=limits),
    ]


def _checked(app: FastAPI) -> RouteTable:
    table = RouteTable(app.routes)
    names = [f"{method} {route.template}" for route in table.routes for method in route.methods]
    faults = [f"{name} is open to anybody" for name in table.wrongly_open()]
    faults += [f"{name} stands twice" for name in sorted({name for name in names if names.count(name) > 1})]
    faults += [f"{route.path} declares a body" for route in iter_route_contexts(app.routes) if getattr(route, "body_field", None)]
    if faults:
        raise WronglyComposed("; ".join(faults))
    return table
