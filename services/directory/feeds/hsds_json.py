"""The services in HSDS 3 and Open Referral UK documents: a service, a service at a location, an organization with its services, a page of any.

A list page may give a service by its head alone and another document the same service in full; then the full one counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.directory.feeds.entity import Entity
from services.directory.feeds.json_text import TooDeep
from services.directory.feeds.reading import Gathering, Problem, Spot
from services.directory.feeds.records import too_deep

DEEPEST = 64
FULL = ("service_at_locations", "schedules", "regular_schedules", "languages", "attributes", "cost_options")

Kind = Literal["service", "place", "organization", "other"]

_OTHERS = (
    "openapi_url",
    "latitude",
    "term_uri",
    "taxonomy",
    "taxonomy_detail",
    "vocabulary",
    "parent_id",
    "version",
    "uri",
    "tax_id",
)
_SERVICE = ("status", "service_at_locations", "schedules", "organization", "organization_id", "fees", "fees_description", "eligibility_description")
_ORGANIZATION = ("legal_status", "tax_status", "year_incorporated", "parent_organization_id", "organization_identifiers", "website", "logo")


@dataclass(frozen=True)
class Page:
    """What a document says of itself as a page of a list: its items and its place among the pages, where it has one."""

    items: tuple[Any, ...]
    number: int | None = None
    pages: int | None = None
    total: int | None = None
    following: str | None = None

    @property
    def last(self) -> bool:
        return self.number is None or self.pages is None or self.number >= self.pages


def page_of(value: object) -> Page:
    """A document as a page; a single object is a page of one."""
    if isinstance(value, list):
        return Page(tuple(value))
    if not isinstance(value, Mapping):
        return Page(())
    for name in ("contents", "content"):
        if isinstance(items := value.get(name), list):
            return Page(tuple(items), *_place(value), _following(value))
    if kind_of(value) == "organization" and isinstance(services := value.get("services"), list):
        return Page(tuple({**service, "organization": _head(value)} if isinstance(service, Mapping) else service for service in services))
    return Page((value,))


def _place(value: Mapping[str, Any]) -> tuple[int | None, int | None, int | None]:
    """Page number from 1, number of pages, number of items; the first UK version counts from 0 and has other names."""
    number, pages, total = (_count(value, *names) for names in (("page_number",), ("total_pages", "totalPages"), ("total_items", "totalElements")))
    old = _count(value, "number") if number is None else None
    return (old + 1 if old is not None else number), pages, total


def _count(value: Mapping[str, Any], *names: str) -> int | None:
    found = next((value[name] for name in names if name in value), None)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= 10_000_000 else None


def _following(value: Mapping[str, Any]) -> str | None:
    links = value.get("_links") or value.get("links")
    following = (links.get("next") if isinstance(links, Mapping) else None) or value.get("next")
    address = following.get("href") if isinstance(following, Mapping) else following
    return address if isinstance(address, str) and address else None


def kind_of(value: Mapping[str, Any]) -> Kind:
    """What an object is, by the fields it has; what cannot be told counts as a service, so that it is looked at and reported."""
    if isinstance(value.get("service"), Mapping):
        return "place"
    if "location_type" in value:
        return "other"
    if isinstance(value.get("services"), list) or (any(name in value for name in _ORGANIZATION) and not any(name in value for name in _SERVICE)):
        return "organization"
    return "other" if any(name in value for name in _OTHERS) and not any(name in value for name in _SERVICE) else "service"


def is_service_document(value: object) -> bool:
    """Whether a document holds services (or an empty list of them), and not only taxonomies or locations."""
    page = page_of(value)
    kinds = {kind_of(item) for item in page.items if isinstance(item, Mapping)}
    return bool(kinds & {"service", "place"}) or not page.items or not kinds


class Services:
    """The services of the documents of one feed, in the order in which they came."""

    def __init__(self, gathering: Gathering) -> None:
        self._services: list[tuple[Entity, bool]] = []
        self._gathering = gathering

    def take(self, page: Page, name: str) -> None:
        """Take in the services of a page."""
        for position, item in enumerate(page.items, start=1):
            self.take_item(item, Spot(name, position))

    def take_item(self, item: Any, spot: Spot) -> None:
        """Take in one item of a page: a service, a service at a location, or an organization with its services."""
        if not isinstance(item, Mapping) or too_deep(item, DEEPEST):
            reason = f"nested deeper than {DEEPEST}" if isinstance(item, TooDeep | Mapping) else "not an object"
            self._gathering.report([Problem(*spot, "", reason, "rejected")])
            self._gathering.lose(1)
        elif (kind := kind_of(item)) in ("service", "place"):
            self._services.append((Entity(_by_service(item) if kind == "place" else item, spot), is_full(item)))
        elif kind == "organization" and isinstance(item.get("services"), list):
            for service in page_of(item).items:
                self.take_item(service, spot)

    def __iter__(self) -> Iterator[Entity]:
        """The services, without the heads of those that are there in full."""
        in_full = {key for service, full in self._services if full for key in (service.text("id"), *_places(service))}
        for service, full in self._services:
            if full or not in_full.issuperset(_places(service) or [service.text("id")]):
                yield service
            else:
                self._gathering.report([Problem(*service.spot, "id", "given again in less detail, merged", "repaired")])


def _places(service: Entity) -> list[str]:
    return [place.text("id") for place in service.children("service_at_locations")]


def is_full(service: Mapping[str, Any]) -> bool:
    """Whether a service (or a service at a location) came with more than its head; what is neither has no more to it."""
    inner = service.get("service")
    return kind_of(service) not in ("service", "place") or any(name in {**service, **(inner if isinstance(inner, Mapping) else {})} for name in FULL)


def _by_service(place: Mapping[str, Any]) -> dict[str, Any]:
    """A service at a location turned round: the service with this one place."""
    return {**place["service"], "service_at_locations": [{name: value for name, value in place.items() if name != "service"}]}


def _head(organization: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in organization.items() if isinstance(value, str | int)}


def is_openactive(value: object) -> bool:
    """Whether a document is a page of an OpenActive feed (Realtime Paged Data Exchange)."""
    items = value.get("items") if isinstance(value, Mapping) else None
    return isinstance(items, list) and all(isinstance(item, Mapping) and {"state", "kind"} <= item.keys() for item in items)
