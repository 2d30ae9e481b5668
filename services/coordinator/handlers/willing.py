"""Who of some people would like to go together with somebody, as their own sealed words say; nothing of it is kept."""

from collections.abc import Collection, Iterable
from itertools import groupby
from operator import attrgetter
from typing import Final

from models.consent import EVERYTHING, Said, consent_of
from models.distance import geodesic_km
from schemas.events.base import Part
from schemas.events.referrals import ConsentChoice
from schemas.group import Group
from schemas.record import LanguageTag
from schemas.referral import Consent, Travel
from services.coordinator.domain import CaseFact, CasePlace, CoordinatorStore, Reach
from services.coordinator.pairing import Position, Willing

_NOTHING: Final = Consent()


class Wishes(Part):
    """All that finding somebody to go with needs of a person's needs."""

    languages: tuple[LanguageTag, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    travel: Travel | None = None
    consent: Consent | None = None

    @property
    def home(self) -> Position | None:
        """Where they live, in degrees."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


def willing_of(places: Collection[CasePlace], store: CoordinatorStore) -> list[Willing]:
    """Those of these places whose person agreed to a companion, may safely be contacted, and lives as near to the group as they say they go."""
    persons = {place.person for place in places}
    received = store.received([one.case_id for one in store.arrivals_of(persons)])
    changed = store.consents_of(persons)
    willing = _agreeing(received.values(), changed, store)
    found = []
    for place in sorted(places, key=attrgetter("place_id")):
        fact = received.get(place.case_id)
        wishes = store.opened(fact.sealed_matching(), Wishes) if fact and place.person in willing else None
        if wishes and _within_reach(wishes, store.group(place.group_id)):
            found.append(Willing(place.place_id, place.person, place.case_id, wishes.languages, wishes.home))
    return found


def _agreeing(received: Iterable[CaseFact], changed: Iterable[CaseFact], store: CoordinatorStore) -> set[str]:
    facts = sorted((*received, *changed), key=attrgetter("person"))
    by_person = {person: list(own) for person, own in groupby(facts, attrgetter("person"))}
    return {person for person, own in by_person.items() if _consents(own, store) and _safe(own, store)}


def _consents(facts: Iterable[CaseFact], store: CoordinatorStore) -> bool:
    """Whether consent to a companion stands; what cannot be opened agrees to nothing."""
    return consent_of([said for fact in facts if (said := _said(fact, store))]).companion


def _said(fact: CaseFact, store: CoordinatorStore) -> Said | None:
    if fact.name == "ReferralReceived":
        wishes = store.opened(fact.sealed_matching(), Wishes)
        return Said(fact.time, fact.event_id, (wishes.consent if wishes else None) or _NOTHING, EVERYTHING)
    choice = store.opened(fact.sealed_matching(), ConsentChoice)
    return Said(fact.time, fact.event_id, choice.consent, frozenset(choice.about), choice.said_by == "person") if choice else None


def _safe(facts: Iterable[CaseFact], store: CoordinatorStore) -> bool:
    """Whether nothing says that contact is unsafe: of several referrals the newest that speaks of it counts."""
    newest = sorted((fact for fact in facts if fact.name == "ReferralReceived"), key=attrgetter("time", "event_id"), reverse=True)
    reached = [store.opened(fact.sealed_details(), Reach) for fact in newest]
    said = [one.contact.safe_to_contact for one in reached if one and one.contact and one.contact.safe_to_contact is not None]
    return said[0] if said else True


def _within_reach(wishes: Wishes, group: Group | None) -> bool:
    """Whether the group is no further than the person said that they go, where that and both positions are known."""
    furthest = wishes.travel.max_km if wishes.travel else None
    if furthest is None or wishes.home is None or group is None or group.mode != "in_person":
        return True
    return group.latitude is None or group.longitude is None or geodesic_km(wishes.home, (group.latitude, group.longitude)) <= furthest
