"""The sentences of a match read back: which template each is, what it claims, and whether that is so in the records as they lie in files."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.explain import ACCESS_NAMES, CURRENCY_SIGNS, DAYS, LANGUAGE_NAMES, MONTHS, SENTENCES, ReasonCode
from models.text.words import hear, kinds
from tests.e2e.rules import DAY, USUAL_KM, WEEK, Judged, Record, Town, minute, position_of, primary
from tests.e2e.rules import DAYS as WEEKDAYS

CLOSE, NOT_CLOSE = 0.395, 0.405
SMALL = 30
"""Nobody would call a group of more people small."""

_TEMPLATES = sorted(
    ((code, re.compile(re.escape(words).replace(r"\{0\}", "(.+)"))) for code, words in SENTENCES.items()), key=lambda one: -len(one[1].pattern)
)


def read_back(sentence: str) -> tuple[ReasonCode, str]:
    """The code of a sentence and the words in its gap; of two templates that fit, the longer."""
    for code, pattern in _TEMPLATES:
        if found := pattern.fullmatch(sentence):
            return code, found[1] if found.groups() else ""
    raise AssertionError(f"no template says {sentence!r}")


@dataclass(frozen=True)
class Case:
    """One person, one group proposed to them, and what was read in both texts."""

    town: Town
    person: Record
    group: Record
    judged: Judged
    likeness: float
    taste: float
    shared_words: frozenset[str]

    @property
    def km(self) -> float | None:
        """The way there."""
        return self.town.distance(self.person, self.group)

    @property
    def in_person(self) -> bool:
        """Whether one must go there."""
        return bool(self.group["mode"] == "in_person")


def is_true(case: Case, code: ReasonCode, told: str) -> bool:
    """Whether what a sentence claims is so."""
    return _CLAIMS[code](case, told)


def cautions(case: Case) -> set[ReasonCode]:
    """Every caution that this person must be told of this group, because a fact is missing or not ideal."""
    return {code for code in _CAUTIONS if _CLAIMS[code](case, "")}


def _kilometres(told: str) -> float:
    if told == "less than 100 metres":
        return 0.0
    number, unit = told.split()
    return float(number) / (1000 if unit == "metres" else 1)


def _distance(case: Case, told: str) -> bool:
    return case.km is not None and abs(_kilometres(told) - case.km) < 0.0501


def _time(case: Case, told: str) -> bool:
    said = re.fullmatch(r"(\w+) (\d\d:\d\d)(?:-(\d\d:\d\d))?", told)
    assert said
    start = minute(WEEKDAYS[DAYS.index(said[1])], said[2])
    ahead = case.town.ahead(case.person, case.group)
    for session in case.group["sessions"]:
        begins = (minute(session["weekday"], session["start"]) + ahead) % WEEK
        ends = session.get("end") and (minute("mon", session["end"]) + ahead) % DAY
        if begins == start and ends == (said[3] and minute("mon", said[3])) and case.town.session_fits(case.person, case.group, session):
            return True
    return False


def _price(case: Case, told: str) -> bool:
    signs = {sign: code for code, sign in CURRENCY_SIGNS.items()}
    currency, amount = (signs[told[0]], told[1:]) if told[0] in signs else tuple(reversed(told.split()))
    cost = case.group["cost"]
    return bool(cost and currency == case.group["currency"] and f"{cost:.2f}" == amount)


def _plain(code: str) -> str:
    return ACCESS_NAMES.get(code, code.replace("_", " ").replace("-", " "))


def _listed(told: str, codes: Mapping[str, str]) -> list[str] | None:
    """The codes of "one, two and three"; None where a part is none of them."""
    for names in _ways_to_split(told):
        if all(name in codes for name in names):
            return [codes[name] for name in names]
    return None


def _ways_to_split(told: str) -> list[list[str]]:
    *first, rest = told.split(", ")
    ends = [[rest], *([rest[: at.start()], rest[at.end() :]] for at in re.finditer(" and ", rest))]
    return [[*first, *end] for end in ends] + [[told]]


def _tags(case: Case, told: str) -> bool:
    both = set(case.person.get("tags") or ()) & set(case.group["tags"])
    return bool(_listed(told, {_plain(tag): tag for tag in both}))


def _words(case: Case, told: str) -> bool:
    return bool(_listed(told, {kinds()[code].title: code for code in case.shared_words if code in kinds()}))


def _particular(case: Case, told: str) -> bool:
    """The group's own name and tags are of these kinds, each for people in one situation of life, and the person asks for none of them.

    Peer support is for people in some situation, and to ask for it does not say in which.
    """
    special = {kind.title: code for code, kind in kinds().items() if kind.particular}
    named = _listed(told, special)
    asked = {*hear("\n".join([case.person.get("interests") or "", *(case.person.get("tags") or ())])).wanted} - {"peer_support"}
    about = set(hear("\n".join([case.group["name"], *case.group["tags"]])).wanted) & set(special.values())
    return named is not None and set(named) == about and not about & asked


def _access(case: Case, told: str) -> bool:
    needs = case.person.get("access_needs") or ()
    named = _listed(told, {_plain(need): need for need in needs})
    return named is not None and set(named) == set(needs) <= set(case.group["access"] or ())


def _language(case: Case, told: str) -> bool:
    codes = {name: code for code, name in LANGUAGE_NAMES.items()}
    return codes.get(told, told) in primary(case.person.get("languages")) & primary(case.group["languages"])


def _checked(case: Case, told: str) -> bool:
    day, month, year = told.split()
    said = date(int(year), MONTHS.index(month) + 1, int(day))
    return bool(said.isoformat() == case.group["assured_on"] and said <= case.town.today)


def _free_places(case: Case) -> int | None:
    capacity = case.group["capacity"]
    return None if capacity is None or capacity["available"] is None else min(capacity["available"], capacity["maximum"])


def _waiting(case: Case, _told: str) -> bool:
    capacity = case.group["capacity"]
    full = capacity is not None and (_free_places(case) == 0 or capacity["maximum"] == 0)
    return bool(full and capacity["waitlist"])


def _not_weekly(case: Case, told: str) -> bool:
    weeks = min((session["every_weeks"] for session in case.group["sessions"]), default=1)
    return weeks > 1 and told in ("", str(weeks))


def _no_place_information(case: Case, _told: str) -> bool:
    capacity = case.group["capacity"]
    return capacity is None or (capacity["available"] is None and capacity["maximum"] > 0)


def _widened(case: Case, told: str) -> bool:
    usual = USUAL_KM[case.person["travel"]["mode"]] if case.person.get("travel") else 0.0
    beyond = case.in_person and (case.km is None or case.km > usual)
    return case.judged.widened and beyond and (not told or _kilometres(told) == case.judged.limit)


def _conditions(case: Case, _told: str) -> bool:
    limits_age = case.group["minimum_age"] is not None or case.group["maximum_age"] is not None
    return (case.person.get("age") is None and limits_age) or (not case.person.get("gender") and bool(case.group["genders"]))


def _a_guess(case: Case, _told: str) -> bool:
    """Nothing is shared, and no text is close."""
    tags = set(case.person.get("tags") or ()) & set(case.group["tags"])
    return not tags and not case.shared_words and max(case.likeness, case.taste) < NOT_CLOSE


_CAUTIONS: dict[ReasonCode, Callable[[Case, str], bool]] = {
    "widened": _widened,
    "waiting_list": _waiting,
    "no_access_information": lambda case, _: bool(case.person.get("access_needs")) and case.group["access"] is None,
    "no_times": lambda case, _: bool(case.person.get("availability")) and not case.group["sessions"],
    "not_weekly": _not_weekly,
    "no_distance": lambda case, _: case.person.get("travel") is not None and case.in_person and case.km is None,
    "no_cost": lambda case, _: case.person.get("max_cost") is not None and case.group["cost"] is None,
    "conditions": _conditions,
    "particular": _particular,
    "no_language": lambda case, _: bool(case.person.get("languages")) and not case.group["languages"],
    "no_place_information": _no_place_information,
}

_CLAIMS: dict[ReasonCode, Callable[[Case, str], bool]] = _CAUTIONS | {
    "a_guess": _a_guess,
    "interests": lambda case, _: case.likeness > CLOSE,
    "taste": lambda case, _: case.taste > CLOSE,
    "words": _words,
    "tags": _tags,
    "distance": _distance,
    "online": lambda case, _: case.group["mode"] == "online",
    "also_online": lambda case, _: case.group["mode"] == "hybrid",
    "time": _time,
    "weekly": lambda case, _: any(session["every_weeks"] == 1 for session in case.group["sessions"]),
    "free": lambda case, _: case.group["cost"] == 0,
    "cost": _price,
    "within_budget": lambda case, told: _price(case, told) and case.group["cost"] <= case.person["max_cost"],
    "access": _access,
    "language": _language,
    "newcomers": lambda case, told: float(told) == case.group["newcomers_per_week"] > 0,
    "small": lambda case, told: float(told) == case.group["size"] <= SMALL,
    "checked": _checked,
    "place": lambda case, _: (_free_places(case) or 0) > 0,
}


def with_change(case: Case, code: ReasonCode, told: str) -> dict[str, Any]:
    """The group's record with the one fact changed that is said to put it first."""
    group = dict(case.group)
    match code:
        case "if_place":
            return group | {"capacity": {"maximum": 12, "available": 3, "waitlist": False}}
        case "if_time":
            return group | {"sessions": [{**case.person["availability"][0], "every_weeks": 1}]}
        case "if_access":
            return group | {"access": list(case.person["access_needs"])}
        case "if_language":
            return group | {"languages": list(case.person["languages"])}
        case "if_free":
            return group | {"cost": 0.0}
        case "if_newcomers":
            return group | {"newcomers_per_week": int(told)}
        case "if_weekly":
            return group | {"sessions": [session | {"every_weeks": 1} for session in group["sessions"]]}
        case "if_nearer":
            latitude, longitude = _towards(case, _kilometres(told) - 0.001)
            return group | {"latitude": latitude, "longitude": longitude}
    raise AssertionError(f"{code} is no change")


def _towards(case: Case, km: float) -> tuple[float, float]:
    from geopy.distance import geodesic

    home = position_of(case.person)
    assert home
    there = geodesic(kilometers=km).destination(home, bearing=45)
    return there.latitude, there.longitude
