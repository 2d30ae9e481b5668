"""Who of those with the same first session could go together: by what they stated and nothing else, the best pair first.

Nothing is inferred about anybody: languages count where both said theirs, the home only for how near it is. Age and gender do not count, because
nobody is asked whom they would like to go with by them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

from models.distance import geodesic_km
from services.coordinator.companions import pair_id_of

Reason = Literal["shared_language", "near"]
Position = tuple[float, float]
NEAR_KM: Final = 2.0
"""So near that two people may share the way; an hour's walk between them at the most, there and back."""


@dataclass(frozen=True, slots=True)
class Willing:
    """Somebody who agreed to have a companion: `home` in degrees, WGS 84, where it is known; `languages` as BCP 47 tags, where they were said."""

    place_id: str
    person: str
    case_id: str
    languages: tuple[str, ...] = ()
    home: Position | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who could go together, the one with the lesser `place_id` first, and why."""

    pair_id: str
    sides: tuple[Willing, Willing]
    reasons: tuple[Reason, ...]


def best_pairs(willing: Iterable[Willing], ended: Collection[str] = ()) -> list[Pair]:
    """Pairs of those who share a session, nobody in two, none that has `ended`: first who said that they share a language, then who live nearest."""
    in_order = sorted(willing, key=lambda one: one.place_id)
    possible = [pair for one, other in combinations(in_order, 2) if (pair := pair_of(one, other)) and pair.pair_id not in ended]
    taken: set[str] = set()
    chosen = []
    for pair in sorted(possible, key=_worth):
        persons = {side.person for side in pair.sides}
        if taken.isdisjoint(persons):
            taken |= persons
            chosen.append(pair)
    return chosen


def pair_of(one: Willing, other: Willing) -> Pair | None:
    """These two as a pair; None where they are one person, or have said that they have no language in common."""
    spoken, also = _primary(one.languages), _primary(other.languages)
    if one.person == other.person or (spoken and also and spoken.isdisjoint(also)):
        return None
    first, second = sorted((one, other), key=lambda side: side.place_id)
    km = _apart(first, second)
    told: Sequence[tuple[Reason, bool]] = (("shared_language", bool(spoken & also)), ("near", km is not None and km <= NEAR_KM))
    return Pair(pair_id_of(one.place_id, other.place_id), (first, second), tuple(reason for reason, holds in told if holds))


def _worth(pair: Pair) -> tuple[bool, bool, float, str, str]:
    """The lesser, the better: what is not known comes last, ties go by the places' ids."""
    first, second = pair.sides
    km = _apart(first, second)
    return "shared_language" not in pair.reasons, km is None, km or 0.0, first.place_id, second.place_id


def _apart(one: Willing, other: Willing) -> float | None:
    return geodesic_km(one.home, other.home) if one.home and other.home else None


def _primary(languages: Iterable[str]) -> set[str]:
    return {tag.lower().split("-")[0] for tag in languages}
