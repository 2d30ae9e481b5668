"""What may be asked of the directory and sent to it, and what it comes to in terms of the store."""

import base64
import binascii
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Final

from fastapi import Query
from pydantic_core import from_json, to_json

from models.distance import EXACT_ENOUGH_KM
from schemas.record import WEEKDAYS, Record, Weekday
from services.chassis.web.faults import Fault, Invalid
from services.directory.feeds.records import DEEPEST, too_deep
from services.directory.store import Near, SqlDirectoryStore

Reading = Callable[[], AbstractContextManager[SqlDirectoryStore]]
"""Opens the directory's store to read from."""

LIMIT: Final = 200
_DECIMAL: Final = r"-?\d{1,3}(\.\d{1,15})?"

Limit = Annotated[int, Query(ge=1, le=LIMIT, description="How many groups to give at most")]
Cursor = Annotated[str | None, Query(max_length=2_000, description="The `next` of the page before")]
Search = Annotated[str | None, Query(max_length=200, description="Only what has all these words in its name, tags or description")]
Tag = Annotated[str | None, Query(max_length=100, description="Only groups with this tag")]
Point = Annotated[str | None, Query(pattern=rf"^{_DECIMAL},{_DECIMAL}$", description="Around this latitude and longitude, nearest first")]
Within = Annotated[float, Query(gt=0, le=EXACT_ENOUGH_KM, allow_inf_nan=False, description="How far from `near`, in kilometres")]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="Which page, from 1")]
PageSize = Annotated[int, Query(ge=1, le=500, description="How many services a page has")]
AgeBound = Annotated[float | None, Query(ge=0, le=1_000, allow_inf_nan=False)]
TimeBound = Annotated[str | None, Query(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", description="A local time of day, HH:MM")]
Day = Annotated[str | None, Query(max_length=20, description="A day of the week: MO or Monday")]


def near_of(point: str | None, within_km: float) -> Near | None:
    """Where to look around.

    Raises:
        Invalid: the point is not on the Earth.
    """
    if point is None:
        return None
    latitude, longitude = map(float, point.split(","))
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Invalid([Fault("/near", "must be a latitude from -90 to 90, a comma, and a longitude from -180 to 180")])
    return Near(latitude, longitude, within_km)


def weekday_of(day: str | None) -> Weekday | None:
    """The weekday of an iCalendar code or an English name.

    Raises:
        Invalid: it is neither.
    """
    if day is None:
        return None
    plain = day.strip().lower()
    for weekday, name in zip(WEEKDAYS, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True):
        if plain in (name, weekday, name[:2]):
            return weekday
    raise Invalid([Fault("/day", "must be an iCalendar day, MO to SU, or the English name of one")])


def cursor_after(distance: float, group_id: str) -> str:
    """The cursor of the page behind this group, which is so far away (0 where distance does not count)."""
    return base64.urlsafe_b64encode(to_json([distance, group_id])).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[float, str]:
    """Distance and id behind which a page begins.

    Raises:
        Invalid: this is no cursor of ours.
    """
    if cursor is None:
        return -1.0, ""
    try:
        distance, group_id = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), allow_inf_nan=False)
        if not isinstance(distance, float | int) or not isinstance(group_id, str):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise Invalid([Fault("/cursor", "must be the `next` of the page before")]) from None
    return float(distance), group_id


def check_depth(record: Record) -> None:
    """Whether what was sent in fields that are not known may be kept.

    Raises:
        Invalid: it lies too deep in one another.
    """
    if too_deep(record.model_dump()):
        raise Invalid([Fault("", f"must not be nested more than {DEEPEST} levels deep")])
