"""US ZIP codes through the `zipcodes` package, imported at the first ZIP that is asked for: its first answer costs some 0.4 s."""

from collections.abc import Callable
from typing import Any

Position = tuple[float, float]


def zip_position(digits: str) -> Position | None:
    """Latitude and longitude of a five-digit ZIP, or None where there is none.

    `digits` must be five ASCII digits: the package panics on others. Some 870 military ZIPs stand at (0, 0) in its table; for them the
    position is not known.
    """
    import zipcodes  # here, because a clinic in the UK never needs it

    matching: Callable[[str], list[dict[str, Any]]] = zipcodes.matching
    for found in matching(digits):
        latitude, longitude = float(found["lat"]), float(found["long"])
        if (latitude, longitude) != (0, 0):
            return latitude, longitude
    return None
