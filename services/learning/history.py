"""What one person's facts tell a training run, in whatever order they were learned; nothing of who does not agree to learning.

A group was offered where it was proposed before the person came; it was offered in vain where they declined it, or agreed to it and did not
come. Of a group that was proposed and never spoken of nobody knows whether the person heard of it, so it tells nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeVar

from models.consent import consent_of, said_in
from models.seeker import Seeker
from models.text.encoder import unpack
from schemas.attendance import Attendance
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import Declined, MatchesDeclined, MatchesProposed, Ranking
from schemas.events.outcomes import SessionAttended, SessionMissed, weight
from schemas.events.referrals import ConsentChanged, PersonErased, ReferralMatching, ReferralReceived

D = TypeVar("D", bound=Data)
Facts = Sequence[Event[Data]]

PersonFact = ReferralReceived | PersonErased | ConsentChanged | MatchesProposed | MatchesDeclined | SessionAttended | SessionMissed
"""What may be learned from; everything else is passed over."""


@dataclass(frozen=True, slots=True)
class Offer:
    """When a group was put before a person, and how likely that was."""

    at: datetime
    propensity: float | None = None


def agrees_to_learning(facts: Facts) -> bool:
    """Whether the person agrees that what became of them is learned from; a referral that does not speak of it says no, and so does none."""
    referred = any(isinstance(data.matching, ReferralMatching) for _, data in _told(facts, ReferralReceived))
    erased = any(True for _ in _told(facts, PersonErased))
    return referred and not erased and consent_of(said_in(facts)).learning


def seeker_of(facts: Facts) -> Seeker:
    """The person as their newest referral tells of them."""
    readable = [(fact, data.matching) for fact, data in _told(facts, ReferralReceived) if isinstance(data.matching, ReferralMatching)]
    _, needs = max(readable, key=lambda one: (one[0].time, one[0].id))
    vector = None if needs.vector is None else unpack(needs.vector)
    return Seeker(needs, vector, tuple(needs.words), tuple(needs.refused), consented=True)


def rows_of(person: str, facts: Facts, before: date | None = None) -> list[Attendance]:
    """A row for each group that the person came to, or was offered in vain, in the order of the groups' ids; `before` a day (UTC) or in all."""
    offers = _offers(facts)
    came = _came(facts)
    rows = []
    for group_id in sorted(came.keys() | _declined(facts).keys()):
        days = sorted(on for on, there in came.get(group_id, {}).items() if there and (before is None or on < before))
        row = _row(person, group_id, days, offers.get(group_id), _said_no(group_id, came, facts))
        if row is not None and (before is None or _day(row) < before):
            rows.append(row)
    return rows


def first_days(rows: Sequence[Attendance]) -> list[date]:
    """The days on which the person first came to each group."""
    return [row.first_at.date() for row in rows if row.first_at is not None]


def _row(person: str, group_id: str, days: Sequence[date], offer: Offer | None, said_no: datetime | None) -> Attendance | None:
    """The row of a group; None where nothing became of it."""
    first = datetime.combine(days[0], time(), UTC) if days else None
    if first is None and said_no is None:
        return None
    if first is not None and offer is not None and offer.at.date() > days[0]:  # they came first, and it was proposed to them afterwards
        offer = None
    offered = offer.at if offer else said_no if first is None else None
    propensity = offer.propensity if offer else None
    return Attendance(person_id=person, group_id=group_id, sessions=len(days), first_at=first, offered_at=offered, propensity=propensity)


def _said_no(group_id: str, came: dict[str, dict[date, bool]], facts: Facts) -> datetime | None:
    """When it was first known that the person declined the group, or agreed to it and did not come."""
    missed = [datetime.combine(on, time(), UTC) for on, there in came.get(group_id, {}).items() if not there]
    return min([*missed, *_declined(facts).get(group_id, ())], default=None)


def _day(row: Attendance) -> date:
    moment = row.first_at or row.offered_at
    assert moment is not None
    return moment.astimezone(UTC).date()


def _came(facts: Facts) -> dict[str, dict[date, bool]]:
    """Of each group on which day the person was there or not; of what was said about one day the heaviest word counts."""
    said = [*_told(facts, SessionAttended), *_told(facts, SessionMissed)]
    came: dict[str, dict[date, bool]] = {}
    for _, data in sorted(said, key=lambda one: (weight(one[1].said_by, one[1].revision), one[0].id)):
        came.setdefault(data.group_id, {})[data.on] = isinstance(data, SessionAttended)
    return came


def _offers(facts: Facts) -> dict[str, Offer]:
    """The first offer of each group."""
    offers: dict[str, Offer] = {}
    for fact, data in sorted(_told(facts, MatchesProposed), key=lambda one: (one[0].time, one[0].id)):
        for match in data.matching.matches if isinstance(data.matching, Ranking) else ():
            propensity = match["propensity"]
            offers.setdefault(match["group_id"], Offer(fact.time, propensity if 0 < propensity <= 1 else None))
    return offers


def _declined(facts: Facts) -> dict[str, list[datetime]]:
    declined: dict[str, list[datetime]] = {}
    for fact, data in _told(facts, MatchesDeclined):
        for group_id in data.matching.groups if isinstance(data.matching, Declined) else ():
            declined.setdefault(group_id, []).append(fact.time)
    return declined


def _told(facts: Facts, kind: type[D]) -> Iterator[tuple[Event[Data], D]]:
    for fact in facts:
        if isinstance(fact.data, kind):
            yield fact, fact.data
