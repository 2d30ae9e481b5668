"""Facts about one person as the matcher reads them, and its store in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from models.exploration import Exploration
from models.matching import Ranked, RankedMatch, withheld
from models.ranker import Ranker
from models.registry import Registry
from models.seeker import Seeker
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import Declined, MatchesDeclined
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.places import PlaceHeld, PlaceRefused, PlaceReleased, WhyRefused, WhyReleased
from schemas.events.referrals import ConsentChanged, ConsentChoice, ReferralMatching, ReferralReceived
from schemas.referral import Consent
from services.chassis.clock import Clock
from services.chassis.service import Fact
from services.matcher.domain import Rematch
from services.matcher.handlers import Propose, propose_matches
from services.matcher.serving import Serving

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PERIOD = timedelta(days=90)
PERSON = "ada"
ABOUT: dict[str, Any] = {"person": PERSON, "case_id": "case-1"}
PLACE: dict[str, Any] = {**ABOUT, "group_id": "choir", "place_id": "place-1"}


def ranking_by(ranker: Ranker, clock: Clock) -> Serving:
    """Ranks by this one, and no model is there to be promoted."""
    return Serving(ranker, Registry(Path("no-models")), clock, lambda _: None)


class StoreInMemory:
    """Keeps facts as they are; a fact that is there already is the same."""

    def __init__(self) -> None:
        self.facts: dict[str, tuple[str, Event[Data]]] = {}
        self.held: dict[str, str] = {}
        self.first: dict[str, str] = {}
        self.nights: dict[date, Rematch] = {}

    def facts_about(self, persons: Collection[str]) -> Mapping[str, list[Event[Data]]]:
        """The facts about these persons."""
        told = {person: [fact for owner, fact in self.facts.values() if owner == person] for person in persons}
        return {person: facts for person, facts in told.items() if facts}

    def opened(self, facts: Sequence[Event[Data]]) -> list[Event[Data]]:
        """Nothing is sealed here."""
        return list(facts)

    def keep(self, facts: Sequence[Event[Data]], persons: Sequence[str]) -> None:
        """Remember new facts."""
        for fact, person in zip(facts, persons, strict=True):
            self.facts.setdefault(fact.id, (person, fact))

    def held_back(self, persons: Collection[str]) -> Mapping[str, str]:
        """The cases of these persons that a flag holds back."""
        return {case: person for case, person in self.held.items() if person in persons}

    def hold_back(self, cases: Mapping[str, str]) -> None:
        """Remember these."""
        self.held |= cases

    def let_go(self, cases: Collection[str]) -> None:
        """Forget these."""
        for case in cases:
            del self.held[case]

    def everybody(self) -> Mapping[str, list[Event[Data]]]:
        """All facts, by person."""
        return self.facts_about({person for person, _ in self.facts.values()})

    def proposed_first(self) -> Mapping[str, str]:
        """By case, what was proposed first."""
        return self.first

    def answered(self, first: Mapping[str, str], persons: Mapping[str, str]) -> None:
        """Remember it."""
        self.first = {case: group for case, group in self.first.items() if case not in persons} | dict(first)

    def last_rematch(self) -> Rematch | None:
        """The newest night."""
        return self.nights[max(self.nights)] if self.nights else None

    def rematches(self) -> Sequence[Rematch]:
        """Every night."""
        return [self.nights[night] for night in sorted(self.nights)]

    def keep_rematch(self, rematch: Rematch) -> None:
        """Remember a night."""
        self.nights[rematch.night] = rematch

    def forget(self, persons: Collection[str]) -> None:
        """Forget these persons."""
        self.facts = {id_: one for id_, one in self.facts.items() if one[0] not in persons}
        self.held = {case: person for case, person in self.held.items() if person not in persons}


def event(number: int, data: Data, after: timedelta = timedelta()) -> Event[Data]:
    """A fact as it was written, the `number`-th, so long after the beginning."""
    id_ = f"event-{number:03d}"
    return Event(id_, "/test", NOW + timedelta(minutes=number) + after, data, id_)


def referral(case_id: str = "case-1", *, match: bool | None = True, **needs: Any) -> ReferralReceived:
    """A referral in which consent to match is given, refused, or (None) not spoken of."""
    consent = None if match is None else Consent(match=match)
    return ReferralReceived(person=PERSON, case_id=case_id, received_at=NOW, matching=ReferralMatching(tags=["music"], consent=consent, **needs))


def consent(match: bool, said_by: Any = "person") -> ConsentChanged:
    """What is said of consent to match alone."""
    return ConsentChanged(person=PERSON, matching=ConsentChoice(consent=Consent(match=match), said_by=said_by, about=["match"]))


def declined(*groups: str) -> MatchesDeclined:
    """These groups are declined."""
    return MatchesDeclined(**ABOUT, version=1, matching=Declined(groups=dict.fromkeys(groups, "too_far")))


def refused(reason: WhyRefused) -> PlaceRefused:
    """No place in the choir."""
    return PlaceRefused(**PLACE, count=1, reason=reason)


def released(reason: WhyReleased) -> PlaceReleased:
    """The place in the choir is lost."""
    return PlaceReleased(**PLACE, count=2, reason=reason)


def held() -> PlaceHeld:
    """A place in the choir."""
    return PlaceHeld(**PLACE, count=1)


def session(attended: bool, revision: int = 1) -> SessionAttended | SessionMissed:
    """Whether they came to the choir."""
    kind = SessionAttended if attended else SessionMissed
    return kind(**ABOUT, group_id="choir", on=NOW.date(), said_by="coordinator", revision=revision)


NOTHING_LEFT_TO_CHANCE = Exploration()


def rank_the_choir(seekers: Sequence[Seeker], _most: int) -> list[Ranked]:
    """The choir and nothing else, unless something forbids a proposal."""
    return [_ranked(seeker) for seeker in seekers]


def _ranked(seeker: Seeker) -> Ranked:
    reason = withheld(seeker)
    kept_out = "choir" in seeker.cooling_off or any(been.group_id == "choir" for been in seeker.needs.attended)
    if reason or kept_out:
        return Ranked("model", "directory", needs_human=reason or "nobody_in_reach")
    return Ranked("model", "directory", (RankedMatch("choir", 1, 0.5, None, 1.0, (), (), ()),))


class Matching:
    """The matcher's handler over one store, told facts in batches."""

    def __init__(self, propose: Propose = rank_the_choir, chance: Exploration = NOTHING_LEFT_TO_CHANCE) -> None:
        self.store, self.now = StoreInMemory(), NOW + timedelta(days=1)
        self.propose, self.chance = propose, chance

    def told(self, *events: Event[Data]) -> list[Fact]:
        """What it answers to one batch."""
        return propose_matches(events, self.store, self.propose, lambda: self.now, PERIOD, self.chance)

    def said(self, *events: Event[Data]) -> list[str]:
        """The same in words: the group proposed, or why none is."""
        return [_in_words(fact.data) for fact in self.told(*events)]


def _in_words(data: Any) -> str:
    matches = data.matching.matches
    return str(matches[0]["group_id"] if matches else data.matching.needs_human)
