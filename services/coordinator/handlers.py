"""What the coordinator makes of facts: the case and its place in the queue."""

from collections.abc import Iterable, Sequence
from datetime import UTC

from schemas.envelope import Event
from schemas.events.base import AboutCase, Data
from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.referrals import PersonErased, ReferralReceived
from services.chassis.service import Fact
from services.coordinator.domain import Arrival, CaseFact, CoordinatorStore, HowUrgent, SenderId, cases_of


def follow_cases(events: Sequence[Event[Data]], store: CoordinatorStore) -> list[Fact]:
    """Keep these facts and work out anew where the cases of their persons stand."""
    store.forget({event.data.person for event in events if isinstance(event.data, PersonErased)})
    gone = store.erased({event.data.subject for event in events})
    about_cases = [event for event in events if isinstance(event.data, AboutCase) and event.data.person not in gone]
    persons = {event.data.subject for event in about_cases}
    facts = [_case_fact(event) for event in about_cases]
    arrivals = {one.case_id: one for one in [*store.arrivals_of(persons), *_arrivals(about_cases, store)]}
    cases = cases_of(arrivals.values(), [*store.facts_of(persons), *facts])
    store.put(arrivals.values(), cases)
    store.add(facts)
    return []


def _case_fact(event: Event[Data]) -> CaseFact:
    data = event.data
    assert isinstance(data, AboutCase)
    sealed = {part.purpose: part.ciphertext for part in event.sealed.values()}
    abstained = isinstance(data, NoMatchFound) and isinstance(data.matching, Unmet) and data.matching.needs_human is not None
    return CaseFact(event.id, data.case_id, data.person, event.type, event.time, sealed.get("details"), sealed.get("matching"), abstained)


def _arrivals(events: Iterable[Event[Data]], store: CoordinatorStore) -> list[Arrival]:
    received = [event for event in events if isinstance(event.data, ReferralReceived)]
    data = [event.data for event in received if isinstance(event.data, ReferralReceived)]
    opened = zip(data, store.open(received, "details", SenderId), store.open(received, "matching", HowUrgent), strict=True)
    return [_arrival(one, sender, how, store) for one, sender, how in opened if sender and how]


def _arrival(data: ReferralReceived, sender: SenderId, how: HowUrgent, store: CoordinatorStore) -> Arrival:
    at = data.received_at.astimezone(UTC)
    return Arrival(data.case_id, data.person, at, how.urgency == "urgent", store.hash("referral_id", sender.referral_id))
