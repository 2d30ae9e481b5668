"""What holds for one person: folded out of all facts about them that bear on matching, in whatever order they were learned.

Consent, flags, what was attended and what cools off are the person's; withdrawn, closed and reopened is a case.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, TypeGuard, TypeVar

from models.consent import consent_of, said_in
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import Declined, GroupChosen, MatchesDeclined
from schemas.events.outcomes import SessionAttended, SessionMissed, weight
from schemas.events.places import PlaceRefused, PlaceReleased
from schemas.events.referrals import (
    ConsentChanged,
    PersonErased,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralMatching,
    ReferralReceived,
    ReferralReopened,
    ReferralWithdrawn,
)
from schemas.referral import Attended
from services.matcher.domain import Sought

D = TypeVar("D", bound=Data)
Facts = Sequence[Event[Data]]

PersonFact = (
    ReferralReceived | PersonErased | ConsentChanged | RedFlagRaised | RedFlagCleared | ReferralWithdrawn | ReferralClosed | ReferralReopened
    | GroupChosen | MatchesDeclined | PlaceRefused | PlaceReleased | SessionAttended | SessionMissed
)  # fmt: skip
"""What bears on matching; everything else is passed over."""

_DECIDES = GroupChosen | MatchesDeclined | PlaceRefused | PlaceReleased | ReferralReopened

LOST: Final = ("refused_by_organiser", "delisted")
"""Why a place is released without the person's or the coordinator's wish."""

BY_ORGANISER: Final = ("refused_by_organiser", "not_suitable", "no_reason_given")
"""Why a place is released or refused where it was the organiser who said no; a group that is full may be asked again."""


def bears_on_matching(fact: Event[Data]) -> TypeGuard[Event[PersonFact]]:
    """Whether a fact changes what may be proposed to a person."""
    if isinstance(fact.data, PlaceReleased):
        return fact.data.reason in LOST
    return isinstance(fact.data, PersonFact)


def may_ask(fact: Event[Data]) -> bool:
    """Whether a fact of this kind can ask for an answer."""
    kinds = ReferralReceived | RedFlagCleared | ConsentChanged | MatchesDeclined | ReferralReopened | PlaceRefused | PlaceReleased
    return isinstance(fact.data, kinds)


def is_news(fact: Event[Data], before: Facts) -> bool:
    """Whether a fact was not learned before, and its person is not erased."""
    return not any(known.id == fact.id or isinstance(known.data, PersonErased) for known in before)


def cases_asked_for(fact: Event[Data], before: Facts) -> list[Event[ReferralReceived]]:
    """The open cases that are to be answered because of this fact, `before` being what was learned of the person until then."""
    if not before:
        return [fact] if _can_be_read(fact) else []
    after, data = (*before, fact), fact.data
    if isinstance(data, RedFlagCleared):
        return open_cases(after) if open_flags(before) and not open_flags(after) else []
    if isinstance(data, ConsentChanged):
        return open_cases(after) if agrees_to_match(after) and not agrees_to_match(before) else []
    if isinstance(data, ReferralReceived | MatchesDeclined | ReferralReopened | PlaceRefused | PlaceReleased):
        return [case for case in open_cases(after) if case.data.case_id == data.case_id]
    return []


def open_cases(facts: Facts) -> list[Event[ReferralReceived]]:
    """The referrals that are neither withdrawn nor closed and can be read, oldest first."""
    withdrawn = {data.case_id for _, data in _told(facts, ReferralWithdrawn)}
    closed = {data.case_id: isinstance(data, ReferralClosed) for _, data in sorted(_ends(facts), key=lambda one: (one[0].time, one[0].id))}
    received = [fact for fact in facts if _can_be_read(fact)]
    return sorted((case for case in received if case.data.case_id not in withdrawn and not closed.get(case.data.case_id)), key=lambda case: case.id)


def waits(case: ReferralReceived, facts: Facts) -> bool:
    """Whether nothing is decided for this open case: of a choice and of what takes it back or lets it fall the newest counts."""
    told = [fact for fact in facts if isinstance(fact.data, _DECIDES) and fact.data.case_id == case.case_id]
    newest = max(told, key=lambda fact: (fact.time, fact.id), default=None)
    return newest is None or not isinstance(newest.data, GroupChosen)


def _ends(facts: Facts) -> Iterator[tuple[Event[Data], ReferralClosed | ReferralReopened]]:
    yield from _told(facts, ReferralClosed)
    yield from _told(facts, ReferralReopened)


def _can_be_read(fact: Event[Data]) -> TypeGuard[Event[ReferralReceived]]:
    return isinstance(fact.data, ReferralReceived) and isinstance(fact.data.matching, ReferralMatching)


def open_flags(facts: Facts) -> set[str]:
    """The flags that were raised and not cleared."""
    raised = {data.flag_id for _, data in _told(facts, RedFlagRaised)}
    return raised.difference(*(data.flag_ids for _, data in _told(facts, RedFlagCleared))) if raised else raised


def is_flagged(case: ReferralReceived, facts: Facts) -> bool:
    """Whether a flag of the person is open; the flags in a referral itself hold until the facts that raise them are there."""
    if open_flags(facts):
        return True
    own = isinstance(case.matching, ReferralMatching) and bool(case.matching.flags)
    return own and not any(data.case_id == case.case_id for _, data in _told(facts, RedFlagRaised))


def agrees_to_match(facts: Facts) -> bool:
    """Whether the person agrees to be matched; a referral that does not speak of consent says no."""
    return consent_of(said_in(facts)).match


def cooling_off(facts: Facts, since: datetime) -> frozenset[str]:
    """The groups that the person declined after `since`, or whose organisers refused them."""
    lately = [fact for fact in facts if fact.time > since]
    declined = [data.matching.groups for _, data in _told(lately, MatchesDeclined) if isinstance(data.matching, Declined)]
    refused = {data.group_id for _, data in _told(lately, PlaceRefused) if data.reason in BY_ORGANISER}
    released = {data.group_id for _, data in _told(lately, PlaceReleased) if data.reason in BY_ORGANISER}
    return frozenset(refused.union(released, *declined))


def been_to(facts: Facts) -> Counter[str]:
    """How many sessions of each group the person came to; of what was said about one date the heaviest word counts."""
    said = [*_told(facts, SessionAttended), *_told(facts, SessionMissed)]
    in_order = sorted(said, key=lambda one: (weight(one[1].said_by, one[1].revision), one[0].id))
    came = {(data.group_id, data.on): isinstance(data, SessionAttended) for _, data in in_order}
    return Counter(group_id for (group_id, _), there in came.items() if there)


def needs_of(case: ReferralReceived, facts: Facts) -> ReferralMatching:
    """What is sought for a case, with what the person has been to since; its own flags are left out, because `is_flagged` tells of them."""
    needs = case.matching
    assert isinstance(needs, ReferralMatching)
    been = been_to(facts)
    if not needs.flags and not been:
        return needs
    for before in needs.attended:
        been[before.group_id] += before.sessions
    attended = [Attended.model_construct(group_id=group_id, sessions=sessions) for group_id, sessions in sorted(been.items())]
    return needs.model_copy(update={"flags": [], "attended": attended})


def sought_for(case: ReferralReceived, facts: Facts, since: datetime) -> Sought:
    """What is sought for a case, and what these facts tell of its person; refusals count from `since` on."""
    needs = case.matching
    if len(facts) == 1 and isinstance(needs, ReferralMatching):  # the referral itself, of somebody new: so are most
        return Sought(needs, bool(needs.flags), needs.consent is not None and needs.consent.match, frozenset())
    return Sought(needs_of(case, facts), is_flagged(case, facts), agrees_to_match(facts), cooling_off(facts, since))


def _told(facts: Facts, kind: type[D]) -> Iterator[tuple[Event[Data], D]]:
    for fact in facts:
        if isinstance(fact.data, kind):
            yield fact, fact.data
