"""Shows a group as an HSDS 3 service (with the capacity of 3.1), and a list of them as a page; nobody's contact is ever in it.

A service has the group's id, and so has its one service at a location, so that whoever reads the directory back finds the same groups. What HSDS has
no field for but has terms for (who it is for, how one attends) is an attribute with a term of the taxonomy of that name.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from schemas.group import Group, GroupStatus, Session

Entity = dict[str, Any]

STATUSES: Final[Mapping[GroupStatus, Literal["active", "inactive", "temporarily closed"]]] = {
    "active": "active",
    "inactive": "inactive",
    "paused": "temporarily closed",
}
PHRASES: Final[Mapping[str, str]] = {
    "step_free": "Step-free access",
    "hearing_loop": "Hearing loop",
    "quiet_space": "Quiet space",
    "accessible_toilet": "Accessible toilet",
    "parking": "Parking",
    "public_transport": "Public transport",
    "sign_language": "Sign language",
    "lift": "Lift",
}
"""What is written for an access code; a code that is not here stands for itself."""

NOT_STEP_FREE: Final = "Not wheelchair accessible"


def as_service(group: Group, *, free: int | None = None, updated: str | None = None) -> Entity:
    """The group as an HSDS 3 service.

    `free` is how many places are free now (without it, what the feed last said), `updated` when the group last changed (RFC 3339); HSDS 3.1 wants
    both for a capacity, so there is none without them. Fields that are not known are left out.
    """
    service = {
        "id": group.group_id,
        "name": group.name,
        "description": html.escape(group.description, quote=False),
        "status": STATUSES[group.status],
        "minimum_age": group.minimum_age,
        "maximum_age": group.maximum_age,
        "assured_date": group.assured_on.isoformat() if group.assured_on else None,
        "last_modified": updated,
        "organization": _organization(group),
        "schedules": [_schedule(group, at, session) for at, session in enumerate(group.sessions)],
        "service_at_locations": _places(group),
        "languages": [{"id": _id(group, "language", tag), "code": tag} for tag in group.languages],
        "cost_options": _cost_options(group),
        "capacities": _capacities(group, free, updated),
        "attributes": list(_attributes(group)),
    }
    return {name: value for name, value in service.items() if value is not None}


def as_page(services: Sequence[Entity], *, page_number: int, size: int, total_items: int) -> Entity:
    """A page of services as HSDS 3 envelopes it; pages count from 1, `size` is how many a full page holds."""
    total_pages = max(1, -(-total_items // size))
    return {
        "total_items": total_items,
        "total_pages": total_pages,
        "page_number": page_number,
        "size": len(services),
        "first_page": page_number == 1,
        "last_page": page_number >= total_pages,
        "empty": not services,
        "contents": list(services),
    }


def _id(group: Group, kind: str, of: object = "") -> str:
    """A UUID that stays the same as long as what it names does."""
    return str(uuid5(NAMESPACE_URL, f"{kind}:{group.group_id}:{of}"))


def _organization(group: Group) -> Entity | None:
    if not group.organisation:
        return None
    return {"id": str(uuid5(NAMESPACE_URL, f"organization:{group.organisation}")), "name": group.organisation, "description": ""}


def _schedule(group: Group, position: int, session: Session) -> Entity:
    """A session as a weekly rule; midnight at the end of the day is 00:00, for ISO 8601 knows no other any more."""
    schedule = {
        "id": _id(group, "schedule", position),
        "freq": "WEEKLY",
        "interval": session.every_weeks,
        "byday": session.weekday[:2].upper(),
        "opens_at": session.start,
    }
    return schedule | ({"closes_at": "00:00" if session.end == "24:00" else session.end} if session.end else {})


def _places(group: Group) -> list[Entity]:
    """The service at its location; none where nothing is known of one."""
    located = group.latitude is not None and group.longitude is not None
    if not (located or group.postcode or group.access is not None or group.mode == "online"):
        return []
    location: Entity = {"id": _id(group, "location"), "location_type": "virtual" if group.mode == "online" else "physical"}
    if located:
        location |= {"latitude": group.latitude, "longitude": group.longitude}
    if group.postcode:
        location["addresses"] = [_address(group, group.postcode)]
    if group.access is not None:
        location["accessibility"] = [{"id": _id(group, "accessibility", said), "description": said} for said in _access(group.access)]
    return [{"id": group.group_id, "service_id": group.group_id, "location": location}]


def _address(group: Group, postcode: str) -> Entity:
    """An address of which only the postcode is known; the other fields are there because HSDS wants them."""
    unknown = dict.fromkeys(("address_1", "city", "state_province", "country"), "")
    return {"id": _id(group, "address"), **unknown, "postal_code": postcode, "address_type": "physical"}


def _access(codes: Iterable[str]) -> list[str]:
    """Phrases for all there is; a list is complete, so one without a step-free way says that there is none."""
    listed = list(codes)
    return [PHRASES.get(code, code) for code in listed] + ([] if "step_free" in listed else [NOT_STEP_FREE])


def _cost_options(group: Group) -> list[Entity]:
    if group.cost is None:
        return []
    about = "per session" if group.cost else "free"
    return [{"id": _id(group, "cost"), "amount": group.cost, "currency": group.currency, "amount_description": about}]


def _capacities(group: Group, free: int | None, updated: str | None) -> list[Entity] | None:
    available = group.capacity.available if group.capacity and free is None else free
    if group.capacity is None or available is None or updated is None:
        return None
    unit = {"id": str(uuid5(NAMESPACE_URL, "unit:place")), "name": "place"}
    return [{"id": _id(group, "capacity"), "unit": unit, "available": available, "maximum": group.capacity.maximum, "updated": updated}]


def _attributes(group: Group) -> Iterable[Entity]:
    terms = [("tags", tag) for tag in group.tags] + [("gender", gender) for gender in group.genders or []]
    for taxonomy, name in [*terms, *([("attendance", group.mode)] if group.mode == "hybrid" else [])]:
        term = {"id": str(uuid5(NAMESPACE_URL, f"{taxonomy}:{name}")), "name": name, "description": name, "taxonomy": taxonomy}
        yield {"id": _id(group, "attribute", f"{taxonomy}:{name}"), "link_entity": "service", "taxonomy_term": term}
