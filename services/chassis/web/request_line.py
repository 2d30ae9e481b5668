"""One log line and one count for every request: method, route template, status, milliseconds and the request's id; never a path, query or body.

It is also where an unforeseen failure ends: the caller is told nothing but the id, and the log has the kind of failure and the places in the
code, without the message, because a message may quote what was sent.
"""

from collections import Counter, defaultdict
from time import perf_counter
from traceback import extract_tb

import structlog
from prometheus_client.core import Metric
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.clock import Clock
from services.chassis.ids import fresh_id
from services.chassis.web.metrics import counter
from services.chassis.web.problems import Problem

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PLACES = 12
logger = structlog.get_logger()


class Tally:
    """How many requests were answered, and in how many seconds, by method, route and status."""

    def __init__(self) -> None:
        self._answered: Counter[tuple[str, str, str]] = Counter()
        self._seconds: defaultdict[tuple[str, str, str], float] = defaultdict(float)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note an answer."""
        self._answered[method, route, str(status)] += 1
        self._seconds[method, route, str(status)] += seconds

    def metrics(self) -> list[Metric]:
        """The counts as they stand."""
        labels = ("method", "route", "status")
        return [
            counter("together_http_requests_total", "Requests answered.", labels, list(self._answered.items())),
            counter("together_http_request_seconds_total", "Seconds spent on answering requests.", labels, list(self._seconds.items())),
        ]


class RequestLineMiddleware:
    """Gives every request an id, logs its outcome, and catches what nobody foresaw."""

    def __init__(self, app: ASGIApp, wall: Clock, tally: Tally) -> None:
        self._app, self._wall, self._tally = app, wall, tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.request_id = fresh_id(self._wall.now())
        request.state.route = scope["app"].state.routes.find(request.method, scope["path"])
        request.state.caller = None
        with structlog.contextvars.bound_contextvars(request=request.state.request_id):
            await self._serve(request, receive, send)

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        started, status = perf_counter(), 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(request.scope, receive, send_noting_status)
        except Exception as failure:
            logger.error("request_failed", failure=type(failure).__name__, at=_places(failure))
            if not status:
                await Problem(500).response(request)(request.scope, receive, send_noting_status)
        finally:
            self._note(request, status, perf_counter() - started)

    def _note(self, request: Request, status: int, seconds: float) -> None:
        method = request.method if request.method in _METHODS else "other"
        route = request.state.route.template if request.state.route else "unknown"
        self._tally.count(method, route, status, seconds)
        logger.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _places(failure: BaseException) -> list[str]:
    """The innermost places in the code that the failure came through."""
    return [f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno} {place.name}" for place in extract_tb(failure.__traceback__)[-_PLACES:]]
