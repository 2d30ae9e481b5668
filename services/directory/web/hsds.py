"""`/hsds`: the groups as HSDS 3 services, with the page envelope and the filters of the Open Referral UK profile."""

from typing import Final

from fastapi import APIRouter, Request

from services.chassis.errors import NotFound
from services.chassis.web.route_table import OPEN
from services.directory.hsds import Entity, as_page, as_service
from services.directory.store import Listed, Wanted
from services.directory.web.queries import AgeBound, Day, PageNumber, PageSize, Reading, Search, TimeBound, weekday_of

VERSION: Final = "3.0"
PROFILE: Final = "https://docs.openreferraluk.org/en/latest/"
PAGE_SIZE: Final = 50


def routes(reading: Reading) -> APIRouter:
    """The routes of HSDS 3 that are required: `/`, `/services` and `/services/{id}`."""
    router = APIRouter(prefix="/hsds")

    @router.get("/", openapi_extra={**OPEN}, include_in_schema=False)
    @router.get("", openapi_extra={**OPEN})
    def describe_interface(request: Request) -> dict[str, str]:
        """Which version and profile of HSDS this is."""
        return {"version": VERSION, "profile": PROFILE, "openapi_url": f"{request.base_url}openapi.json"}

    @router.get("/services", openapi_extra={**OPEN})
    def list_services(
        page: PageNumber = 1,
        per_page: PageSize = PAGE_SIZE,
        search: Search = None,
        minimum_age: AgeBound = None,
        maximum_age: AgeBound = None,
        day: Day = None,
        start_time: TimeBound = None,
        end_time: TimeBound = None,
    ) -> Entity:
        """A page of services, whole, in the order of their ids."""
        wanted = Wanted(search, None, minimum_age, maximum_age, weekday_of(day), start_time and start_time[:5], end_time and end_time[:5])
        with reading() as store:
            services = [_service(listed) for listed in store.page(wanted, per_page, offset=(page - 1) * per_page)]
            return as_page(services, page_number=page, size=per_page, total_items=store.count(wanted))

    @router.get("/services/{service_id:path}", openapi_extra={**OPEN})
    def show_service(service_id: str) -> Entity:
        """One service, whole."""
        with reading() as store:
            listed = store.get(service_id)
        if listed is None:
            raise NotFound("no service is listed by this id")
        return _service(listed)

    return router


def _service(listed: Listed) -> Entity:
    return as_service(listed.group, updated=listed.updated_at)
