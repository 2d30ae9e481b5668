"""How far it is: the straight line through the ellipsoid bent back to its surface, for whole blocks, and geopy's geodesic where that decides.

For points less than 200 km apart the bent chord is within ten centimetres of the geodesic on WGS 84; `uncertainty_km` bounds the
difference everywhere, so whoever must decide knows which pairs to settle with `geodesic_km`. An unknown position is NaN and stays NaN.
"""

from typing import Final

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray

SEMI_MAJOR_KM: Final = 6378.137
"""WGS 84 semi-major axis."""

FLATTENING: Final = 1 / 298.257223563
MEAN_RADIUS_KM: Final = 6371.0088
EXACT_ENOUGH_KM: Final = 200.0
"""Up to here the bent chord may be shown: it is less than 0.1 m from the geodesic."""

FAR_KM: Final = 10_000.0


def positions(latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earth-centred coordinates, (n, 3) in km, of points on the WGS 84 ellipsoid given in degrees; NaN in, NaN out."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    squared_eccentricity = FLATTENING * (2 - FLATTENING)
    normal = SEMI_MAJOR_KM / np.sqrt(1 - squared_eccentricity * np.sin(north) ** 2)
    return np.stack(
        [normal * np.cos(north) * np.cos(east), normal * np.cos(north) * np.sin(east), normal * (1 - squared_eccentricity) * np.sin(north)], axis=-1
    )


def arcs_km(homes: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances in km, (r, g), between (r, 3) and (g, 3) Earth-centred points; `uncertainty_km` says how far off at most."""
    squared = np.zeros((len(homes), len(places)))
    for axis in range(3):
        step = homes[:, axis, None] - places[None, :, axis]
        squared += np.square(step, out=step)
    half = np.sqrt(squared, out=squared)
    half /= 2 * MEAN_RADIUS_KM
    bent = np.arcsin(np.minimum(half, 1.0, out=half), out=half)
    bent *= 2 * MEAN_RADIUS_KM
    return bent


def uncertainty_km(km: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far `arcs_km` may be from the geodesic at a distance of `km`.

    The bending assumes one radius where the ellipsoid's radii of curvature run from 6335 to 6400 km, which is worth 1.2e-11 km for
    each cubic kilometre; measured against geopy, doubled here. Beyond 10,000 km a tenth covers the near-antipodal cases.
    """
    return np.where(km < FAR_KM, 2e-11 * km**3 + 1e-6, 0.1 * km)


def geodesic_km(home: tuple[float, float], place: tuple[float, float]) -> float:
    """The geodesic on WGS 84 in km between two (latitude, longitude) in degrees: Karney (2013), through geopy."""
    return float(geodesic(home, place).km)
