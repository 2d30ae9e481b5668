"""Facts on `place-requests` and `places`: a place is asked for, never taken; the directory alone answers."""

from datetime import date
from typing import Final, Literal, get_args

from pydantic import AwareDatetime

from schemas.events.base import AboutGroup, Part
from schemas.record import Clock, Weekday

WhyRefused = Literal["full", "not_running", "not_suitable", "no_reason_given", "delisted"]
WhyGivenUp = Literal["withdrawn", "closed", "declined", "erased", "changed"]
"""Why a place is given up by the person's own wish, or with them: nobody needs to bring them the news."""

WhyReleased = Literal["withdrawn", "closed", "declined", "erased", "refused_by_organiser", "changed", "delisted"]
OWN_WISH: Final[frozenset[str]] = frozenset(get_args(WhyGivenUp))


class _AskedFor(AboutGroup):
    """A request about one person's slot, in clear ids only: the directory holds no person's key."""

    place_id: str
    person: str
    case_id: str


class WeeklySession(Part):
    """One of a group's weekly sessions, in the group's local time."""

    weekday: Weekday
    start: Clock


class PlaceRequested(_AskedFor):
    """A place is asked for, at the weekly session that suits the person where only some do."""

    stream = "place-requests"

    weekly: WeeklySession | None = None


class PlaceGivenUp(_AskedFor):
    """A place is no longer needed; one that overtakes its request cancels it."""

    stream = "place-requests"

    reason: WhyReleased


class OrganiserAnswered(_AskedFor):
    """The organiser said yes or no."""

    stream = "place-requests"

    accepted: bool
    reason: WhyRefused | None = None


class CapacitySet(AboutGroup):
    """The group's capacity is now this, without `maximum` no limit is known; or its sessions or its status changed, and this still holds.

    `revision` grows whenever the capacity was said anew: the same one again is no new snapshot.
    """

    stream = "place-requests"

    maximum: int | None = None
    available: int | None = None
    waitlist: bool = False
    revision: int = 0


class HeldSession(Part):
    """The first session a place is for."""

    date: date
    start: AwareDatetime


class _Place(_AskedFor):
    """The directory's answer; `count` grows per group, and readers keep the highest."""

    free: int | None = None
    waiting: int = 0
    count: int


class PlaceHeld(_Place):
    """The place is held for this session."""

    stream = "places"

    session: HeldSession | None = None


class PlaceMoved(_Place):
    """The held place is for another session now."""

    stream = "places"

    session: HeldSession | None = None


class PlaceWaitlisted(_Place):
    """The group is full; the person is on its waiting list."""

    stream = "places"


class PlaceConfirmed(_Place):
    """The organiser said yes."""

    stream = "places"


class PlaceRefused(_Place):
    """No place, with the reason."""

    stream = "places"

    reason: WhyRefused


class PlaceReleased(_Place):
    """The place is free again, with the reason."""

    stream = "places"

    reason: WhyReleased
