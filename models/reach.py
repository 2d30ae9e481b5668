"""How far a person goes for a group, and which groups lie beyond that.

A stated `max_km` is never widened; the default of a way of travelling may be, when it leaves too few groups. Who states no way of
travelling has no limit. Online and hybrid groups are in everyone's reach. A group without position is in reach only where at least
half of the located groups of its feed are: then the odds that it is too are even or better. Without located groups there are none.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory
from models.distance import geodesic_km, uncertainty_km
from schemas.referral import Travel

NO_LIMIT: Final = float("inf")


@dataclass(frozen=True, slots=True)
class ReachDefaults:
    """Kilometres by way of travelling where no `max_km` is stated; `widened` multiplies them while fewer than `enough` groups are left."""

    walk: float = 2.0
    bus: float = 8.0
    car: float = 25.0
    any: float = 15.0
    widened: tuple[float, ...] = (1.5, 2.0)
    enough: int = 10

    def usual_km(self, travel: Travel | None) -> float:
        """How far people go who travel like this, whatever they state."""
        return float(getattr(self, "any" if travel is None else travel.mode))

    def limit_km(self, travel: Travel | None) -> float:
        """How far this person goes."""
        if travel is None:
            return NO_LIMIT
        return self.usual_km(travel) if travel.max_km is None else travel.max_km

    @staticmethod
    def may_widen(travel: Travel | None) -> bool:
        """Whether the limit is ours, not the person's."""
        return travel is not None and travel.max_km is None


@dataclass(frozen=True)
class Homes:
    """Where a block of people lives, (r, 2) degrees, NaN where unknown, and how far each goes, (r,) km."""

    degrees: NDArray[np.float64]
    limit: NDArray[np.float64]

    def of_people(self, rows: NDArray[np.intp], limit: NDArray[np.float64]) -> "Homes":
        """Some of the people, with other limits."""
        return Homes(self.degrees[rows], limit)

    @property
    def limited(self) -> NDArray[np.bool_]:
        """Who has a limit that can be applied, (r,)."""
        return np.isfinite(self.limit) & ~np.isnan(self.degrees[:, 0])


@dataclass(frozen=True)
class Reached:
    """How far each of a block of people goes after all, (r,) km, and which groups are beyond that, (r, n)."""

    limit: NDArray[np.float64]
    beyond: NDArray[np.bool_]


def settle(km: NDArray[np.float64], homes: Homes, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> None:
    """Replaces, in `km` (r, n), each distance so close to its person's limit that only the geodesic can decide; places, (n,), are in degrees."""
    limit = np.where(homes.limited, homes.limit, -1.0)
    close = np.abs(km - limit[:, None]) <= uncertainty_km(np.maximum(limit, 0.0))[:, None]
    for person, place in zip(*np.nonzero(close), strict=True):
        home = (float(homes.degrees[person, 0]), float(homes.degrees[person, 1]))
        km[person, place] = geodesic_km(home, (float(latitude[place]), float(longitude[place])))


def out_of_reach(km: NDArray[np.float64], homes: Homes, directory: Directory) -> NDArray[np.bool_]:
    """Which groups are too far for whom, (r, n), from distances in km (NaN where unknown), which are settled on the way."""
    settle(km, homes, directory.columns.latitude, directory.columns.longitude)
    within = km <= homes.limit[:, None]
    known = directory.columns.located
    beyond = np.where(known, ~within, ~_feed_around(within, directory)) if directory.strays_by_feed else ~within
    return np.asarray(beyond & directory.columns.in_person & homes.limited[:, None])


def lies_around(within: NDArray[np.intp], located: int) -> NDArray[np.bool_]:
    """Whether a feed lies around homes, from how many of its `located` groups are `within` reach of each."""
    return np.asarray((2 * within >= located) & (located > 0))


def _feed_around(within: NDArray[np.bool_], directory: Directory) -> NDArray[np.bool_]:
    around = np.zeros_like(within)
    for strays, located, count in directory.strays_by_feed:
        around[:, strays] = lies_around(within[:, located].sum(axis=1), count)[:, None]
    return around
