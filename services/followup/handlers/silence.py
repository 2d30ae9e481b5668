"""Silence: a question that was sent and that nobody has answered becomes a human's task, once. It never ends anything by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from schemas.events.outcomes import ContactLost
from services.chassis.service import Fact
from services.followup.domain.people import Known
from services.followup.domain.store import FollowupStore
from services.followup.domain.touches import Touch

SILENT_AFTER: Final = timedelta(days=5)
_AT_ONCE: Final = 500


def touches_unanswered(now: datetime, store: FollowupStore) -> list[Fact]:
    """Say of whom contact is lost: no word from them since the question was sent, and nobody else has said how it went."""
    silent = store.silent(now, _AT_ONCE)
    if not silent:
        return []
    store.stop_waiting([touch.touch_id for touch in silent])
    persons = {touch.person for touch in silent}
    known, people = store.known_of(persons), store.people(persons)
    lost = [touch for touch in silent if not _is_known(touch, known) and touch.case_id not in people[touch.person].ended]
    return [Fact(ContactLost(person=touch.person, case_id=touch.case_id), touch.planned_by) for touch in lost]


def _is_known(touch: Touch, known: Iterable[Known]) -> bool:
    """Whether somebody has said whether they came; how they are nobody else can say."""
    about = touch.person, touch.group_id, touch.asks_about
    return touch.step != "week_6" and any((one.person, one.group_id, one.on) == about for one in known)
