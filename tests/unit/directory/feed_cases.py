"""Feeds for tests: documents by address, and the lines of a report in short."""

import json
from collections.abc import Mapping
from typing import Any

from schemas.group import Group, Session
from services.directory.feeds import Reading, read_feed
from services.directory.feeds.fetching import Fetch, NotFetched
from services.directory.feeds.formats import Format

ADDRESS = "https://feed.example/services"


def fetch_of(bodies: Mapping[str, object]) -> Fetch:
    """A fetch over documents by address: bytes, a value for JSON, or the failure to raise; what is not there is gone."""

    def fetch(address: str) -> bytes:
        body = bodies.get(address, NotFetched("status 404", gone=True))
        if isinstance(body, Exception):
            raise body
        return body if isinstance(body, bytes) else json.dumps(body).encode()

    return fetch


def read(body: object, format: Format = "auto") -> Reading:
    """Read one document, as bytes or as a value for JSON; its own address is the file of the report."""
    return read_feed(ADDRESS, format=format, fetch=fetch_of({ADDRESS: body, f"{ADDRESS}?full=true": body}))


def only(reading: Reading) -> Group:
    """The one group that was read."""
    assert [problem for problem in reading.problems if problem.action == "rejected"] == []
    assert (reading.read, reading.usable) == (1, 1)
    return reading.groups[0]


def told(reading: Reading) -> list[tuple[int, str, str, str]]:
    """The report without the file: row, field, reason up to its colon, action."""
    return [(problem.row, problem.field, problem.reason.partition(":")[0], problem.action) for problem in reading.problems]


def weekly(session: Session) -> str:
    """A session in short."""
    return f"{session.weekday} {session.start}-{session.end or '?'}" + (f"/{session.every_weeks}" if session.every_weeks > 1 else "")


def service(**fields: Any) -> dict[str, Any]:
    """A small HSDS 3 service at one place."""
    location = {"id": "l1", "location_type": "physical", "latitude": 51.5, "longitude": -0.12}
    return {
        "id": "s1",
        "name": "Choir",
        "status": "active",
        "service_at_locations": [{"id": "sal1", "location": location}],
        **fields,
    }
