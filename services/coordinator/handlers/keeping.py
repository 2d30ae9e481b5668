"""Takes facts into the store: the case's history, where each case of these persons stands now, and how far follow-up's touches have come.

The coordinator's own facts are taken in twice: in the transaction that decides them, so that the next command knows, and when they arrive
like everybody's. Their ids are derived, so the second time changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any

from schemas.envelope import Event, event_type
from schemas.events.base import Data
from schemas.events.cases import Task, TaskOpened
from schemas.events.follow_ups import FollowUpCancelled, FollowUpClaimed, FollowUpFailed, FollowUpPlanned, FollowUpSent
from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.referrals import PersonErased, ReferralReceived
from services.chassis.ids import derived_id
from services.chassis.service import Cause, Fact
from services.coordinator.companions import UNANSWERED
from services.coordinator.domain import (
    NOTHING_CLEAR,
    Arrival,
    CaseFact,
    CasePlace,
    Clear,
    Company,
    CoordinatorStore,
    HowUrgent,
    SenderId,
    Side,
    Touch,
    TouchState,
)
from services.coordinator.places import Place
from services.coordinator.standing import Standing, case_of, standings_of
from services.coordinator.tasks import task_id_of

FollowUp = FollowUpPlanned | FollowUpClaimed | FollowUpSent | FollowUpFailed | FollowUpCancelled
STATE_OF: Mapping[type, TouchState] = {
    FollowUpPlanned: "planned",
    FollowUpClaimed: "claimed",
    FollowUpSent: "sent",
    FollowUpFailed: "failed",
    FollowUpCancelled: "cancelled",
}
_CLEAR = frozenset(field.name for field in fields(Clear))


@dataclass(frozen=True, slots=True)
class Affected:
    """Some persons after facts were taken in: all facts about them in clear, their referrals, and how each of their cases stands."""

    facts: Sequence[CaseFact]
    arrivals: Mapping[str, Arrival]
    standings: Mapping[str, Standing]

    @property
    def persons(self) -> frozenset[str]:
        """Whom the facts were about."""
        return frozenset(fact.person for fact in self.facts)

    def cases_of(self, person: str) -> list[str]:
        """The person's cases, the newest first."""
        own = [one for one in self.arrivals.values() if one.person == person]
        return [one.case_id for one in sorted(own, key=lambda one: (one.received_at, one.case_id), reverse=True)]


def take_in(events: Iterable[Event[Data]], store: CoordinatorStore, also: Collection[str] = ()) -> Affected:
    """Keep these facts, none of them about an erased person, and work out anew where the cases of their persons, and of others, stand."""
    listed = list(events)
    kept = [event for event in listed if _clear_fields(type(event.data)) is not None]
    facts = [fact_of(event) for event in kept]
    store.put_touches([_touch(event) for event in listed if type(event.data) in STATE_OF])
    persons = {fact.person for fact in facts} | set(also)
    if not persons:
        return Affected((), {}, {})
    arrivals = {one.case_id: one for one in [*store.arrivals_of(persons), *_arrivals(kept, store)]}
    everything = list({fact.event_id: fact for fact in (*store.facts_of(persons), *facts)}.values())
    standings = standings_of({one.case_id: one.person for one in arrivals.values()}, everything)
    store.put(arrivals.values(), [case_of(arrival, standings[arrival.case_id]) for arrival in arrivals.values()])
    store.put_places([place for arrival in arrivals.values() for place in _places(arrival, standings[arrival.case_id])])
    store.put_sides([side for arrival in arrivals.values() for side in _sides(arrival, standings[arrival.case_id])])
    store.add(facts)
    return Affected(everything, arrivals, standings)


def take_in_own(facts: Sequence[Fact], store: CoordinatorStore, at: datetime | None = None) -> Sequence[Fact]:
    """Keep facts that are about to be written as if they had arrived; returns them. `at` is the time where their cause has none."""
    if facts:
        take_in(store.sealed(as_written(facts, at)), store)
    return facts


def as_written(facts: Sequence[Fact], at: datetime | None = None) -> list[Event[Data]]:
    """The events that these facts become, under the ids that they will have; each has a cause, and its time until it is written."""
    written: dict[int, Event[Data]] = {}
    for fact in facts:
        cause = written[id(fact.cause)] if isinstance(fact.cause, Fact) else fact.cause
        assert isinstance(cause, Event | Cause)
        id_ = derived_id(cause.id, event_type(type(fact.data)), fact.data.subject, fact.ordinal)
        time = cause.time if isinstance(cause, Event) else at
        assert time is not None
        written[id(fact)] = Event(id_, "/better-together/coordinator", time, fact.data, cause.correlationid, cause.id)
    return list(written.values())


@cache
def _clear_fields(data: type[Data]) -> tuple[str, ...] | None:
    """Which fields of an event are kept in clear; None where it is no fact about a case or a person, or is one of follow-up's touches."""
    if "person" not in data.model_fields or data in STATE_OF or data is PersonErased:
        return None
    return tuple(sorted(_CLEAR & data.model_fields.keys()))


def fact_of(event: Event[Any]) -> CaseFact:
    """An event as a fact about its case."""
    data = event.data
    kind_of_data: type[Data] = type(data)
    names = _clear_fields(kind_of_data)
    clear = Clear(**{name: _frozen(getattr(data, name)) for name in names}) if names else NOTHING_CLEAR
    sealed = {part.purpose: part.ciphertext for part in event.sealed.values()}
    abstained = type(data) is NoMatchFound and isinstance(data.matching, Unmet) and data.matching.needs_human is not None
    kind = data.details.kind if type(data) is TaskOpened and isinstance(data.details, Task) else None
    case_id = getattr(data, "case_id", None) or ""
    return CaseFact(event.id, case_id, data.person, event.type, event.time, sealed.get("details"), sealed.get("matching"), abstained, clear, kind)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _touch(event: Event[Any]) -> Touch:
    data: FollowUp = event.data
    channel, due_at = (data.channel, data.due_at) if isinstance(data, FollowUpPlanned) else (None, None)
    state: TouchState = "failed" if isinstance(data, FollowUpCancelled) and data.left_to_a_human else STATE_OF[type(data)]
    return Touch(data.touch_id, data.case_id, data.person, data.place_id, data.step, state, event.time, channel, due_at)


def _places(arrival: Arrival, standing: Standing) -> list[CasePlace]:
    return [
        CasePlace(
            place.place_id, arrival.case_id, arrival.person, place.group_id, place.state, _unconfirmed(place.place_id, arrival, standing),
            *_company(place, standing),
        )
        for place in standing.places
    ]  # fmt: skip


def _company(place: Place, standing: Standing) -> tuple[datetime | None, Company | None]:
    """When the first session begins, and whether somebody to go with is to be looked for or both are to answer."""
    if place != standing.goes_first_to or place.session is None:
        return None, None
    start, pair = place.session.start.astimezone(UTC), standing.companion
    if pair:
        return start, "open" if pair.state in UNANSWERED else None
    declined = any(one.state == "declined" and one.place_id == place.place_id for one in standing.companions)
    return start, None if declined else "new"


def _sides(arrival: Arrival, standing: Standing) -> list[Side]:
    return [Side(one.pair_id, arrival.person, arrival.case_id, one.place_id, one.reached) for one in standing.companions]


def _unconfirmed(place_id: str, arrival: Arrival, standing: Standing) -> datetime | None:
    """When the session begins for which the organiser has not said yes and nobody was told so."""
    place = standing.chosen
    if place is None or place.place_id != place_id or place.state != "held" or place.session is None or standing.ended:
        return None
    told = task_id_of(place_id, "organiser_silent", arrival.case_id) in standing.tasks_ever
    return None if told else place.session.start.astimezone(UTC)


def _arrivals(events: Iterable[Event[Data]], store: CoordinatorStore) -> list[Arrival]:
    received: list[Event[Any]] = [event for event in events if type(event.data) is ReferralReceived]
    opened = zip(received, store.open(received, "details", SenderId), store.open(received, "matching", HowUrgent), strict=True)
    return [_arrival(one.data, sender, how, store) for one, sender, how in opened if sender and how]


def _arrival(data: ReferralReceived, sender: SenderId, how: HowUrgent, store: CoordinatorStore) -> Arrival:
    at = data.received_at.astimezone(UTC)
    return Arrival(data.case_id, data.person, at, how.urgency == "urgent", store.hash("referral_id", sender.referral_id))
