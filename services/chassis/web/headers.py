"""The headers of every answer: what a page may load and who may frame it, nothing kept by a cache, the directory readable from anywhere.

Pages say where they come from to this server only (`same-origin`): with `no-referrer` a browser hides the origin of a form from us too.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_ALWAYS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# The Open Referral UK profile has directories read without a key, by pages of any origin.
_READ_FROM_ANYWHERE: Final = re.compile(r"/(hsds|v1/groups)(/.*)?")
_ANY_ORIGIN: Final[Mapping[str, str]] = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_PREFLIGHT: Final[Mapping[str, str]] = {**_ANY_ORIGIN, "Access-Control-Allow-Methods": "GET", "Access-Control-Max-Age": "86400"}


class HeadersMiddleware:
    """Adds to every answer what it does not say itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and answer a browser's question whether it may read the directory."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from_anywhere = _READ_FROM_ANYWHERE.fullmatch(scope["path"]) is not None
        cross_origin = _ANY_ORIGIN if from_anywhere and scope["method"] == "GET" else {"Cross-Origin-Resource-Policy": "same-origin"}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), cross_origin)
            await send(message)

        if from_anywhere and scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=dict(_PREFLIGHT))(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _complete(headers: MutableHeaders, cross_origin: Mapping[str, str]) -> None:
    is_page = headers.get("content-type", "").startswith("text/html")
    for name, value in {**_ALWAYS, **cross_origin, "Referrer-Policy": "same-origin" if is_page else "no-referrer"}.items():
        headers.setdefault(name, value)
