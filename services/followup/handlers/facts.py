"""Facts of four streams into the store, and from there into plans: touches planned, moved and cancelled.

Every batch ends with the same comparison of what the persons' places ask for with the touches there are, so neither the order over streams
nor a duplicate changes where it ends.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from schemas.envelope import Event
from schemas.events.base import AboutPerson, Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.places import PlaceConfirmed, PlaceHeld, PlaceMoved, PlaceRefused, PlaceReleased, PlaceWaitlisted
from schemas.events.referrals import (
    ConsentChanged,
    PersonErased,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralReceived,
    ReferralReopened,
    ReferralWithdrawn,
)
from services.chassis.codec import Record
from services.chassis.service import Cause, Fact
from services.followup.domain.people import Known
from services.followup.domain.placing import AboutPlace, placed
from services.followup.domain.store import FactsStore, FollowupStore
from services.followup.domain.touches import MessageChannel, Place, Touch, cancelling, planning
from services.followup.planning import Changes, Plan

D = TypeVar("D", bound=Data)
Owned = TypeVar("Owned", Place, Touch, Known)


def follow_people(events: Sequence[Event[Data]], store: FollowupStore, ways_out: Collection[MessageChannel]) -> list[Fact]:
    """Take these facts in, and plan anew for everybody whom they concern."""
    mended = store.mend([event.id for event in events])
    store.forget({event.data.person for event in events if isinstance(event.data, PersonErased)})
    gone = store.erased({_person(event) for event in events})
    living = [event for event in events if _person(event) not in gone]
    _keep(living, store)
    persons = {event.data.person: event for event in living if isinstance(event.data, AboutPerson | AboutPlace)}
    store.look_again(persons, mended | {event.data.group_id for event in events if isinstance(event.data, GroupListed | GroupDelisted)})
    return _replan(persons, store, ways_out)


def stop_for_unreadable(records: Sequence[Record], store: FactsStore) -> list[Fact]:
    """What cannot be read may be a STOP: it stops the automation for its person, or for its group, until it is mended."""
    store.mark_unreadable([(record.id, record.stream, record.subject) for record in records])
    return []


def _person(event: Event[Data]) -> str:
    return event.data.person if isinstance(event.data, AboutPerson | AboutPlace) else ""


def _keep(events: Sequence[Event[Data]], store: FollowupStore) -> None:
    store.list_groups(_of(events, GroupListed, GroupDelisted))
    store.receive(_of(events, ReferralReceived))
    store.change_consent(_of(events, ConsentChanged))
    store.raise_flags(_of(events, RedFlagRaised))
    store.clear_flags(_of(events, RedFlagCleared))
    store.end_cases(_of(events, ReferralWithdrawn, ReferralClosed, ReferralReopened))
    store.know(_of(events, SessionAttended, SessionMissed))
    _keep_places(_of(events, PlaceHeld, PlaceMoved, PlaceWaitlisted, PlaceConfirmed, PlaceRefused, PlaceReleased), store)


def _of(events: Iterable[Event[Data]], *kinds: type[D]) -> list[Event[Any]]:
    return [event for event in events if isinstance(event.data, kinds)]


def _keep_places(events: Sequence[Event[AboutPlace]], store: FactsStore) -> None:
    if not events:
        return
    places = dict(store.places({event.data.place_id for event in events}))
    changed = {}
    for event in events:
        place = placed(event, places.get(event.data.place_id))
        if place is not None:
            places[place.place_id] = changed[place.place_id] = place
    store.put_places(list(changed.values()))


def _replan(persons: Mapping[str, Event[Data]], store: FollowupStore, ways_out: Collection[MessageChannel]) -> list[Fact]:
    """Plan for each of these persons, given with the newest fact about them."""
    places, touches = _by_person(store.places_of(persons)), _by_person(store.touches_of(persons))
    concerned = places.keys() | touches.keys()
    known = _by_person(store.known_of(concerned))
    facts: list[Fact] = []
    for person, recipient in store.people(concerned).items():
        newest, mine = persons[person], known.get(person, [])
        plan = Plan(recipient, places.get(person, []), touches.get(person, []), mine, ways_out, cause_of(newest), newest.time)
        facts += _done(plan.changes(), store)
    return facts


def _done(changes: Changes, store: FollowupStore) -> list[Fact]:
    store.plan([touch for touch, _ in changes.planned])
    store.settle([touch for touch, _ in changes.cancelled])
    planned = [planning(touch, cause) for touch, cause in changes.planned]
    return [*planned, *(cancelling(touch, cause) for touch, cause in changes.cancelled)]


def cause_of(event: Event[Data]) -> Cause:
    """An event as a cause that can be remembered."""
    return Cause(event.id, event.correlationid, event.traceparent)


def _by_person(owned: Iterable[Owned]) -> dict[str, list[Owned]]:
    found: dict[str, list[Owned]] = {}
    for one in owned:
        found.setdefault(one.person, []).append(one)
    return found
