"""Which routes anybody may read is a closed list: a route that is not on it is guarded, whoever wrote it, or nothing starts."""

import pytest
from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.web.application import WronglyComposed
from services.chassis.web.route_table import OPEN
from tests.unit.chassis.web_shell import BEARER, Shell


def test_a_route_that_nobody_thought_of_is_guarded() -> None:
    forgotten = APIRouter()
    forgotten.add_api_route("/v1/forgotten", lambda: {"secret": True})
    shell = Shell(forgotten)
    shell.app.add_api_route("/v1/added-later", lambda: {"secret": True})
    for path in ("/v1/forgotten", "/v1/added-later"):
        assert shell.get(path).status_code == 401
        assert shell.get(path, BEARER).status_code == 200


def opened(path: str, method: str = "GET") -> APIRouter:
    """One route that says it is open."""
    router = APIRouter()
    router.add_api_route(path, lambda: {}, methods=[method], openapi_extra=dict(OPEN))
    return router


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/queue"), ("GET", "/"), ("PUT", "/v1/groups/{id}"), ("GET", "/v1/groups/{id}/contact")])
def test_an_open_route_that_is_not_on_the_closed_list_keeps_the_application_from_starting(method: str, path: str) -> None:
    with pytest.raises(WronglyComposed, match="is open to anybody"):
        Shell(opened(path, method))


def test_an_open_route_in_an_included_router_is_seen_with_its_whole_path() -> None:
    outer = APIRouter(prefix="/v1")
    outer.include_router(opened("/queue"))
    with pytest.raises(WronglyComposed, match="GET /v1/queue is open to anybody"):
        Shell(outer)


def test_a_route_that_stands_twice_keeps_the_application_from_starting() -> None:
    with pytest.raises(WronglyComposed, match="GET /v1/groups stands twice"):
        Shell(opened("/v1/groups"))


def test_a_guarded_route_that_an_open_one_would_hide_stays_guarded() -> None:
    router = opened("/hsds/{rest:path}")
    router.add_api_route("/hsds/contacts", lambda: Response("secret"), response_class=Response)
    shell = Shell(router)
    assert shell.get("/hsds/services").status_code == 200
    assert shell.get("/hsds/contacts").status_code == 401
