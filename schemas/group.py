"""The group record: one thing to join at one place and time (HSDS `service_at_location` with its schedule).

Null means *not known* wherever DESIGN.md section 5 says so, and a missing fact never rules a group out.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.record import Age, Clock, Code, EmptyWhenNull, Id, LanguageTag, Latitude, Line, Longitude, Money, Record, Text, TimeZone, Weekday

GroupStatus = Literal["active", "inactive", "paused"]
Mode = Literal["in_person", "online", "hybrid"]


class Session(Record):
    """One weekly meeting, in the group's local time; an `end` at or before `start` lies on the next day."""

    weekday: Weekday
    start: Clock
    end: Clock | None = None
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1


class Capacity(Record):
    """How many the group takes; `available` is what the feed last said is free."""

    maximum: Annotated[int, Field(ge=0, le=100_000)]
    available: Annotated[int, Field(ge=0, le=100_000)] | None = None
    waitlist: bool = False


class GroupContact(Record):
    """The organiser; sealed under the group's own key and never exported publicly."""

    name: Line | None = None
    email: Line | None = None
    phone: Line | None = None


class Group(Record):
    """A group as files, feeds and `/v1/groups` carry it."""

    group_id: Id
    name: Annotated[Line, Field(min_length=1)]
    description: Text = ""
    tags: Annotated[list[Code], EmptyWhenNull, Field(max_length=100)] = []
    organisation: Line | None = None
    status: GroupStatus = "active"
    mode: Mode = "in_person"
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    postcode: Annotated[str, Field(max_length=20)] | None = None
    sessions: Annotated[list[Session], EmptyWhenNull, Field(max_length=200)] = []
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    genders: Annotated[list[Code], Field(max_length=20)] | None = None
    languages: Annotated[list[LanguageTag], EmptyWhenNull, Field(max_length=100)] = []
    access: Annotated[list[Code], Field(max_length=50)] | None = None
    cost: Money | None = None
    currency: Annotated[str, Field(max_length=3)] = "GBP"
    capacity: Capacity | None = None
    contact: GroupContact | None = None
    newcomers_per_week: Annotated[int, Field(ge=0, le=10_000)] | None = None
    size: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    assured_on: date | None = None
    time_zone: TimeZone | None = None
