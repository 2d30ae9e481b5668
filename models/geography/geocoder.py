"""A geocoding service on the network, for what the bundled tables do not know; there is none unless a caller builds one.

It gets the postcode or address as text and nothing else about the person. It is slow and may fail: the answer is then "not known", never an
error, and never part of a transaction. What it said is kept in memory, and only there.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final, Protocol

from models.geography import Place

_MOST_ANSWERS: Final = 10_000
_LONGEST_QUERY: Final = 200


class Geocoder(Protocol):
    """Anything that finds a place for an address."""

    def find(self, address: str) -> Place | None:
        """The place of `address`, or None where it is not known or could not be asked."""


class NetworkGeocoder:
    """Asks a geopy geocoder, no oftener than its rate limit allows, and remembers the answers."""

    def __init__(self, geocode: Callable[[str], Any]) -> None:
        self._geocode = geocode
        self._answers: OrderedDict[str, Place | None] = OrderedDict()
        self._lock = Lock()

    def find(self, address: str) -> Place | None:
        """The place of `address` (at most 200 characters are sent); None where it is not known or the service fails.

        A failure is not remembered, so that the same address is asked again another time.
        """
        query = " ".join(address.split())[:_LONGEST_QUERY].casefold()
        if not query:
            return None
        with self._lock:
            if query in self._answers:
                self._answers.move_to_end(query)
                return self._answers[query]
        try:
            place = _place(self._geocode(query))
        except Exception:
            # A service beyond our control: geopy's own errors, and whatever an answer of another shape makes it raise. The exception's
            # text may hold the address, so it goes nowhere.
            return None
        self._remember(query, place)
        return place

    def _remember(self, query: str, place: Place | None) -> None:
        with self._lock:
            self._answers[query] = place
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)


def build_geocoder(service: str, options: Mapping[str, Any], *, timeout_seconds: float = 5.0, pause_seconds: float = 1.0) -> NetworkGeocoder:
    """A geocoder of geopy by name ("nominatim", "photon", …), at most one request every `pause_seconds`.

    `options` are that geocoder's own (Nominatim: `user_agent`, `domain`, `scheme`). One second is what the public Nominatim's usage policy
    asks for. Raises geopy.exc.GeocoderNotFound for a name it does not know, and TypeError or ConfigurationError for options it refuses.
    """
    from geopy.adapters import URLLibAdapter  # here, because geopy is 0.3 s to import and most installations have no geocoder
    from geopy.extra.rate_limiter import RateLimiter
    from geopy.geocoders import get_geocoder_for_service

    # Below warning, geopy logs the whole request, address and all; retries and swallowed errors it logs as warnings, with the address, hence
    # none of either here; and its other adapter leaves the address in the log of urllib3.
    logging.getLogger("geopy").setLevel(logging.WARNING)
    geocoder = get_geocoder_for_service(service)(timeout=timeout_seconds, adapter_factory=URLLibAdapter, **options)
    geocode = RateLimiter(
        geocoder.geocode, min_delay_seconds=pause_seconds, max_retries=0, error_wait_seconds=pause_seconds, swallow_exceptions=False
    )
    return NetworkGeocoder(geocode)


def _place(location: Any) -> Place | None:
    """Geopy's answer as a place; ValueError for a position off the Earth."""
    if location is None:
        return None
    latitude, longitude = float(location.latitude), float(location.longitude)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("a position off the Earth")
    return Place(latitude, longitude, area=f"{latitude:.1f},{longitude:.1f}", precision="geocoder")
