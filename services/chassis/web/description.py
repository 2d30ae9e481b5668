"""What the application says about itself: the OpenAPI description of its routes, and the AsyncAPI description of its events."""

from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.chassis.errors import NotFound
from services.chassis.web.problems import MEDIA_TYPE
from services.chassis.web.route_table import OPEN

_TEXT: Final = {"type": "string"}
_FAULT: Final = {"type": "object", "required": ["pointer", "detail"], "properties": {"pointer": _TEXT, "detail": _TEXT}}
_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457. `pointer` is a JSON Pointer into what was sent; `choices` are the ids to choose from where one named several.",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance"), _TEXT),
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": _FAULT},
        "choices": {"type": "array", "items": _TEXT},
    },
}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"description": "What went wrong.", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
}
"""The responses that every route has."""


def describe(app: FastAPI, cookie: str) -> dict[str, Any]:
    """The OpenAPI document: every operation needs a credential unless it says otherwise, and may answer with a problem."""
    document = app.openapi()
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
    }
    document["security"] = [{"token": []}, {"session": []}]
    return document


def routes(cookie: str) -> APIRouter:
    """The two description files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json", openapi_extra=dict(OPEN))
    async def openapi(request: Request) -> Response:
        return JSONResponse(describe(request.app, cookie))

    @router.get("/asyncapi.json", openapi_extra=dict(OPEN))
    async def asyncapi() -> Response:
        published = files("schemas") / "published" / "asyncapi.json"
        if not published.is_file():
            raise NotFound("No description of the events is installed.")
        return Response(published.read_bytes(), media_type="application/json")

    return router
