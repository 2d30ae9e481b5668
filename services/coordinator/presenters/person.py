"""The person of a case as a page: how to reach them and whether that is safe, what they need, what they agreed to, how lonely they feel."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from models.scoring import UCLA_ANSWERS, UCLA_ITEMS, score_direct, score_ucla3
from schemas.events.referrals import ReferralDetails, ReferralMatching
from schemas.referral import Consent, PersonContact, TravelMode
from services.coordinator.presenters.moments import windows_in_words
from services.coordinator.presenters.proposal import Known
from services.coordinator.presenters.words import access_in_words, counted, kind_in_words, languages_in_words, money, plain, sentence

Safety = Literal["safe", "unsafe", "not known"]
SAFETY: Final[dict[Safety, str]] = {
    "safe": "It is safe to contact them this way.",
    "unsafe": "It is not safe to contact them. Speak with whoever referred them first.",
    "not known": "Nobody has asked whether this is safe. Ask before you leave a message or say who you are.",
}
PREFERRED: Final = {"sms": "Text message", "phone": "Phone call", "email": "Email"}
TRAVEL: Final[dict[TravelMode, str]] = {"walk": "On foot", "bus": "By bus", "car": "By car", "any": "Any way"}
CONSENTS: Final = {
    "match": "Being matched with groups",
    "sms": "Text messages",
    "email": "Emails",
    "companion": "Somebody going along the first time",
    "learning": "Learning from how it goes, without their name",
}
NOT_SAID: Final = "Not said"
ONLY_A_POINT: Final = "A place on the map, without a postcode"


@dataclass(frozen=True, slots=True)
class Line:
    """A name and what stands beside it, one or more; `href` where it can be followed."""

    name: str
    values: tuple[str, ...]
    href: str | None = None


@dataclass(frozen=True, slots=True)
class ReachView:
    """How to reach the person."""

    lines: tuple[Line, ...]
    safety: Safety
    safety_in_words: str


def reach(contact: PersonContact | None) -> ReachView:
    """How to reach the person, and whether that is safe."""
    known = contact or PersonContact()
    safety: Safety = "not known" if known.safe_to_contact is None else "safe" if known.safe_to_contact else "unsafe"
    return ReachView(tuple(_ways(known)), safety, SAFETY[safety])


def needs(details: ReferralDetails, matching: ReferralMatching, known: Known) -> tuple[Line, ...]:
    """What the person needs of a group, at a glance."""
    travel = matching.travel
    km = f", up to {travel.max_km:g} km" if travel and travel.max_km else ""
    been = tuple(f"{_group(known, one.group_id)} ({counted(one.sessions, 'time', 'times')})" for one in matching.attended if one.sessions)
    lines = (
        Line("Likes", (", ".join(map(kind_in_words, dict.fromkeys([*matching.tags, *matching.words]))),)),
        Line("Age", (str(matching.age) if matching.age is not None else NOT_SAID,)),
        Line("Gender", (plain(matching.gender or ""),)),
        Line("Lives in", (details.postcode or matching.area or (NOT_SAID if matching.latitude is None else ONLY_A_POINT),)),
        Line("Gets about", (f"{TRAVEL[travel.mode]}{km}" if travel else NOT_SAID,)),
        Line("Is free", windows_in_words(matching.availability) or ("Any time",)),
        Line("Needs", (sentence(access_in_words(matching.access_needs)) or "Nothing special",)),
        Line("Can pay", (_budget(matching.max_cost),)),
        Line("Speaks", (languages_in_words(matching.languages) or NOT_SAID,)),
        Line("Has been to", been),
    )
    return tuple(Line(line.name, tuple(map(sentence, line.values))) for line in lines if any(line.values))


def agreed_to(consent: Consent | None) -> tuple[tuple[str, bool], ...]:
    """Each thing that can be agreed to, and whether the person did."""
    given = consent or Consent()
    return tuple((words, bool(getattr(given, name))) for name, words in CONSENTS.items())


def loneliness(matching: ReferralMatching) -> tuple[Line, ...]:
    """The two questions as they were answered; empty where neither was asked."""
    asked = matching.loneliness
    lines = []
    if asked and asked.direct is not None:
        lines.append(Line("Feels lonely", (sentence(score_direct(asked.direct).words),)))
    if asked and asked.ucla3 is not None:
        scored = score_ucla3(asked.ucla3)
        items = (f"{sentence(item)}: {UCLA_ANSWERS[answer]}" for item, answer in zip(UCLA_ITEMS, scored.items, strict=True))
        lines.append(Line("UCLA three items", (f"{scored.total} of 9 ({scored.convention})", *items)))
    return tuple(lines)


def _ways(contact: PersonContact) -> Iterator[Line]:
    if contact.phone:
        yield Line("Phone", (contact.phone,), f"tel:{''.join(one for one in contact.phone if one in '+0123456789')}")
    if contact.email:
        yield Line("Email", (contact.email,), f"mailto:{quote(contact.email, safe='@')}")
    if not (contact.phone or contact.email):
        yield Line("Phone and email", ("None given: ask whoever referred them",))
    yield Line("Prefers", (PREFERRED.get(contact.preferred or "", contact.preferred or NOT_SAID),))


def _budget(max_cost: float | None) -> str:
    if max_cost is None:
        return "No limit given"
    return f"Up to {money(max_cost)} a session" if max_cost else "Free groups only"


def _group(known: Known, group_id: str) -> str:
    group = known(group_id)
    return group.name if group else group_id
