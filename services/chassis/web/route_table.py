"""The routes of the composed application as the guard and the log need them: which template a path belongs to, and whether it is open.

A route is open where its OpenAPI description says that it needs no credential (`openapi_extra=OPEN`), so that what is published and what is
enforced cannot differ; and only where the closed list allows it. A path that a guarded route matches too is guarded.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, compile_path

OPEN: Final[Mapping[str, Any]] = {"security": []}
"""Give it as `openapi_extra` to a route that anybody may call."""

_MAY_BE_OPEN: Final = re.compile(
    r"(GET|HEAD) /health/(live|ready)|GET /static/\{file:path\}|GET /(openapi|asyncapi)\.json|(GET|POST) /sign-in"
    r"|GET /v1/groups(/\{\w+\})?|GET /hsds(/.*)?|(GET|POST) /[gp]/\{token\}"
)


@dataclass(frozen=True, slots=True)
class KnownRoute:
    """One route: its template, its methods, and whether anybody may call it."""

    template: str
    methods: frozenset[str]
    path: re.Pattern[str]
    open: bool


class RouteTable:
    """Every route of an application, as it was composed."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self.routes = tuple(_known(context) for context in iter_route_contexts(list(routes)))

    def find(self, method: str, path: str) -> KnownRoute | None:
        """The route that a request belongs to; a guarded one before an open one."""
        found = [route for route in self.routes if method in route.methods and route.path.match(path)]
        return min(found, key=lambda route: route.open, default=None)

    def wrongly_open(self) -> list[str]:
        """The open routes that the closed list does not name, as `METHOD /template`."""
        named = (f"{method} {route.template}" for route in self.routes if route.open for method in sorted(route.methods))
        return [name for name in named if not _MAY_BE_OPEN.fullmatch(name)]


def _known(context: Any) -> KnownRoute:
    described = getattr(context, "openapi_extra", None) or {}
    return KnownRoute(context.path, frozenset(context.methods or ()), compile_path(context.path)[0], described.get("security") == [])
