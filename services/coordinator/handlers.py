"""What the coordinator makes of facts: the case, its place in the queue, and the unmet-need ledger."""

from collections.abc import Iterable, Sequence
from datetime import UTC

from schemas.envelope import Event
from schemas.events.base import AboutCase, Data
from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.referrals import PersonErased, ReferralReceived
from services.chassis.service import Fact
from services.coordinator.domain import Arrival, CaseFact, CoordinatorStore, HowUrgent, SenderId, UnmetNeed, cases_of

NOWHERE_KNOWN = "not known"
ANYTHING = "anything"


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
    store.add(facts, [need for event in about_cases for need in _unmet(event)])
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


def _unmet(event: Event[Data]) -> Iterable[UnmetNeed]:
    data = event.data
    if not isinstance(data, NoMatchFound) or not isinstance(data.matching, Unmet):
        return
    unmet, month = data.matching, event.time.strftime("%Y-%m")
    most_often = max(unmet.ruled_out, key=lambda rule: (unmet.ruled_out[rule], rule), default="no_group_at_all")
    for kind in unmet.kinds or [ANYTHING]:
        yield UnmetNeed(data.case_id, kind, unmet.area or NOWHERE_KNOWN, month, unmet.needs_human or most_often)
