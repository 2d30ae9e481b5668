"""The referrals of the town's clinics: one invented person after another, each made from the seed and their place in the row alone.

So a longer run begins with the same people as a shorter one. They come in the order of people, not of time: each is received at a working
hour of the six weeks that follow the beginning, or up to three weeks later when another clinic refers the same person again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from models.town.contacts import MOST_PEOPLE, email, landline_phone, mobile_phone, nhs_number
from models.town.draws import Draws
from models.town.groups import TIME_ZONE, written_groups
from models.town.loneliness import loneliness_at
from models.town.needs import Practical, practical
from models.town.places import home_in, postcode_in
from models.town.residents import Resident, resident
from models.town.voices import Said, red_flag_of, speech
from models.town.written import Written, read
from schemas.referral import Attended, Consent, Loneliness, PersonContact, Referral, Referrer

_SUBJECT = 2
_SECOND_REFERRAL = 500_000
_WORKING_DAYS = 30
_OPENS, _MINUTES_OPEN = 8 * 60 + 30, 9 * 60
_ONLINE_BY_AGE = ((44, 0.92), (64, 0.8), (79, 0.5), (120, 0.22))


class Organisation(Written):
    """Who refers, how often, and who signs; nobody signs a self-referral."""

    organisation: str
    share: float
    practitioners: list[str]


@dataclass(frozen=True, slots=True)
class _Person:
    """What stays the same however often a person is referred."""

    index: int
    who: Resident
    needs: Practical
    loneliness: Loneliness | None
    contact: PersonContact
    consent: Consent | None
    home: tuple[float, float] | None
    postcode: str | None
    flags: tuple[str, ...]
    red_words: str


def town_referrals(people: int, seed: int, *, first_received: datetime) -> Iterator[Referral]:
    """The referrals of the first `people` people (at most 400,000), two each for a few; `first_received` has an offset, `seed` is 0 or more."""
    if people > MOST_PEOPLE:
        raise ValueError(f"the town has {MOST_PEOPLE} people, not {people}")
    days = _working_days(first_received)
    for index in range(people):
        draws = Draws(seed, _SUBJECT, index)
        person = _person(index, draws)
        day = draws.below(_WORKING_DAYS)
        organisation = _organisation(draws)
        yield _referral(person, organisation, 0, _hour_of(days[day], draws), draws)
        if draws.chance(0.02):
            other = _another(organisation, draws)
            yield _referral(person, other, _SECOND_REFERRAL, _hour_of(days[day + 3 + draws.below(12)], draws), draws)


def _person(index: int, draws: Draws) -> _Person:
    who = resident(draws)
    needs = practical(who, draws)
    coded, in_words = draws.chance(0.025), draws.chance(0.015)
    flag = red_flag_of(who, draws)
    return _Person(
        index=index,
        who=who,
        needs=needs,
        loneliness=loneliness_at(who.age, draws),
        contact=(contact := _contact(who, draws, unsafe=coded and flag.code == "unsafe_contact")),
        consent=_consent(contact, draws),
        home=home_in(who.area, draws) if draws.chance(0.78) else None,
        postcode=postcode_in(who.area, draws) if draws.chance(0.92) else None,
        flags=(flag.code,) if coded else (),
        red_words=flag.text if in_words else "",
    )


def _contact(who: Resident, draws: Draws, *, unsafe: bool) -> PersonContact:
    online = draws.chance(next(share for until, share in _ONLINE_BY_AGE if who.age <= until))
    has_mobile = online or draws.chance(0.55)
    number = draws.below(1000)
    address = email(*who.name.split(), str(number)) if online and draws.chance(0.85) else None
    safe = draws.chance(0.78)
    return PersonContact(
        name=who.name,
        phone=mobile_phone(number) if has_mobile else landline_phone(number),
        email=address,
        preferred=draws.one_of(("sms", "phone", "email") if address else ("sms", "phone") if has_mobile else ("phone",)),
        safe_to_contact=False if unsafe else True if safe else None,
    )


def _consent(contact: PersonContact, draws: Draws) -> Consent | None:
    match, sms, by_email, companion, learning = (draws.chance(share) for share in (0.96, 0.86, 0.8, 0.55, 0.76))
    if draws.chance(0.01):
        return None
    has_mobile = contact.phone is not None and contact.phone.startswith("077")
    return Consent(match=match, sms=sms and has_mobile, email=by_email and contact.email is not None, companion=companion, learning=learning)


def _referral(person: _Person, organisation: Organisation, offset: int, received_at: datetime, draws: Draws) -> Referral:
    who, needs = person.who, person.needs
    said = speech(who, needs, draws, wants_company=person.consent is not None and person.consent.companion)
    return Referral(
        referral_id=f"REF-{offset + person.index + 1:06d}",
        person_id=f"nhs:{nhs_number(person.index)}",
        received_at=received_at,
        urgency="urgent" if draws.chance(0.05) else "routine",
        reason=["social-connection", *([said.reason] if said.reason else [])],
        interests=" ".join(filter(None, (said.text, person.red_words))),
        tags=list(said.tags) if draws.chance(0.35) else [],
        age=who.age if draws.chance(0.97) else None,
        gender=who.gender if draws.chance(0.96) else None,
        languages=list(who.languages),
        access_needs=list(needs.access),
        latitude=person.home[0] if person.home else None,
        longitude=person.home[1] if person.home else None,
        postcode=person.postcode,
        travel=needs.travel,
        availability=list(needs.windows),
        max_cost=needs.max_cost,
        attended=_attended(said, draws),
        loneliness=person.loneliness,
        consent=person.consent,
        contact=person.contact,
        referrer=_referrer(organisation, draws),
        flags=list(person.flags),
    )


@cache
def _groups_of_kinds() -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for group_id, row in written_groups().items():
        kinds.setdefault(row.kind, []).append(group_id)
    return kinds


def _attended(said: Said, draws: Draws) -> list[Attended]:
    been = [group_id for tag in said.tags for group_id in _groups_of_kinds().get(tag, ())]
    if not draws.chance(0.06) or not been:
        return []
    return [Attended(group_id=draws.one_of(been), sessions=1 + draws.below(6))]


@cache
def _organisations() -> tuple[Organisation, ...]:
    return tuple(Organisation.model_validate(row) for row in read("referrers.toml")["referrers"])


def _organisation(draws: Draws) -> Organisation:
    return _organisations()[draws.weighted({place: row.share for place, row in enumerate(_organisations())})]


def _another(organisation: Organisation, draws: Draws) -> Organisation:
    return draws.one_of([row for row in _organisations() if row != organisation])


def _referrer(organisation: Organisation, draws: Draws) -> Referrer:
    who = draws.one_of(organisation.practitioners) if organisation.practitioners else None
    return Referrer(organisation=organisation.organisation, practitioner=who, reply_to=email(organisation.organisation) if who else None)


def _working_days(first_received: datetime) -> list[datetime]:
    """When the clinics open on each working day from `first_received` on, in local time: six weeks, and three for second referrals."""
    opening = first_received.astimezone(ZoneInfo(TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=_OPENS)
    starts = (opening + timedelta(days=days) for days in range(80))
    return [start for start in starts if start >= first_received and start.weekday() < 5][: _WORKING_DAYS + 15]


def _hour_of(opening: datetime, draws: Draws) -> datetime:
    return opening + timedelta(minutes=draws.below(_MINUTES_OPEN), seconds=draws.below(60))
