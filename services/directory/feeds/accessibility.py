"""Access codes from what a directory says about a building, clause by clause.

"Not wheelchair accessible" is knowledge too: it gives an empty list, which rules the group out for whoever needs a step-free way. A clause that
hedges ("partly", "call first", "planned") says nothing. Where one clause affirms and another denies, the code is left out.
"""

import re
from functools import lru_cache

LONGEST_TEXT = 4_000

_TOILET = r"(?:toilets?|wc|loos?|(?:rest|bath)rooms?)"
_FEATURES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        ("accessible_toilet", rf"\b(?:accessible|disabled|adapted|wheelchair(?:[- ]accessible)?) {_TOILET}\b|\bchanging places\b"),
        ("hearing_loop", r"\b(?:induction|hearing|audio)[- ]loops?\b|\bt-?coil\b"),
        ("quiet_space", r"\bquiet[ -](?:space|room|area)s?\b|\bsensory room\b"),
        ("parking", r"\bparking\b|\bblue badge\b|\bcar park\b"),
        ("public_transport", r"\bpublic transport(?:ation)?\b|\b(?:bus|tram|train|tube|metro|subway)[- ](?:stop|station|route)s?\b"),
        ("sign_language", r"\bsign language\b|\bbsl\b|\basl\b"),
        ("lift", r"\b(?:lift|elevator)s?\b"),
        (
            "step_free",
            r"\bstep[- ]?free\b|\bwheel ?chairs?\b|\bramp(?:s|ed)?\b|\blevel (?:access|entrance|entry)\b|^(?:not |non-?)?accessible$"
            r"|\b(?:handicap(?:ped)?|disabled|disability|fully|ada)[- ]?(?:access|accessible|compliant)\b|\baccessible (?:building|venue|entrance)\b",
        ),
    )
)
"""In this order; what a pattern has matched is taken out before the next one looks, so that a "wheelchair toilet" is a toilet."""

_STEPS = re.compile(r"\b(?:steps|stairs|staircase|upstairs)\b")
_NO_STEPS = re.compile(r"\b(?:no|without|avoid\w*)(?: any)? (?:steps|stairs)\b")
_DENIES = re.compile(
    r"\b(?:no|not|non|nor|never|without|lacks?|lacking|cannot|can't|isn't|aren't|doesn't|don't|unable|unsuitable|unavailable|inaccessible)\b"
)
_DENIES_AFTERWARDS = re.compile(r"\b(?:not|cannot|can't|isn't|aren't|unavailable|unable|unsuitable)\b")
_HEDGES = re.compile(
    r"\b(?:part(?:ly|ial|ially)|limited|some|most|except|apart from|only|call|ask|phone|contact|enquire|inquire|check|request|arrange\w*|planned|soon"
    r"|unknown|unsure|may|might|please|difficult|assist\w*|varies|depend\w*|tbc|n/a)\b|\?"
)

_CHECKLIST = {
    "wheelchair": "step_free",
    "ramp": "step_free",
    "restroom": "accessible_toilet",
    "disabled_parking": "parking",
    "elevator": "lift",
    "deaf_interpreter": "sign_language",
    "cd": "",
    "tty": "",
}
"""What the Ohana dialect ticks off; the blank ones help nobody to get in."""

_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")


def access_in(text: str) -> tuple[str, ...] | None:
    """The access codes that a text affirms, sorted; () where it only denies a step-free way, None where it does not speak of one.

    A checklist is complete as it stands. A sentence about parking says nothing about steps, and "a list = all there is" would make it say so.
    """
    return _read(text[:LONGEST_TEXT].lower().replace("’", "'"))


@lru_cache(maxsize=4096)
def _read(said: str) -> tuple[str, ...] | None:
    if (ticked := _ticked(said)) is not None:
        return ticked
    affirmed: set[str] = set()
    denied: set[str] = set()
    for clause in re.split(r"[.;,\n!]|\\n|\bbut\b|\bhowever\b|\balthough\b", said):
        if not _HEDGES.search(clause):
            _read_clause(clause.strip(), affirmed, denied)
    return tuple(sorted(affirmed - denied)) if "step_free" in affirmed | denied else None


def _ticked(said: str) -> tuple[str, ...] | None:
    items = [item for item in (piece.strip() for piece in re.split(r"[,;\n]", said)) if item]
    codes = {_CHECKLIST.get(item, item if _CODE.fullmatch(item) else None) for item in items}
    if None in codes or not codes or (len(items) == 1 and "step_free" not in codes):
        return None
    return tuple(sorted(code for code in codes if code))


def _read_clause(clause: str, affirmed: set[str], denied: set[str]) -> None:
    if _CODE.fullmatch(clause):
        affirmed.add(clause)
    rest = _NO_STEPS.sub(" step-free ", clause)
    for code, pattern in _FEATURES:
        if found := pattern.search(rest):
            negative = _DENIES.search(found[0]) or _DENIES.search(rest[: found.start()]) or _DENIES_AFTERWARDS.search(rest[found.end() :])
            (denied if negative else affirmed).add(code)
            rest = pattern.sub(" ", rest)
    if _STEPS.search(rest) and not _DENIES.search(rest):
        denied.add("step_free")
