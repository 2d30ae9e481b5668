"""How much a caller may send, how long they may take over it, and how many are served at once; what is more is refused before it is kept.

A body without a declared length is counted as it comes. `bodies` raises the limit of a body under a path.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.web.problems import Problem

TOO_LARGE = "The body is too large."
TOO_SLOW = "The body did not arrive in time."


@dataclass(frozen=True)
class Limits:
    """Bytes, seconds, and requests at once."""

    body: int = 1 << 20
    bodies: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 20.0
    headers: int = 16 << 10
    target: int = 8 << 10
    at_once: int = 500

    def body_at(self, path: str) -> int:
        """The bytes that a body sent to this path may have."""
        return max((size for start, size in self.bodies.items() if path.startswith(start)), default=self.body)


class LimitsMiddleware:
    """Refuses what is too large or too much at once, and ends what takes too long."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(scope):
            await refusal.response(Request(scope))(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, _Counted(receive, self._limits.body_at(scope["path"]), self._limits.seconds).receive, send)
        finally:
            self._running -= 1

    def _refusal(self, scope: Scope) -> Problem | None:
        if self._running >= self._limits.at_once:
            return Problem(503, "Too many requests are being served; try again in a second.", headers={"Retry-After": "1"})
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > self._limits.target:
            return Problem(414, "The address is too long.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > self._limits.headers:
            return Problem(431, "The headers are too large.")
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isascii() or not declared.isdecimal():
            return Problem(400, "Content-Length is not a number.")
        return Problem(413, TOO_LARGE) if int(declared) > self._limits.body_at(scope["path"]) else None


class _Counted:
    """One request's incoming messages, counted and timed until the body is there."""

    def __init__(self, receive: Receive, size: int, seconds: float) -> None:
        self._receive, self._left = receive, size
        self._until = asyncio.get_running_loop().time() + seconds
        self._complete = False

    async def receive(self) -> Message:
        """The next message.

        Raises:
            HTTPException: 413, more came than is allowed; 408, it came too slowly.
        """
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, TOO_SLOW) from None
        self._left -= len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._left < 0:
            raise HTTPException(413, TOO_LARGE)
        return message
