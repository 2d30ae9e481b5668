"""The facts of the groups as plain arrays, one row a group: what eligibility, features and reasons read instead of records.

NaN, `UNKNOWN` or a false `..._known` stands where a group's record is silent; no value is ever filled in for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models import distance
from schemas.group import Capacity, Group

UNKNOWN: Final = 0
"""Nothing is said about places."""

FREE: Final = 1
WAITING: Final = 2
FULL: Final = 3
"""No place and no waiting list."""


def free_places(capacity: Capacity) -> int:
    """How many places are free as far as the record says; where it says a maximum alone, all of them."""
    return capacity.maximum if capacity.available is None else min(capacity.available, capacity.maximum)


def place_state(capacity: Capacity | None) -> int:
    """Whether a place is free; a maximum alone says that the group takes people, not that a place is free now."""
    if capacity is None:
        return UNKNOWN
    free = free_places(capacity)
    return UNKNOWN if free > 0 and capacity.available is None else offered(free, capacity.waitlist)


def offered(free: int, waitlist: bool) -> int:
    """What a group offers that has so many places free."""
    if free > 0:
        return FREE
    return WAITING if waitlist else FULL


def fingerprint(text: str | bytes) -> int:
    """64 bits of BLAKE2b, which no seed of the process changes."""
    told = text.encode() if isinstance(text, str) else text
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")


_OFFERED: Final = np.array([1, *(fingerprint(f"place {state}") | 1 for state in range(FULL + 1))], np.uint64)
"""What a digest is multiplied by where places are not as the record says, by one more than their state; odd, so that digests stay apart."""

ROW: Final[dict[str, Any]] = {
    "ids": np.object_,
    "digest": np.uint64,
    "feed": np.uint64,
    "zone": np.object_,
    "currency": np.object_,
    "latitude": np.float64,
    "longitude": np.float64,
    "active": np.bool_,
    "in_person": np.bool_,
    "online": np.bool_,
    "access_known": np.bool_,
    "minimum_age": np.float64,
    "maximum_age": np.float64,
    "cost": np.float64,
    "place": np.int8,
    "listed_place": np.int8,
    "newcomers": np.float64,
    "size": np.float64,
    "assured": np.float64,
    "every_weeks": np.float64,
}
"""The columns and their types, in the order of `_facts`."""


def or_nan(value: float | None) -> float:
    """The number, or NaN where it is not known."""
    return np.nan if value is None else float(value)


@lru_cache(maxsize=1024)
def _of_feed(feed: str) -> int:
    return fingerprint(feed)


def _facts(group: Group, feed: str, digest: int) -> tuple[object, ...]:
    located, place = group.latitude is not None and group.longitude is not None, place_state(group.capacity)
    return (
        group.group_id,
        digest,
        _of_feed(feed),
        group.time_zone,
        group.currency,
        or_nan(group.latitude if located else None),
        or_nan(group.longitude if located else None),
        group.status == "active",
        group.mode == "in_person",
        group.mode == "online",
        group.access is not None,
        or_nan(group.minimum_age),
        or_nan(group.maximum_age),
        or_nan(group.cost),
        place,
        place,
        or_nan(group.newcomers_per_week),
        or_nan(group.size),
        or_nan(group.assured_on.toordinal() if group.assured_on else None),
        min((session.every_weeks for session in group.sessions), default=np.nan),
    )


@dataclass(frozen=True)
class Columns:
    """One array a fact, (n,) each; `assured` is a proleptic ordinal day, `cost` in `currency`, ages in years, positions in degrees.

    `place` is what is known of places now, `listed_place` what the group's own record says of them.
    """

    ids: NDArray[np.object_]
    digest: NDArray[np.uint64]
    feed: NDArray[np.uint64]
    zone: NDArray[np.object_]
    currency: NDArray[np.object_]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    active: NDArray[np.bool_]
    in_person: NDArray[np.bool_]
    online: NDArray[np.bool_]
    access_known: NDArray[np.bool_]
    minimum_age: NDArray[np.float64]
    maximum_age: NDArray[np.float64]
    cost: NDArray[np.float64]
    place: NDArray[np.int8]
    listed_place: NDArray[np.int8]
    newcomers: NDArray[np.float64]
    size: NDArray[np.float64]
    assured: NDArray[np.float64]
    every_weeks: NDArray[np.float64]

    @classmethod
    def of(cls, groups: Sequence[tuple[Group, str, int]]) -> Self:
        """From (group, feed, digest of the content) each, in that order."""
        facts = [_facts(group, feed, digest) for group, feed, digest in groups]
        return cls(**{name: np.array([row[place] for row in facts], kind) for place, (name, kind) in enumerate(ROW.items())})

    def joined(self, other: "Columns") -> "Columns":
        """These groups and then the others."""
        return Columns(**{field.name: np.concatenate([getattr(self, field.name), getattr(other, field.name)]) for field in fields(self)})

    def taken(self, rows: NDArray[np.intp]) -> "Columns":
        """The groups at `rows`, in that order."""
        taken = Columns(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})
        vars(taken)["position"] = self.position[rows]
        return taken

    def with_places(self, place: NDArray[np.int8]) -> "Columns":
        """The same groups with these states of their places, (n,); what was worked out is taken along."""
        other = replace(self, place=place)
        vars(other).update({name: value for name, value in vars(self).items() if name != "place"})
        return other

    @property
    def offers(self) -> NDArray[np.uint64]:
        """The digest of each group's content and places, (n,): that of the content alone where the record says the same of its places."""
        return self.digest * _OFFERED[np.where(self.place == self.listed_place, 0, self.place + 1)]

    @cached_property
    def position(self) -> NDArray[np.float64]:
        """Earth-centred coordinates in km, (n, 3); NaN where unknown."""
        return distance.positions(self.latitude, self.longitude)

    @cached_property
    def located(self) -> NDArray[np.bool_]:
        """Where the position is known."""
        return ~np.isnan(self.latitude)
