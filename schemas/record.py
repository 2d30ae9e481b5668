"""The base of every record that comes from outside, and the small value types that records share.

A record is frozen, bounded in every field, and keeps fields it does not know: a newer sender loses nothing.
"""

from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60

Clock = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""A local time of day, "HH:MM"; "24:00" is the end of the day."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Line = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100, to_lower=True)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Latitude = Annotated[float, Field(ge=-90, le=90, description="WGS 84 degrees north")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="WGS 84 degrees east")]
Age = Annotated[int, Field(ge=0, le=130)]
Money = Annotated[float, Field(ge=0, le=1_000_000)]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"no IANA time zone is called {name!r}")
    return name


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]


def _absent_is_empty(value: object) -> object:
    return [] if value is None else value


EmptyWhenNull = BeforeValidator(_absent_is_empty)


class Record(BaseModel):
    """A frozen record from outside; unknown fields are kept in `model_extra`."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True, allow_inf_nan=False)


def minutes(clock: str) -> int:
    """Minutes since midnight of an "HH:MM" clock time, 0 to 1440."""
    return int(clock[:2]) * 60 + int(clock[3:])
