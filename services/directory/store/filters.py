"""Which groups a reader asks for: what is said in the query as conditions over the directory's tables."""

from dataclasses import dataclass
from math import cos, radians
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, true

from schemas.record import Weekday
from services.directory.store.tables import GROUPS, SESSIONS, TAGS

_KM_A_DEGREE: Final = 110.5
"""Less than any degree of latitude is long on WGS 84, so that a box in degrees is never too small."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that is given must hold. Ages and times as the UK profile of HSDS 3 defines its filters, times as "HH:MM".

    Every word of `search` stands in the name, a tag or the description, if only as a part of another word. `minimum_age`: the group's is at
    least this; `maximum_age`: the group's is at most this; one session is on `weekday`, starts at `starts_from` or later and ends by `ends_by`.
    """

    search: str | None = None
    tag: str | None = None
    minimum_age: float | None = None
    maximum_age: float | None = None
    weekday: Weekday | None = None
    starts_from: str | None = None
    ends_by: str | None = None

    def condition(self) -> ColumnElement[bool]:
        """The condition on a row of the groups."""
        found: list[ColumnElement[bool]] = [GROUPS.c.listed]
        found += [GROUPS.c.searched.contains(word, autoescape=True) for word in (self.search or "").casefold().split()]
        if self.tag is not None:
            found.append(GROUPS.c.group_id.in_(select(TAGS.c.group_id).where(TAGS.c.tag == self.tag.strip().lower())))
        if self.minimum_age is not None:
            found.append(GROUPS.c.minimum_age >= self.minimum_age)
        if self.maximum_age is not None:
            found.append(GROUPS.c.maximum_age <= self.maximum_age)
        if session := self._session():
            found.append(GROUPS.c.group_id.in_(select(SESSIONS.c.group_id).where(*session)))
        return and_(*found)

    def _session(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.weekday is not None:
            found.append(SESSIONS.c.weekday == self.weekday)
        if self.starts_from is not None:
            found.append(SESSIONS.c.start >= self.starts_from)
        if self.ends_by is not None:
            found.append(SESSIONS.c.end <= self.ends_by)
        return found


@dataclass(frozen=True, slots=True)
class Near:
    """Around a point in WGS 84 degrees, up to `km` (200 at most) along the geodesic."""

    latitude: float
    longitude: float
    km: float

    def box(self) -> ColumnElement[bool]:
        """The condition that a group's position lies in a box of degrees which holds every such point, and some others."""
        high = self.km / _KM_A_DEGREE
        nearest_pole = abs(self.latitude) + high
        within = GROUPS.c.latitude.between(self.latitude - high, self.latitude + high)
        if nearest_pole >= 90:
            return and_(within, GROUPS.c.longitude.is_not(None))
        wide = high / cos(radians(nearest_pole))
        return and_(within, _between_meridians(self.longitude - wide, self.longitude + wide))


def _between_meridians(west: float, east: float) -> ColumnElement[bool]:
    """Between two meridians in degrees, also across the 180th."""
    if east - west >= 360:
        return true()
    ranges: list[ColumnElement[bool]] = [GROUPS.c.longitude.between(west, east)]
    if west < -180:
        ranges.append(GROUPS.c.longitude >= west + 360)
    if east > 180:
        ranges.append(GROUPS.c.longitude <= east - 360)
    return or_(*ranges)
