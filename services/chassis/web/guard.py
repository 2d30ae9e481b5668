"""Who may call. One middleware stands before every route and refuses by default, so that a new route is guarded without anybody remembering.

A caller shows the folder's token as a bearer, or a session's cookie. The cookie alone does not do for a change: a page of ours must have asked.
"""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.clock import Clock
from services.chassis.errors import UserError
from services.chassis.web.origins import WHATEVER_NAME, Origins, origins
from services.chassis.web.pages import has_pages, page, wants_page
from services.chassis.web.problems import Problem
from services.chassis.web.sessions import SESSION_LIVES, Sessions, SignInKeys, Tries, session_key

Caller = Literal["token", "session"]
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="Better Together"'}


@dataclass(frozen=True)
class Guard:
    """Knows the token, the running sessions, the unused sign-in keys, and the hosts that are this server's."""

    token: str = field(repr=False)
    sessions: Sessions
    sign_in_keys: SignInKeys
    tries: Tries
    origins: Origins
    secure: bool
    cookie: str

    def new_sign_in_key(self) -> str:
        """A key for `/sign-in?key=`: it signs one browser in, once, within ten minutes. It is never to be logged."""
        return self.sign_in_keys.new()

    def accepts(self, token: str) -> bool:
        """Whether this is the token; how long that takes tells nothing about how near it was."""
        given, ours = token.strip().encode("utf-8", "surrogatepass"), self.token.encode()
        return compare_digest(sha256(given).digest(), sha256(ours).digest())

    def caller(self, request: Request) -> Caller | None:
        """Who calls; a wrong bearer is not made good by a cookie."""
        authorization = request.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            sent = token.encode("latin-1").decode("utf-8", "replace")
            return "token" if scheme.lower() == "bearer" and self.accepts(sent) else None
        return "session" if self.sessions.holds(request.cookies.get(self.cookie, "")) else None

    def refusal(self, request: Request, caller: Caller | None, *, is_open: bool) -> Problem | None:
        """Why this request is not let through, or None."""
        if misdirected := self.origins.misdirected(request):
            return misdirected
        changes = request.method not in SAFE
        if changes and self.origins.from_elsewhere(request, must_say=caller == "session"):
            return Problem(403, "This was asked for by a page from elsewhere.")
        if caller is None and not is_open:
            return Problem(401, "Sign in, or send the access key as a bearer token.", headers=CHALLENGE)
        return None

    def begin_session(self, response: Response) -> None:
        """Give the browser a session for twelve hours."""
        seconds = int(SESSION_LIVES.total_seconds())
        response.set_cookie(self.cookie, self.sessions.new(), max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="strict")

    def end_session(self, request: Request, response: Response) -> None:
        """Sign the browser out, and have it forget the cookie."""
        self.sessions.end(request.cookies.get(self.cookie, ""))
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="strict")


def guard(token: str, key_encryption_key: bytes, wall: Clock, *, public_url: str | None = None, bound_to: str | None = None) -> Guard:
    """The guard of one folder; `bound_to` is the host that the server listens on.

    Raises:
        UserError: the token is empty, so that anybody would be let in.
    """
    if not token.strip():
        raise UserError("the access token is empty: set TOGETHER_API_TOKEN to a long random text, or unset it to have one made")
    key = session_key(key_encryption_key, token)
    secure = (public_url or "").lower().startswith("https://")
    # Browsers keep cookies by host and not by port: two folders on one machine must not overwrite each other's.
    cookie = f"{'__Host-' if secure else ''}together-{sha256(key).hexdigest()[:8]}"
    return Guard(token.strip(), Sessions(key, wall), SignInKeys(wall), Tries(wall), origins(public_url, bound_to), secure, cookie)


def guard_of_a_monitored(token: str, key_encryption_key: bytes, wall: Clock) -> Guard:
    """The guard of a process that has no pages: it answers by whatever name it was reached, its numbers still to the token alone."""
    return replace(guard(token, key_encryption_key, wall), origins=WHATEVER_NAME)


class GuardMiddleware:
    """Stands before every route, known or not."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app, self._guard = app, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            request = Request(scope)
            request.state.caller = self._guard.caller(request)
            route = request.state.route
            refusal = self._guard.refusal(request, request.state.caller, is_open=route is not None and route.open)
            if refusal:
                await _answer(request, refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _answer(request: Request, refusal: Problem) -> Response:
    if refusal.status == 401 and has_pages(request) and (wants_page(request) or request.url.path == "/"):
        return page(request, "sign_in.html", status_code=401, headers=refusal.headers, said=None)
    return refusal.response(request)
