"""What ends a pair, and what follows for each of the two.

It is ended by a flag, the end of a case, a place that moved or was lost, consent that changed, an erasure, and a group that stops.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.cases import CompanionDeclined, CompanionEnded
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import SessionAttended
from schemas.events.places import PlaceMoved, PlaceRefused, PlaceReleased
from schemas.events.referrals import ConsentChanged, PersonErased, RedFlagRaised, ReferralClosed, ReferralReceived, ReferralWithdrawn
from services.coordinator.companions import AGREED, UNANSWERED
from services.coordinator.domain import CoordinatorStore, Side
from services.coordinator.handlers.following import Following
from services.coordinator.handlers.pair import COMES_ALONE, Pairing, occasion_of, pairs_of, standings_in
from services.coordinator.handlers.willing import willing_of
from services.coordinator.tasks import OF_A_PAIR, task_id_of

_OF_PERSONS: Final[frozenset[type[Data]]] = frozenset(
    {RedFlagRaised, ReferralWithdrawn, ReferralClosed, ReferralReceived, ConsentChanged, PersonErased, SessionAttended}
)
ENDS: Final[frozenset[type[Data]]] = _OF_PERSONS | {PlaceMoved, PlaceRefused, PlaceReleased, GroupListed, GroupDelisted}
"""The facts that may end a pair."""


def pairs_concerned(events: Sequence[Event[Data]], store: CoordinatorStore) -> Mapping[str, Sequence[Side]]:
    """The pairs that these facts may end, as they were before; to be asked before anything is forgotten."""
    persons = {event.data.subject for event in events if type(event.data) in _OF_PERSONS}
    persons |= {event.data.person for event in events if isinstance(event.data, PlaceMoved | PlaceRefused | PlaceReleased)}
    stopped = {event.data.subject for event in events if _stops(event.data)}
    persons |= {place.person for place in store.places_in(stopped)} if stopped else set()
    return pairs_of(persons, store) if persons else {}


def end_pairs(events: Sequence[Event[Any]], pairs: Mapping[str, Sequence[Side]], following: Following) -> None:
    """End each of these pairs of whom one cannot go, or must not be asked, by these facts."""
    willing: dict[str, bool] = {}
    ended: set[str] = set()
    for event in events:
        for pair_id in sorted(pairs.keys() - ended) if type(event.data) in ENDS else ():
            if any(_ends(event.data, side, willing, following) for side in pairs[pair_id]):
                ended.add(pair_id)
                standings = standings_in({side.case_id: side.person for side in pairs[pair_id]}, following.store)
                Pairing(pairs[pair_id], standings, following.desk, _adding(following, event), event.time).end()


def leave_alone(event: Event[Any], following: Following) -> None:
    """Close what was to be done for one of a pair that is over; who said yes is told that they come alone, and who was not asked hears nothing."""
    data: CompanionEnded | CompanionDeclined = event.data
    standing = following.standing(data.case_id)
    stands = next((one for one in standing.companions if one.pair_id == data.pair_id), None) if standing else None
    if standing is None or stands is None:
        return
    for kind, what in OF_A_PAIR.items():
        task_id = task_id_of(occasion_of(data.pair_id, data.case_id, kind, what), kind, data.case_id)
        following.close(event, data.person, data.case_id, kind, "they do not go together", only={task_id})
    if stands.state == "ended" and stands.reached == AGREED and standing.status == "placed":
        occasion = occasion_of(data.pair_id, data.case_id, "tell_companion", COMES_ALONE)
        following.open(event, data.person, data.case_id, "tell_companion", occasion=occasion, what=COMES_ALONE)


def _adding(following: Following, event: Event[Any]) -> Callable[[Data], object]:
    return lambda data: following.add(data, event)


def _ends(data: Any, side: Side, willing: dict[str, bool], following: Following) -> bool:
    if isinstance(data, GroupListed | GroupDelisted):
        return _stops(data) and side.place_id in {place.place_id for place in following.store.places_in([data.group_id])}
    if data.person != side.person:
        return False
    if isinstance(data, ReferralWithdrawn | ReferralClosed):
        return data.case_id == side.case_id
    if isinstance(data, PlaceMoved | PlaceRefused | PlaceReleased):
        return data.place_id == side.place_id
    if isinstance(data, ConsentChanged | ReferralReceived):
        return not _is_willing(side, willing, following.store)
    if isinstance(data, SessionAttended):
        return _unanswered(side, following)
    return True


def _unanswered(side: Side, following: Following) -> bool:
    """Whether the person came somewhere before they had answered: then there is no first time any more."""
    standing = following.standing(side.case_id)
    return any(one.pair_id == side.pair_id and one.state in UNANSWERED for one in standing.companions) if standing else False


def _is_willing(side: Side, known: dict[str, bool], store: CoordinatorStore) -> bool:
    if side.place_id not in known:
        place = [one for one in store.places_of([side.person]) if one.place_id == side.place_id]
        known[side.place_id] = bool(willing_of(place, store))
    return known[side.place_id]


def _stops(data: Data) -> bool:
    return isinstance(data, GroupDelisted) or (isinstance(data, GroupListed) and data.group.status != "active")
