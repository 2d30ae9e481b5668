"""What learning makes of facts and commands: it keeps what may be learned from, and has models serve."""

from collections.abc import Sequence
from datetime import datetime

from models.registry import PRIOR, NotPromoted, Promotion, before, rolled_back
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.referrals import PersonErased
from services.chassis.errors import Rejected
from services.chassis.service import Fact
from services.learning.domain import Kept, LearningStore, Promote, RollBack, promotion_of
from services.learning.history import PersonFact


def keep_facts(events: Sequence[Event[Data]], store: LearningStore) -> list[Fact]:
    """Keep what may be learned from; of who is erased nothing is left but that they are, whatever is told of them later."""
    told = [(event, event.data.person) for event in events if isinstance(event.data, PersonFact)]
    ends = {person: event for event, person in told if isinstance(event.data, PersonErased)}
    gone = store.erased({person for _, person in told}) | ends.keys()
    if ends:
        store.forget(ends)
    kept = [(event, person) for event, person in told if person not in gone] + [(event, person) for person, event in ends.items()]
    store.keep([event for event, _ in kept], [person for _, person in kept])
    return []


def promote_model(command: Promote, store: LearningStore) -> list[Fact]:
    """The model serves from now on; refused where it does already."""
    if _serving(store) == command.kept.name:
        raise Rejected(f"{command.kept.name} serves already")
    return [have_serve(command.kept, command.because, command.at, store)]


def roll_back(command: RollBack, store: LearningStore) -> list[Fact]:
    """The model before the one that serves, serving again; refused where nothing was promoted, or another one by now."""
    history = store.history()
    try:
        because = rolled_back(history)
    except NotPromoted as refusal:
        raise Rejected(str(refusal)) from refusal
    if (history[-1].name, before(history)) != (command.serving, command.kept.name):
        raise Rejected("another model was promoted meanwhile: look which one serves, and roll back again")
    return [have_serve(command.kept, because, command.at, store)]


def have_serve(kept: Kept, because: str, at: datetime, store: LearningStore) -> Fact:
    """Remember the promotion, and say so."""
    number = len(store.history()) + 1
    store.promoted(number, Promotion(kept.name, kept.model, at.isoformat(timespec="seconds"), because))
    return Fact(promotion_of(kept, number, because))


def _serving(store: LearningStore) -> str:
    history = store.history()
    return history[-1].name if history else PRIOR
