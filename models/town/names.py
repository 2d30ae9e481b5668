"""What the people of Aldersby are called, and the languages they speak: a family's community is used for that and goes no further."""

from functools import cache
from typing import Literal

from models.town.draws import Draws
from models.town.written import Written, read

Gender = Literal["female", "male", "other"]
"""FHIR administrative gender."""


class Community(Written):
    """Names given in one community in certain years, its mother tongue, and whether most of its families came lately."""

    key: str
    tongue: str
    share: float
    female: list[str]
    male: list[str]
    family: list[str]
    minimum_age: int = 0
    maximum_age: int = 200
    recent: bool = False


@cache
def _communities() -> tuple[Community, ...]:
    return tuple(Community.model_validate(row) for row in read("names.toml")["communities"])


@cache
def _shares(age: int) -> dict[int, float]:
    return {place: row.share for place, row in enumerate(_communities()) if row.minimum_age <= age <= row.maximum_age}


def community_of(draws: Draws, age: int) -> Community:
    """The community of somebody of this age."""
    return _communities()[draws.weighted(_shares(age))]


def speaking(tongue: str, age: int) -> Community:
    """The community whose mother tongue this is, by preference among those of the age; the largest one where nobody's is."""
    rows = [row for row in _communities() if row.tongue == tongue] or list(_communities())
    return next((row for row in rows if row.minimum_age <= age <= row.maximum_age), rows[0])


def full_name(draws: Draws, community: Community, gender: Gender) -> str:
    """A given name and a family name."""
    given = {"female": community.female, "male": community.male, "other": community.female + community.male}[gender]
    return f"{draws.one_of(given)} {draws.one_of(community.family)}"


def languages_of(draws: Draws, community: Community, age: int) -> list[str]:
    """The languages somebody speaks, the one they are most at home in first; now and then British Sign Language."""
    if community.tongue == "en":
        return ["bfi", "en"] if draws.chance(0.006) else ["en"]
    only, first = (0.4, 0.92) if community.recent else (0.3, 0.9) if age >= 60 else (0.08, 0.35)
    number = draws.number()
    if number < only:
        return [community.tongue]
    return [community.tongue, "en"] if number < first else ["en", community.tongue]
