"""How a page is made: Jinja templates that escape everything and fail on an unknown name, in the look of nhsuk-frontend.

The macros of nhsuk-frontend need an environment that forgives missing parameters, so they live in one of their own and are called as
`nhsuk.button({...})`. A service's templates stand in a folder of its name: `coordinator/queue.html` extends `base.html`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

PRODUCT = "Better Together"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Link:
    """Where the header's navigation leads."""

    text: str
    href: str


class _NhsukMacros:
    """The macros of nhsuk-frontend by their own names: `summaryList` is that of the component `summary-list`."""

    def __init__(self) -> None:
        loader = PackageLoader("nhsuk_frontend_jinja")
        self._environment = Environment(loader=loader, autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True)
        self._macro = cache(self._load)

    def __getattr__(self, name: str) -> Any:
        return self._macro(name)

    def _load(self, name: str) -> Any:
        component = "tables" if name == "table" else re.sub("([A-Z])", r"-\1", name).lower()
        return getattr(self._environment.get_template(f"nhsuk/components/{component}/macro.jinja").module, name)


class Pages:
    """Renders the templates of the shell and of every service."""

    def __init__(self, templates: Mapping[str, BaseLoader], navigation: Sequence[Link]) -> None:
        loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), PrefixLoader(templates)])
        self._environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._environment.globals |= {"nhsuk": _NhsukMacros(), "product": PRODUCT, "navigation": tuple(navigation)}

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """The page's HTML."""
        return self._environment.get_template(template).render(context)


def pages(templates: Mapping[str, BaseLoader] | None = None, navigation: Sequence[Link] = ()) -> Pages:
    """The pages of an application; `templates` are the services' loaders by the services' names."""
    return Pages(templates or {}, navigation)


def page(request: Request, template: str, *, status_code: int = 200, headers: Mapping[str, str] | None = None, **context: object) -> HTMLResponse:
    """A page of the application that serves this request; the template also knows `path` and whether someone is `signed_in`."""
    known = {"path": request.url.path, "signed_in": request.state.caller == "session"}
    rendered: str = request.app.state.pages.render(template, known | context)
    return HTMLResponse(rendered, status_code, headers)


def has_pages(request: Request) -> bool:
    """Whether the application that serves this request has any."""
    return request.app.state.pages is not None


def wants_page(request: Request) -> bool:
    """Whether the caller is a browser that wants to show something to a person, where there are pages."""
    return has_pages(request) and "text/html" in request.headers.get("accept", "")
