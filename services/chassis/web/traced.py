"""A span for every request that was let in; a trace is taken up from a caller with the access key alone, since a page's visitor may be anybody."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.tracing import Tracing

_NOT_TRACED: Final = ("/health/", "/metrics", "/static/")


class TracedMiddleware:
    """Stands behind the guard."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request in its span."""
        request = Request(scope)
        route = request.state.route if scope["type"] == "http" else None
        if route is None or route.template.startswith(_NOT_TRACED):
            await self._app(scope, receive, send)
            return
        trusted = request.state.caller == "token"
        with self._tracing.request(request.method, route.template, request.headers.get("traceparent") if trusted else None) as span:

            async def send_noting_status(message: Message) -> None:
                if span is not None and message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, send_noting_status)
