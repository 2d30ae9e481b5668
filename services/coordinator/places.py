"""A place as the facts about it tell: asked for, on the waiting list, held, confirmed, or lost; the highest count is the newest answer."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from schemas.events.places import HeldSession
from services.chassis.ids import derived_id
from services.coordinator.domain import CaseFact

PlaceState = Literal["requested", "waitlisted", "held", "confirmed", "refused", "released"]
LOST: Final[frozenset[PlaceState]] = frozenset({"refused", "released"})
_STATES: Final[dict[str, PlaceState]] = {
    "PlaceHeld": "held",
    "PlaceMoved": "held",
    "PlaceConfirmed": "confirmed",
    "PlaceWaitlisted": "waitlisted",
    "PlaceRefused": "refused",
    "PlaceReleased": "released",
}
ANSWERS: Final = frozenset(_STATES)


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a decision asked for, as it stands; `reason` says why it was lost."""

    place_id: str
    group_id: str
    version: int
    state: PlaceState = "requested"
    session: HeldSession | None = None
    reason: str | None = None

    @property
    def lost(self) -> bool:
        """Whether there is no hope of it any more."""
        return self.state in LOST


def place_id_of(case_id: str, version: int) -> str:
    """The place that this decision of this case asks for."""
    return derived_id(case_id, "place", case_id, version)


def place_of(chosen: CaseFact, facts: Collection[CaseFact]) -> Place:
    """How the place stands that a GroupChosen asked for, by the facts about places of its case.

    One that was given up counts as lost before the directory has said so: nothing else can follow.
    """
    version, group_id = chosen.clear.version or 0, chosen.clear.group_id or ""
    place_id = place_id_of(chosen.case_id, version)
    own = [fact for fact in facts if fact.clear.place_id == place_id]
    answers = sorted((fact for fact in own if fact.name in ANSWERS), key=lambda fact: (fact.clear.count or 0, fact.event_id))
    session = next((fact.clear.session for fact in reversed(answers) if fact.name in ("PlaceHeld", "PlaceMoved")), None)
    newest = answers[-1] if answers else None
    state: PlaceState = _STATES[newest.name] if newest else "requested"
    if state in LOST and newest:
        return Place(place_id, group_id, version, state, session, newest.clear.reason)
    if given_up := next((fact for fact in own if fact.name == "PlaceGivenUp"), None):
        return Place(place_id, group_id, version, "released", session, given_up.clear.reason)
    if state == "held" and any(fact.name == "PlaceConfirmed" for fact in answers):
        state = "confirmed"
    return Place(place_id, group_id, version, state, session)
