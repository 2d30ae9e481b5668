"""What the matcher makes of facts: a proposal for each referral, or a NoMatchFound; and again for the cases whose person's standing changed.

Every fact is taken as it was read, after all that was read before it, so that it does not matter how facts fall into batches.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.exploration import Exploration, explored
from models.matching import Ranked
from models.seeker import Seeker
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import MatchesProposed, NoMatchFound, Ranking
from schemas.events.referrals import PersonErased, ReferralReceived
from services.chassis.service import Fact
from services.matcher.domain import MatcherStore, Sought, drawn, ranking_of, seekers_of, unmet_of
from services.matcher.history import PersonFact, bears_on_matching, cases_asked_for, is_news, may_ask, sought_for

Propose = Callable[[Sequence[Seeker], int], Sequence[Ranked]]
"""The matcher proper: rankings of so many groups at the most, in the order of the seekers, over the directory as of now."""

Now = Callable[[], datetime]
"""The domain clock's present moment."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that a fact asks to be answered, what is sought, and the how manyth case this is that the fact asks for."""

    cause: Event[PersonFact]
    case: ReferralReceived
    sought: Sought
    ordinal: int

    @property
    def first(self) -> bool:
        """Whether it is the referral itself that asks."""
        return self.cause.data is self.case


def propose_matches(
    events: Sequence[Event[Data]], store: MatcherStore, propose: Propose, now: Now, period: timedelta, chance: Exploration
) -> list[Fact]:
    """Keep what bears on matching, and answer every case that these facts ask for.

    A group that was refused cools off for `period`; what `chance` leaves open is settled by the fact and the case, so that the same work done
    twice proposes the same.
    """
    told = [event for event in events if bears_on_matching(event)]
    histories, since = _histories(told, store), now() - period
    asked: list[Asked] = []
    news: list[Event[PersonFact]] = []
    for event in told:
        before = histories.setdefault(event.data.person, [])
        if is_news(event, before):
            cases = cases_asked_for(event, before)
            before.append(event)
            news.append(event)
            asked += [Asked(event, case.data, sought_for(case.data, before, since), number) for number, case in enumerate(cases)]
    store.keep(news, [event.data.person for event in news])
    answered = _answered(asked, store)
    rankings = propose(seekers_of([one.sought for one in answered]), chance.ranked)
    facts = [_fact(one, ranked, chance) for one, ranked in zip(answered, rankings, strict=True)]
    remember(facts, store)
    return facts


def remember(facts: Sequence[Fact], store: MatcherStore) -> None:
    """Remember what each of these answers proposes first."""
    answers = [fact.data for fact in facts if isinstance(fact.data, MatchesProposed | NoMatchFound)]
    first = {data.case_id: data.matching.matches[0]["group_id"] for data in answers if isinstance(data.matching, Ranking) and data.matching.matches}
    store.answered(first, {data.case_id: data.person for data in answers})


def _histories(told: Sequence[Event[PersonFact]], store: MatcherStore) -> dict[str, list[Event[Data]]]:
    """What was learned before about the persons of these facts, opened for those who may be answered; of the erased, that they are."""
    erased = {event.data.person: event for event in told if isinstance(event.data, PersonErased)}
    if erased:
        store.forget(erased)
        store.keep(list(erased.values()), list(erased))
    histories = dict(store.facts_about({event.data.person for event in told}))
    if histories:
        asking = [event.data.person for event in told if event.data.person in histories and may_ask(event)]
        histories |= _opened({person: histories[person] for person in asking}, store)
    return histories


def _opened(histories: dict[str, list[Event[Data]]], store: MatcherStore) -> dict[str, list[Event[Data]]]:
    """The same facts opened, all at once."""
    opened = iter(store.opened([fact for facts in histories.values() for fact in facts]))
    return {person: [next(opened) for _ in facts] for person, facts in histories.items()}


def _answered(asked: Sequence[Asked], store: MatcherStore) -> list[Asked]:
    """Those that are to be answered; it is remembered of which cases the answer tells of a flag.

    A referral is always answered. Another fact asks in vain while a flag is open or consent is missing; only where a flag was what held the
    case back it is told once that consent is missing too.
    """
    again = {one.case.person for one in asked if not one.first}
    before = store.held_back(again) if again else {}
    held = dict(before)
    answered = list(_in_turn(asked, held))
    store.hold_back({case_id: person for case_id, person in held.items() if case_id not in before})
    store.let_go(before.keys() - held.keys())
    return answered


def _in_turn(asked: Sequence[Asked], held: dict[str, str]) -> Iterator[Asked]:
    for one in asked:
        if one.first and one.sought.flagged:
            held[one.case.case_id] = one.case.person
            yield one
        elif one.first or (not one.sought.flagged and (one.sought.agrees or one.case.case_id in held)):
            held.pop(one.case.case_id, None)
            yield one


def _fact(asked: Asked, ranked: Ranked, chance: Exploration) -> Fact:
    person, case_id = asked.case.person, asked.case.case_id
    if ranked.matches:
        shown = explored(ranked, chance, drawn(asked.cause.id, case_id))
        return Fact(MatchesProposed(person=person, case_id=case_id, matching=ranking_of(shown, chance.epsilon)), asked.cause, asked.ordinal)
    unmet = unmet_of(ranked, asked.sought.needs)
    return Fact(NoMatchFound(person=person, case_id=case_id, matching=unmet), asked.cause, asked.ordinal)
