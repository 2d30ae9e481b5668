"""What time brings: a near session whose organiser has said nothing, so a human asks; and who could go together, or has not answered in time.

An organiser's silence is never a release.
"""

from datetime import datetime

from services.chassis.service import Cause, Fact
from services.coordinator.domain import CoordinatorStore
from services.coordinator.handlers.keeping import take_in, take_in_own
from services.coordinator.handlers.together import end_unanswered_pairs, suggest_companions
from services.coordinator.tasks import Desk, Periods

AT_ONCE = 100


def what_time_brings(now: datetime, store: CoordinatorStore, periods: Periods) -> list[Fact]:
    """What is to be done by now."""
    return [
        *ask_for_silent_organisers(now, store, periods),
        *end_unanswered_pairs(now, store, periods),
        *suggest_companions(now, store, periods),
    ]


def ask_for_silent_organisers(now: datetime, store: CoordinatorStore, periods: Periods) -> list[Fact]:
    """A task for each held place that is not confirmed though its session is near; once a place."""
    silent = store.organisers_silent(now + periods.organiser_silent, AT_ONCE)
    if not silent:
        return []
    desk = Desk(take_in([], store, {place.person for place in silent}).standings, periods)
    facts = []
    for place in silent:
        cause = Cause(place.place_id, place.place_id)
        if task := desk.open(place.person, place.case_id, "organiser_silent", place.place_id, now):
            facts.append(Fact(task, cause))
    take_in_own(facts, store, now)
    store.organisers_asked([place.place_id for place in silent])
    return facts
