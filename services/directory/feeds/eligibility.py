"""Whom a group is for, from a sentence: ages and genders, where there is one certain reading.

A sentence that speaks of somebody else's age ("parents of children under 5"), of a wish ("preferably"), or of several ages gives nothing:
an unknown limit rules nobody out, a wrong one does.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

LONGEST_TEXT = 1_500
OLDEST = 120

_PEOPLE = (
    r"(?:adults?|people|persons?|anyone|everyone|members?|residents?|seniors?|citizens|men|women|ladies|youth|individuals|participants|those|girls|boys"
    r"|children)"
)
_AGED = r"(?:ages?|aged|years? old|years? of age|yrs?|years?|y/?o)"
_AND_OVER = r"(?:and|or|&|\+)?\s*(?:over|older|above|up|upwards?|plus)\b"
_AND_UNDER = r"(?:and|or|&)\s*(?:under|younger|below)\b"

_RANGE = re.compile(
    rf"\b{_AGED}\s*(?:of |from |between )*(\d{{1,3}})\s*(?:-|–|to|and|through)\s*(\d{{1,3}})\b"
    rf"|\b(?:between (?:the )?(?:ages of )?)?(\d{{1,3}})\s*(?:-|–|to|and|through)\s*(\d{{1,3}})[\s-]*{_AGED}\b"
)
_MINIMUM = re.compile(
    rf"\b(?:{_AGED}\s*(?:of )?)?(\d{{1,3}})\s*(?:{_AGED}\s*)?(?:of age\s*)?{_AND_OVER}"
    rf"|(?<![\w.£$])(\d{{2,3}})\s?\+(?!\w)|\b(?:{_PEOPLE}|{_AGED})[\s,]+(?:who are |aged )?over (?:the age of )?(\d{{1,3}})\b"
    rf"|\bover (?:the age of )?(\d{{1,3}})(?:s\b|'s\b| {_AGED}\b)|\bmust be (?:at least )?(\d{{1,3}})(?: {_AGED})? {_AND_OVER}"
)
_MAXIMUM = re.compile(rf"\b(?:{_AGED}\s*(?:of )?)?(\d{{1,3}})\s*(?:{_AGED}\s*)?{_AND_UNDER}")
_BELOW = re.compile(
    rf"\bunder (?:the age of )?(\d{{1,3}})(?:s\b|'s\b| {_AGED}\b)|\b(?:{_PEOPLE}|{_AGED})[\s,]+(?:who are |aged )?under (?:the age of )?(\d{{1,3}})\b"
)
_NOT_THEIR_OWN = re.compile(
    r"\b(?:parents?|carers?|caregivers?|caring|care for|famil(?:y|ies)|mothers?|fathers?|guardians?|spouses?|grandparents?|accompanied)\b"
    r"|\b(?:their|with an adult)\b"
    r"|\b(?:prefer\w*|priority|mostly|mainly|usually|typically|especially|encouraged|unless|except|depend\w*|some|most|varies|income)\b"
)
_FEMALE, _MALE = r"(?:women|ladies|females?)", r"(?:men|gentlemen|males?)"
_WOMEN = re.compile(rf"(?:for )?(?:all )?(?:{_FEMALE}|girls)(?:[ -]only| and girls)?[.!]?|.*\b{_FEMALE}[ -]only\b.*|.*\bonly for women\b.*")
_MEN = re.compile(rf"(?:for )?(?:all )?(?:{_MALE}|boys)(?:[ -]only| and boys)?[.!]?|.*\b{_MALE}[ -]only\b.*|.*\bonly for men\b.*")
_BOTH = re.compile(rf"\b{_FEMALE}\b.*\b{_MALE}\b|\b{_MALE}\b.*\b{_FEMALE}\b")
_NEVER = re.compile(r"\b(?:not|no)\b")
EVERYBODY: Final = frozenset(
    {
        "all",
        "any",
        "anyone",
        "anybody",
        "both",
        "co-ed",
        "coed",
        "everyone",
        "everybody",
        "mixed",
        "unisex",
        "all genders",
        "any gender",
        "all welcome",
    }
)
"""What says in so many words that no gender is asked for."""

_ONE: Final = {
    **dict.fromkeys(("f", "woman", "lady", "girl"), "female"),
    **dict.fromkeys(("m", "man", "gentleman", "boy"), "male"),
}


class Ages(NamedTuple):
    """Limits in years, both included; None where there is none or it is not known."""

    minimum: int | None = None
    maximum: int | None = None


def ages_in(text: str) -> Ages:
    """The one age limit that a sentence states; both None where there is none, or more than one."""
    return _ages(" ".join(text.lower().replace("’", "'").split())) if len(text) <= LONGEST_TEXT else Ages()


@lru_cache(maxsize=4096)
def _ages(said: str) -> Ages:
    if _NOT_THEIR_OWN.search(said) or _NEVER.search(said):
        return Ages()
    stated = {Ages(int(low), int(high)) for low, high in _pairs(said)}
    rest = _RANGE.sub(" ", said)
    stated |= {Ages(minimum=int(number)) for number in _numbers(_MINIMUM, rest)}
    stated |= {Ages(maximum=int(number)) for number in _numbers(_MAXIMUM, rest)}
    stated |= {Ages(maximum=int(number) - 1) for number in _numbers(_BELOW, rest) if int(number)}
    return _sensible(next(iter(stated))) if len(stated) == 1 else Ages()


def _pairs(said: str) -> list[tuple[str, str]]:
    return [(a or c, b or d) for a, b, c, d in _RANGE.findall(said)]


def _numbers(pattern: re.Pattern[str], said: str) -> list[str]:
    return [next(number for number in match.groups() if number) for match in pattern.finditer(said)]


def _sensible(ages: Ages) -> Ages:
    """No limit at all rather than one beyond a human life, or a lower one above the upper."""
    given = [age for age in ages if age is not None]
    in_order = ages.minimum is None or ages.maximum is None or ages.minimum <= ages.maximum
    return ages if in_order and max(given) <= OLDEST else Ages()


def genders_in(text: str) -> tuple[str, ...] | None:
    """The FHIR administrative gender that a group says it is only for; None where it is for all, or not certain."""
    return _genders(" ".join(text.lower().split())) if len(text) <= LONGEST_TEXT else None


@lru_cache(maxsize=4096)
def _genders(said: str) -> tuple[str, ...] | None:
    if _NEVER.search(said) or _BOTH.search(said):
        return None
    women, men = bool(_WOMEN.fullmatch(said)), bool(_MEN.fullmatch(said))
    return None if women == men else ("female",) if women else ("male",)


def genders_of_cell(words: Sequence[str]) -> list[str]:
    """Whom the words of a cell name, in lower case, as FHIR administrative genders; a word that is neither stays, because it may be a code.

    A word that names women and men together ("men and women") asks for no gender, so nothing is left then.
    """
    if any(_BOTH.search(word) for word in words):
        return []
    return list(dict.fromkeys(gender for word in words for gender in ([_ONE[word]] if word in _ONE else genders_in(word) or [word])))
