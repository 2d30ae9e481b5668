"""Every error as a problem document (RFC 9457), or as a page where a browser asks; neither repeats what was sent.

A refusal of the chassis or of a service becomes the status that says what the caller can do; anything unforeseen is a 500 that tells nothing.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Ambiguous, Conflict, NotFound, Rejected, Stopped, Transient
from services.chassis.web.faults import Fault, Invalid, faults_of
from services.chassis.web.pages import page, wants_page

MEDIA_TYPE = "application/problem+json"
Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]

_IN_WORDS: Mapping[int, str] = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This address cannot be used in that way.",
    500: "Something went wrong on our side. It has been written down.",
}


_HEADINGS: Mapping[int, str] = {
    403: "This is not allowed",
    404: "Page not found",
    409: "This cannot be done as things stand",
    422: "Something needs to be put right",
    500: "Sorry, something went wrong",
    503: "Please try again in a moment",
}


@dataclass(frozen=True)
class Problem:
    """One refusal: its status, a sentence for people, the bad places, and what a program needs to go on."""

    status: int
    detail: str = ""
    errors: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The status in the words of HTTP."""
        return HTTPStatus(self.status).phrase

    @property
    def heading(self) -> str:
        """The heading of a page about it."""
        return _HEADINGS.get(self.status, self.title)

    @property
    def sentence(self) -> str:
        """What is told to people."""
        return self.detail or _IN_WORDS.get(self.status, f"{self.title}.")

    def response(self, request: Request) -> Response:
        """A page where the caller is a browser, a problem document otherwise."""
        if wants_page(request):
            return page(request, "error.html", status_code=self.status, headers=self.headers, problem=self, number=request.state.request_id)
        return JSONResponse(self._document(request), self.status, self.headers, MEDIA_TYPE)

    def _document(self, request: Request) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.sentence,
            "instance": f"urn:uuid:{request.state.request_id}",
            "errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.errors],
        }
        return document | {"choices": list(self.choices)} if self.choices else document


def problem_of(error: Exception) -> Problem:
    """The problem that an exception stands for."""
    match error:
        case RequestValidationError():
            return Problem(422, Invalid([]).args[0], tuple(faults_of(error.errors(), within=1)))
        case HTTPException():
            said = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
            return Problem(error.status_code, said, headers=error.headers or {})
        case Invalid():
            return Problem(422, str(error), error.faults)
        case Ambiguous():
            return Problem(409, str(error), choices=error.choices)
        case Conflict():
            return Problem(409, str(error))
        case NotFound():
            return Problem(404, str(error))
        case Rejected():
            return Problem(422, str(error), (Fault("", str(error)),))
        case Transient():
            return Problem(503, str(error), headers={"Retry-After": "1"})
        case Stopped():
            return Problem(503, str(error), headers={"Retry-After": "5"})
        case ClientDisconnect():
            return Problem(400)
        case _:
            return Problem(500)


async def _answer(request: Request, error: Exception) -> Response:
    return problem_of(error).response(request)


def handlers() -> dict[int | type[Exception], Handler]:
    """What the application does with each kind of exception that it can foresee."""
    return dict.fromkeys((RequestValidationError, HTTPException, Rejected, Transient, Stopped, ClientDisconnect), _answer)
