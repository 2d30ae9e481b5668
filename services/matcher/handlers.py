"""What the matcher makes of facts: one proposal for each referral, or one NoMatchFound; nothing while a flag is open."""

from collections.abc import Callable, Sequence

from models.matching import Ranked
from models.seeker import Seeker
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import MatchesProposed, NoMatchFound
from schemas.events.referrals import PersonErased, RedFlagRaised, ReferralMatching, ReferralReceived
from services.chassis.service import Fact
from services.matcher.domain import MatcherStore, ranking_of, seekers_of, unmet_of

Propose = Callable[[Sequence[Seeker]], Sequence[Ranked]]
"""The matcher proper: rankings in the order of the seekers, over the directory as of now."""


def propose_matches(events: Sequence[Event[Data]], store: MatcherStore, propose: Propose) -> list[Fact]:
    """Propose groups for every referral among these facts, taking flags in the order in which they were written; none for who is erased in them."""
    erased = {event.data.person for event in events if isinstance(event.data, PersonErased)}
    flagged = store.flagged({event.data.subject for event in events})
    raised: list[tuple[str, str]] = []
    sought: list[tuple[Event[Data], ReferralMatching, bool]] = []
    for event in events:
        data = event.data
        if isinstance(data, RedFlagRaised):
            raised.append((data.flag_id, data.person))
            flagged.add(data.person)
        elif isinstance(data, ReferralReceived) and isinstance(data.matching, ReferralMatching) and data.person not in erased:
            sought.append((event, data.matching, data.person in flagged))
    store.raise_flags(raised)
    store.forget(erased)
    rankings = propose(seekers_of([(needs, open_flag) for _, needs, open_flag in sought]))
    return [_fact(event, needs, ranked) for (event, needs, _), ranked in zip(sought, rankings, strict=True)]


def _fact(event: Event[Data], needs: ReferralMatching, ranked: Ranked) -> Fact:
    assert isinstance(event.data, ReferralReceived)
    person, case_id = event.data.person, event.data.case_id
    if ranked.matches:
        return Fact(MatchesProposed(person=person, case_id=case_id, matching=ranking_of(ranked)), event)
    return Fact(NoMatchFound(person=person, case_id=case_id, matching=unmet_of(ranked, needs)), event)
