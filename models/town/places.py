"""Where things are in Aldersby: its neighbourhoods and villages, and the rooms and fields in which groups meet.

The ground is that of real outward codes, so that postcodes resolve offline; the names are invented, and no inward code here can exist.
"""

from functools import cache

from models.town.draws import Draws
from models.town.written import Written, read

KM_PER_DEGREE_NORTH = 111.2
KM_PER_DEGREE_EAST = 67.6
"""At the town's latitude."""


class Area(Written):
    """A neighbourhood or village, the share of the people who live there, and how far its streets reach."""

    name: str
    outcode: str
    latitude: float
    longitude: float
    radius_km: float
    share: float
    village: bool


class Venue(Written):
    """Where groups meet; `access` None where it was never written down."""

    name: str
    area: str
    latitude: float
    longitude: float
    postcode: str
    access: list[str] | None = None


@cache
def areas() -> dict[str, Area]:
    """Every area, by its key."""
    return {key: Area.model_validate(row) for key, row in read("places.toml")["areas"].items()}


@cache
def venues() -> dict[str, Venue]:
    """Every venue, by its key."""
    return {key: Venue.model_validate(row) for key, row in read("places.toml")["venues"].items()}


@cache
def residents_of_areas() -> dict[str, float]:
    """The share of the people in each area."""
    return {key: area.share for key, area in areas().items()}


def home_in(area: Area, draws: Draws) -> tuple[float, float]:
    """A home among the area's streets: latitude and longitude in degrees, to four decimals."""
    north, east = draws.around(area.radius_km), draws.around(area.radius_km)
    return round(area.latitude + north / KM_PER_DEGREE_NORTH, 4), round(area.longitude + east / KM_PER_DEGREE_EAST, 4)


def postcode_in(area: Area, draws: Draws) -> str:
    """A postcode whose outward code is the area's and whose inward code cannot exist: these six letters are never used there."""
    return f"{area.outcode} {1 + draws.below(9)}{draws.one_of('CIKMOV')}{draws.one_of('CIKMOV')}"
