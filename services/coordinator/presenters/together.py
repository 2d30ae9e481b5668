"""With whom a person could go the first time, as a link worker reads it: nothing of the other is shown before both said yes, but the link to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from models.names import first_name
from schemas.events.places import HeldSession
from schemas.events.referrals import ReferralDetails
from services.chassis.codec import open_part
from services.coordinator.companions import Companion, SideState
from services.coordinator.domain import Side
from services.coordinator.handlers.pair import pairs_of, standings_in
from services.coordinator.handlers.willing import willing_of
from services.coordinator.pairing import Reason, pair_of
from services.coordinator.presenters.moments import moment_in_words
from services.coordinator.presenters.opened import OpenedCase
from services.coordinator.store import SqlCoordinatorStore

SAME_SESSION: Final = "Both have a place for the same first session"
REASONS: Final[Mapping[Reason, str]] = {
    "shared_language": "They have said that they share a language",
    "near": "They live near one another, so they may share the way",
}
ALONE: Final = "They come alone this time, and are welcome. Nothing is said of anybody else."
_STANDS: Final[Mapping[SideState, str]] = {
    "suggested": "Somebody else goes there for the first time too, and both agreed to have a companion. Decide whether both are asked.",
    "asked": "Ask them whether they would like to go together with somebody new. Say nothing of who it is.",
    "agreed": "They said yes. Say nothing of who it is until the other has said yes too.",
}


@dataclass(frozen=True, slots=True)
class Together:
    """A pair that a case is in: `other_case` is the other's, and `first_name` is theirs once both said yes."""

    pair_id: str
    state: SideState
    reasons: tuple[str, ...] = ()
    other_case: str | None = None
    both_agreed: bool = False
    first_name: str | None = None
    session: HeldSession | None = None

    @property
    def open(self) -> bool:
        """Whether they may still go together."""
        return self.other_case is not None

    def sentence(self, zone: tzinfo) -> str:
        """How it stands, and what is to be said."""
        if not self.open:
            return ALONE
        if not self.both_agreed or self.session is None:
            return _STANDS[self.state]
        when = moment_in_words(self.session.start, zone)
        return f"Both said yes. Tell them that they meet {self.first_name or 'one another'} at the group’s door on {when}, and no more than that."


def together(opened: OpenedCase, store: SqlCoordinatorStore, now: datetime) -> Together | None:
    """The pair that the case is in for its place, or was in; None where there was none, or the session has begun.

    Where one of the two may not go by now nothing of the other is shown, also before the pair has been ended.
    """
    standing = opened.standing
    place, own = standing.chosen, standing.companion
    if place is None or place.session is None or place.session.start <= now or standing.status == "attended":
        return None
    if own and standing.goes_first_to:
        sides = pairs_of([opened.case.person], store).get(own.pair_id, ())
        other = next((side for side in sides if side.person != opened.case.person), None)
        theirs = standings_in({other.case_id: other.person}, store)[other.case_id] if other else None
        if other and theirs and theirs.goes_first_to and theirs.companion and theirs.companion.pair_id == own.pair_id:
            return _open(opened, own, other, theirs.companion.state, store)
    asked = [one for one in standing.companions if one.place_id == place.place_id and one.reached]
    return Together(asked[-1].pair_id, "ended") if asked else None


def _open(opened: OpenedCase, own: Companion, other: Side, theirs: SideState, store: SqlCoordinatorStore) -> Together:
    both, place = own.state == theirs == "agreed", opened.standing.chosen
    name, session = (_first_name(other, store), place.session if place else None) if both else (None, None)
    return Together(own.pair_id, own.state, _reasons(opened.case.person, own, other, store), other.case_id, both, name, session)


def _reasons(person: str, own: Companion, other: Side, store: SqlCoordinatorStore) -> tuple[str, ...]:
    places = [place for place in store.places_of({person, other.person}) if place.place_id in (own.place_id, other.place_id)]
    willing = willing_of(places, store)
    pair = pair_of(willing[0], willing[1]) if len(willing) > 1 else None
    return (SAME_SESSION, *(REASONS[reason] for reason in pair.reasons)) if pair else (SAME_SESSION,)


def _first_name(other: Side, store: SqlCoordinatorStore) -> str | None:
    """What the other is called by, out of their own sealed words: it is kept nowhere else."""
    received = store.received([other.case_id]).get(other.case_id)
    sealed = received.sealed_details() if received else None
    details = open_part(sealed, ReferralDetails, store.vault) if sealed else None
    return first_name(details.contact.name) if details and details.contact else None
