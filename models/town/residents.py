"""Who the people of Aldersby are before anything is asked of them: age, household of life, home, languages, how they get about.

Who is referred leans to the old and to the young adults, as clinics' lists do; the shares are ours.
"""

from dataclasses import dataclass
from typing import Final, Literal

from models.town.draws import Draws
from models.town.names import Gender, community_of, full_name, languages_of
from models.town.places import Area, areas, residents_of_areas
from schemas.referral import TravelMode

Life = Literal["retired", "working", "shift", "student", "parent", "carer", "home"]
"""What most of a person's days are given to; `home`: neither paid work nor any of the others."""

_AGES: Final = {(18, 29): 17, (30, 44): 14, (45, 59): 17, (60, 64): 9, (65, 74): 18, (75, 84): 17, (85, 95): 8}
_GENDERS: Final[dict[Gender, float]] = {"female": 58, "male": 41, "other": 1}
_LIVES: Final[tuple[tuple[int, dict[Life, float]], ...]] = (
    (24, {"student": 38, "working": 30, "shift": 8, "home": 16, "parent": 5, "carer": 3}),
    (44, {"working": 40, "shift": 13, "parent": 24, "home": 16, "carer": 6, "student": 1}),
    (58, {"working": 44, "shift": 11, "home": 27, "carer": 18}),
    (65, {"working": 24, "shift": 6, "home": 18, "carer": 16, "retired": 36}),
    (120, {"retired": 90, "carer": 10}),
)
_IN_TOWN: Final[dict[TravelMode, float]] = {"bus": 38, "walk": 24, "car": 28, "any": 10}
_IN_TOWN_OLD: Final[dict[TravelMode, float]] = {"bus": 46, "walk": 30, "car": 14, "any": 10}
_IN_VILLAGE: Final[dict[TravelMode, float]] = {"car": 54, "bus": 28, "walk": 18}
_IN_VILLAGE_OLD: Final[dict[TravelMode, float]] = {"car": 34, "bus": 36, "walk": 30}
_OLD = 80


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented person; `community` is a key of the names' file and reaches no record."""

    name: str
    age: int
    gender: Gender
    community: str
    languages: tuple[str, ...]
    life: Life
    area: Area
    gets_about: TravelMode

    @property
    def drives(self) -> bool:
        """Whether there is a car."""
        return self.gets_about == "car"

    @property
    def has_little_english(self) -> bool:
        """Whether English is none of the languages."""
        return "en" not in self.languages


def resident(draws: Draws) -> Resident:
    """Somebody aged 18 to 95."""
    youngest, oldest = draws.weighted(_AGES)
    age = youngest + draws.below(oldest - youngest + 1)
    gender = draws.weighted(_GENDERS)
    community = community_of(draws, age)
    area = areas()[draws.weighted(residents_of_areas())]
    return Resident(
        name=full_name(draws, community, gender),
        age=age,
        gender=gender,
        community=community.key,
        languages=tuple(languages_of(draws, community, age)),
        life=draws.weighted(next(shares for until, shares in _LIVES if age <= until)),
        area=area,
        gets_about=draws.weighted(_ways_to_travel(area, age)),
    )


def _ways_to_travel(area: Area, age: int) -> dict[TravelMode, float]:
    if area.village:
        return _IN_VILLAGE_OLD if age >= _OLD else _IN_VILLAGE
    return _IN_TOWN_OLD if age >= _OLD else _IN_TOWN
