"""What people say matters to them: sentences written by hand, each kept for those who could truly say it, put together by seed.

A text is one whole statement, or where somebody is in life, what they would like (once or twice) and perhaps what stands in the way. What
stands in the way is said only where it is in the person's record too.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from models.town.draws import Draws
from models.town.names import Gender
from models.town.needs import Access, Practical
from models.town.residents import Life, Resident
from models.town.written import Written, read

_WHOLE, _PER_WHOLE = 0.24, 0.02  # where few statements fit, each must not be heard too often
_OPENED, _SECOND_WISH, _CLOSED, _FACT_FIRST, _ON_THEME = 0.86, 0.34, 0.72, 0.55, 0.55


class Voice(Written):
    """A sentence or two, and whom they may come from; an empty list is everybody.

    `themes`: only after a situation of that reason or tag. `car`: only with one, or only without. `past`: it tells what life has been,
    and two lives are never put together.
    """

    text: str
    tags: tuple[str, ...] = ()
    minimum_age: int = 0
    maximum_age: int = 200
    genders: tuple[Gender, ...] = ()
    lives: tuple[Life, ...] = ()
    languages: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    needs: tuple[Access, ...] = ()
    themes: tuple[str, ...] = ()
    reason: str | None = None
    village: bool = False
    town: bool = False
    car: bool | None = None
    past: bool = False

    @property
    def depends_on_needs(self) -> bool:
        """Whether more is asked of the person than age, gender and kind of life."""
        return bool(self.languages or self.communities or self.needs or self.village or self.town or self.car is not None)


class RedFlag(Written):
    """A sentence that must stop automation, and the code a clinic would give it."""

    code: str
    text: str
    minimum_age: int = 0
    maximum_age: int = 200
    genders: tuple[Gender, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A person's own words, the tags that fit them, and the clinic's code for what brought it about."""

    text: str
    tags: tuple[str, ...]
    reason: str | None


Bank = Literal["situations", "wishes", "statements"]


@cache
def bank(name: Bank) -> tuple[Voice, ...]:
    """Every written block of one kind."""
    return tuple(Voice.model_validate(row) for row in read(f"voices/{name}.toml")[name])


@cache
def red_flags() -> tuple[RedFlag, ...]:
    """Every written sentence that must stop automation."""
    return tuple(RedFlag.model_validate(row) for row in read("voices/red_flags.toml")["sentences"])


@cache
def _closings() -> tuple[list[str], dict[str, list[str]]]:
    tables = read("voices/closings.toml")
    return tables["always"], tables["facts"]


def _is_for(voice: Voice | RedFlag, age: int, gender: Gender) -> bool:
    return voice.minimum_age <= age <= voice.maximum_age and (not voice.genders or gender in voice.genders)


@cache
def _roughly(name: Bank, age: int, gender: Gender, life: Life) -> tuple[list[Voice], list[Voice]]:
    voices = [voice for voice in bank(name) if _is_for(voice, age, gender) and (not voice.lives or life in voice.lives)]
    return [voice for voice in voices if not voice.depends_on_needs], [voice for voice in voices if voice.depends_on_needs]


def _could_say(voice: Voice, person: Resident, needs: Practical) -> bool:
    # Who has no English speaks in sentences written for their own tongue, never in another's idiom.
    return (
        (person.languages[0] in voice.languages or not (voice.languages or person.has_little_english))
        and (not voice.communities or person.community in voice.communities)
        and (not voice.needs or any(need in needs.access for need in voice.needs))
        and not (voice.village and not person.area.village)
        and not (voice.town and person.area.village)
        and (voice.car is None or voice.car == person.drives)
    )


def _voices(name: Bank, person: Resident, needs: Practical) -> list[Voice]:
    anybodys, bound = _roughly(name, person.age, person.gender, person.life)
    return ([] if person.has_little_english else anybodys) + [voice for voice in bound if _could_say(voice, person, needs)]


def speech(person: Resident, needs: Practical, draws: Draws, *, wants_company: bool) -> Said:
    """What this person says; `wants_company` where they agreed to a companion for the first visit."""
    situation = draws.one_of(_voices("situations", person, needs))
    themes = {*situation.tags, situation.reason}
    wholes = [voice for voice in _voices("statements", person, needs) if not voice.themes or themes.intersection(voice.themes)]
    if wholes and draws.chance(min(_WHOLE, _PER_WHOLE * len(wholes))):
        whole = draws.one_of(wholes)
        return Said(whole.text, tuple(whole.tags), situation.reason)
    wishes = _wishes(person, needs, situation, draws)
    closing = [_closing(person, needs, draws, wants_company)] if draws.chance(_CLOSED) else []
    opening = [situation.text] if draws.chance(_OPENED) else []
    tags = dict.fromkeys(tag for voice in (*wishes, situation) for tag in voice.tags)
    return Said(" ".join([*opening, *(wish.text for wish in wishes), *closing]), tuple(tags), situation.reason)


def _wishes(person: Resident, needs: Practical, situation: Voice, draws: Draws) -> list[Voice]:
    themes = {*situation.tags, situation.reason}
    fitting = [
        voice
        for voice in _voices("wishes", person, needs)
        if not (voice.past and situation.past) and (not voice.themes or themes.intersection(voice.themes))
    ]
    on_theme = [voice for voice in fitting if voice.themes]
    first = draws.one_of(on_theme if on_theme and draws.chance(_ON_THEME) else fitting)
    if not draws.chance(_SECOND_WISH):
        return [first]
    others = [voice for voice in fitting if not set(voice.tags).intersection(first.tags) and not (voice.past and first.past)]
    return [first, draws.one_of(others)] if others else [first]


def _facts(person: Resident, needs: Practical, wants_company: bool) -> list[str]:
    travel = needs.travel.mode if needs.travel else None
    facts: list[str] = [*needs.access]
    facts += ["village_without_car"] if person.area.village and travel in ("bus", "walk") else []
    facts += ["on_foot"] if travel == "walk" and not person.area.village else []
    facts += ["no_money"] if needs.max_cost == 0 else []
    facts += ["companion"] if wants_company else []
    facts += ["little_english"] * 2 if person.has_little_english else []
    return [*facts, needs.pattern]


def _closing(person: Resident, needs: Practical, draws: Draws, wants_company: bool) -> str:
    always, facts = _closings()
    fitting = [fact for fact in _facts(person, needs, wants_company) if fact in facts]
    if fitting and (person.has_little_english or draws.chance(_FACT_FIRST)):
        return draws.one_of(facts[draws.one_of(fitting)])
    return draws.one_of(always)


def red_flag_of(person: Resident, draws: Draws) -> RedFlag:
    """A sentence that this person might say when something is badly wrong."""
    return draws.one_of([flag for flag in red_flags() if _is_for(flag, person.age, person.gender)])
