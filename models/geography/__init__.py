"""Where a postcode is, offline: UK outward codes from a bundled table, US ZIP codes from the `zipcodes` package.

A position is that of the whole outward code or ZIP, never of a home. What is not known is None and never a guess. Nothing here needs the
network; `geocoder` is the one part that may, and only where a caller builds one.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from models.geography.outcodes import outcode_of, outcodes
from models.geography.zips import zip_position

__all__ = ["MAX_POSTCODE", "Place", "Precision", "locate"]

MAX_POSTCODE: Final = 20
Precision = Literal["outcode", "zip", "geocoder"]

_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")


@dataclass(frozen=True, slots=True)
class Place:
    """A position in WGS 84 degrees, what it is the position of, and the `area` it is counted under where needs go unmet.

    The area is the UK outward code, the first three digits of a ZIP, or for a geocoder's answer its cell of a tenth of a degree.
    """

    latitude: float
    longitude: float
    area: str
    precision: Precision


@lru_cache(maxsize=20_000)
def locate(postcode: str) -> Place | None:
    """The place of a UK postcode (whole, or only its outward code) or a US ZIP (5 or 9 digits), or None where it is not known.

    Case, spaces, punctuation and full-width letters do not matter. A mistyped O for 0 or I for 1 is put right in an outward code where
    exactly one outward code can be meant.
    """
    if len(postcode) > MAX_POSTCODE:
        return None
    plain = unicodedata.normalize("NFKC", postcode).strip()
    digits = _ZIP.fullmatch(plain)
    return _in_the_us(digits[1]) if digits else _in_the_uk(plain)


def _in_the_us(digits: str) -> Place | None:
    position = zip_position(digits)
    return None if position is None else Place(*position, area=digits[:3], precision="zip")


def _in_the_uk(plain: str) -> Place | None:
    outcode = outcode_of(plain)
    return None if outcode is None else Place(*outcodes()[outcode], area=outcode, precision="outcode")
