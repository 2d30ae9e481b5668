"""Signing in with the one-time key of the printed address or with the access key, and signing out.

A key in an address is exchanged for the cookie by a redirect, so that it stays in no history. Only a real visit uses it up: a browser that
fetches ahead is refused.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.web.bodies import read_form
from services.chassis.web.guard import CHALLENGE, Guard
from services.chassis.web.pages import page
from services.chassis.web.problems import Problem
from services.chassis.web.route_table import OPEN

USED_UP = "This sign-in link has been used or is too old. Enter the access key instead."
NOT_THE_KEY = "That is not the access key. Check it and try again."
TOO_MANY = "There were too many wrong tries. Wait a minute and try again."


def routes(guard: Guard) -> APIRouter:
    """The sign-in page and what it leads to."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in", openapi_extra=dict(OPEN))
    async def show_sign_in(request: Request) -> Response:
        key = request.query_params.get("key")
        if key is None:
            return _in() if request.state.caller else _sign_in_page(request, 200)
        if _fetched_ahead(request):
            return Problem(403, "A sign-in link is not to be fetched ahead of a visit.").response(request)
        return _signed_in(guard) if guard.sign_in_keys.take(key) else _sign_in_page(request, 401, USED_UP)

    @router.post("/sign-in", openapi_extra=dict(OPEN))
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        if wait := guard.tries.wait():
            return _sign_in_page(request, 429, TOO_MANY, {"Retry-After": str(wait)})
        if guard.accepts(form.get("access_key", "")):
            return _signed_in(guard)
        guard.tries.count()
        return _sign_in_page(request, 401, NOT_THE_KEY)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        response = RedirectResponse("/sign-in", 303)
        guard.end_session(request, response)
        return response

    return router


def _fetched_ahead(request: Request) -> bool:
    return any("prefetch" in request.headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))


def _in() -> Response:
    return RedirectResponse("/", 303)


def _signed_in(guard: Guard) -> Response:
    response = _in()
    guard.begin_session(response)
    return response


def _sign_in_page(request: Request, status: int, said: str | None = None, headers: dict[str, str] | None = None) -> Response:
    return page(request, "sign_in.html", status_code=status, headers=(headers or {}) | (CHALLENGE if status == 401 else {}), said=said)
