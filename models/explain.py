"""What is said of a match: closed codes with values, and the one place where each becomes a sentence.

The sentences are read by a coordinator together with the person, so they are short, plain and kind, and none names an age, a gender,
a condition, a faith or an origin. Whether a code holds is decided where it is given (`models.reasons`, `models.contrast`,
`models.sharing`).
"""

from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from models.text.words import kinds
from schemas.record import WEEKDAYS

ReasonCode = Literal[
    "interests",  # the texts are close
    "words",  # shared words of the closed vocabulary, "singing, dogs"
    "tags",  # shared tags, "music, walking"
    "taste",  # close to a group the person has been to
    "same_people",  # those who went where the person has been went here too
    "distance",  # km, one decimal
    "online",
    "also_online",
    "time",  # a session that fits, "tue 10:00-12:00"
    "weekly",
    "free",
    "cost",  # "GBP 3.50"
    "within_budget",  # "GBP 3.50"
    "access",  # the needs that are met, "step_free, parking"
    "language",  # a shared primary language, "en"
    "newcomers",  # newcomers a week
    "small",  # how many people
    "checked",  # ISO date
    "place",
    "widened",  # the reach applied, km
    "waiting_list",
    "no_access_information",
    "not_weekly",  # weeks
    "no_times",
    "no_cost",
    "no_distance",
    "no_language",
    "no_place_information",
    "a_guess",  # nothing that is known of the person's likes speaks for the group
    "particular",  # the kinds of a group for people in one situation of life that the person did not ask for
    "conditions",  # limits of the group that could not be checked
    "first_when_shared",
    "shared_out",
    "shared_out_alike",
    "likely_full",
    "spread_first",
    "spread_later",
    "if_place",
    "if_time",
    "if_access",
    "if_language",
    "if_free",
    "if_newcomers",
    "if_weekly",
    "if_nearer",  # km
]


class Reason(NamedTuple):
    """One thing said of a match; a tuple, because tens of thousands a second are made."""

    code: ReasonCode
    value: float | str | None = None


DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY_NAMES: Final[dict[str, str]] = dict(zip(WEEKDAYS, DAYS, strict=True))
MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
ACCESS_NAMES: Final = {"step_free": "step-free", "public_transport": "near public transport"}
CURRENCY_SIGNS: Final = {"GBP": "£", "USD": "$", "EUR": "€"}
LANGUAGE_NAMES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cy": "Welsh", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fa": "Persian", "fr": "French", "gd": "Gaelic", "gu": "Gujarati", "hi": "Hindi", "ht": "Haitian Creole", "hu": "Hungarian", "it": "Italian",
    "ku": "Kurdish", "lt": "Lithuanian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "so": "Somali",
    "ta": "Tamil", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""English names of the languages heard most in the places served; another language is told by its tag."""

SENTENCES: Final[dict[ReasonCode, str]] = {
    "interests": "what they do is close to what matters to you",
    "words": "you mentioned {0}, and so do they",
    "tags": "it shares your interest in {0}",
    "taste": "it is like a group you have been to",
    "same_people": "people who go where you have been go here too",
    "distance": "{0} away",
    "online": "online, so there is no journey",
    "also_online": "you can come in person or join online",
    "time": "on {0}, when you are free",
    "weekly": "meets every week",
    "free": "free of charge",
    "cost": "costs {0}",
    "within_budget": "costs {0}, within what you can spend",
    "access": "{0}, as you need",
    "language": "held in {0}, which you speak",
    "newcomers": "newcomers are usual here: about {0} a week",
    "small": "a small group, about {0} people",
    "checked": "details checked on {0}",
    "place": "a place free",
    "widened": "the reach was widened to {0}",
    "waiting_list": "full at the moment, with a waiting list",
    "no_access_information": "no access information: ask before the visit",
    "not_weekly": "meets every {0} weeks: ask for the dates",
    "no_times": "no times given: ask when they meet",
    "no_cost": "no cost given: ask before the visit",
    "no_distance": "how far away it is is not known: ask where they meet",
    "no_language": "no language given: ask before the visit",
    "no_place_information": "not known whether a place is free: ask first",
    "a_guess": "nothing we know says whether you would like it: ask first",
    "particular": "meant for people with a situation of their own ({0}): ask whether it is theirs",
    "conditions": "check first who the group is for",
    "first_when_shared": "still the best fit when places are shared among all who are referred",
    "shared_out": "chosen together with the others who are referred: what fits even better is likely to be full",
    "shared_out_alike": "chosen together with the others who are referred: another that fits as well is likely to be full",
    "likely_full": "likely to be full: its free places go to others who are referred at the same time",
    "spread_first": "comes first because what fits even better is full or has already taken others",
    "spread_later": "fits better than what comes first, but is full or has already taken others",
    "if_place": "would be first if a place were free",
    "if_time": "would be first if it were known to meet weekly when you are free",
    "if_access": "would be first if it were known to meet your access needs",
    "if_language": "would be first if it were known to be held in a language you speak",
    "if_free": "would be first if it were free",
    "if_newcomers": "would be first if it welcomed {0} newcomers a week",
    "if_weekly": "would be first if it met every week",
    "if_nearer": "would be first if it were {0} away",
}


@lru_cache(maxsize=8192)
def render(reason: Reason) -> str:
    """The sentence of a reason, in British English, without a full stop."""
    return SENTENCES[reason.code].format(_told(reason))


def _told(reason: Reason) -> str:
    value = reason.value
    if value is None:
        return ""
    if isinstance(value, float):
        return _kilometres(value) if reason.code in ("distance", "widened", "if_nearer") else f"{value:g}"
    match reason.code:
        case "time":
            return f"{WEEKDAY_NAMES[value[:3]]}{value[3:]}"
        case "checked":
            day = date.fromisoformat(value)
            return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        case "language":
            return LANGUAGE_NAMES.get(value, value)
        case "cost" | "within_budget":
            currency, amount = value.rsplit(" ", 1)
            return f"{CURRENCY_SIGNS[currency]}{amount}" if currency in CURRENCY_SIGNS else f"{amount} {currency}"
        case "words" | "particular":
            return _in_a_row([kinds()[code].title if code in kinds() else _plain(code) for code in value.split(", ")])
        case _:
            return _in_a_row([ACCESS_NAMES.get(code, _plain(code)) for code in value.split(", ")])


def _plain(code: str) -> str:
    return code.replace("_", " ").replace("-", " ")


def _in_a_row(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _kilometres(km: float) -> str:
    if km < 0.1:
        return "less than 100 metres"
    return f"{km * 1000:.0f} metres" if km < 1 else f"{km:g} km"
