"""Facts about people as learning reads them, opened, and its store in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from models.registry import Promotion
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import Declined, MatchesDeclined, MatchesProposed, ProposedGroup, Ranking
from schemas.events.outcomes import SaidBy, SessionAttended, SessionMissed
from schemas.events.referrals import ConsentChanged, ConsentChoice, PersonErased, ReferralMatching, ReferralReceived
from schemas.referral import Consent
from services.learning.domain import Run

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


class StoreInMemory:
    """Keeps facts as they are; a fact that is there already is the same."""

    def __init__(self) -> None:
        self.facts: dict[str, tuple[str, Event[Data]]] = {}
        self.all_runs: dict[int, Run] = {}
        self.promotions: dict[int, Promotion] = {}

    def keep(self, facts: Sequence[Event[Data]], persons: Sequence[str]) -> None:
        """Remember new facts."""
        for fact, person in zip(facts, persons, strict=True):
            self.facts.setdefault(fact.id, (person, fact))

    def forget(self, persons: Collection[str]) -> None:
        """Forget these persons."""
        self.facts = {id_: one for id_, one in self.facts.items() if one[0] not in persons}

    def erased(self, persons: Collection[str]) -> set[str]:
        """Those of these persons who are erased."""
        return {person for person, fact in self.facts.values() if person in persons and isinstance(fact.data, PersonErased)}

    def outcomes(self) -> int:
        """How many statements about sessions are known."""
        return sum(isinstance(fact.data, SessionAttended | SessionMissed) for _, fact in self.facts.values())

    def everybody(self) -> Mapping[str, list[Event[Data]]]:
        """All facts, by person."""
        return self.facts_about({person for person, _ in self.facts.values()})

    def facts_about(self, persons: Collection[str]) -> Mapping[str, list[Event[Data]]]:
        """The facts about these persons."""
        told = {person: [fact for owner, fact in self.facts.values() if owner == person] for person in persons}
        return {person: facts for person, facts in told.items() if facts}

    def begin(self, run: Run) -> None:
        """Remember that a run begins."""
        assert run.number not in self.all_runs
        self.all_runs[run.number] = run

    def end(self, run: Run) -> None:
        """Remember what came of a run."""
        self.all_runs[run.number] = run

    def runs(self) -> list[Run]:
        """Every run."""
        return [run for _, run in sorted(self.all_runs.items())]

    def last_run(self) -> Run | None:
        """The newest run."""
        return self.all_runs[max(self.all_runs)] if self.all_runs else None

    def history(self) -> list[Promotion]:
        """Every promotion."""
        return [one for _, one in sorted(self.promotions.items())]

    def promoted(self, number: int, promotion: Promotion) -> None:
        """Remember a promotion."""
        assert number not in self.promotions
        self.promotions[number] = promotion


def event(number: int, data: Data) -> Event[Data]:
    """A fact as it was written, the `number`-th."""
    id_ = f"event-{number:03d}"
    return Event(id_, "/test", NOW + timedelta(minutes=number), data, id_)


def referral(person: str = "ada", *, learning: bool | None = True) -> ReferralReceived:
    """A referral in which consent to learning is given, refused, or (None) not spoken of."""
    consent = None if learning is None else Consent(learning=learning)
    return ReferralReceived(person=person, case_id=f"case-{person}", received_at=NOW, matching=ReferralMatching(tags=["music"], consent=consent))


def consent(learning: bool, person: str = "ada") -> ConsentChanged:
    """What the person says of learning alone."""
    return ConsentChanged(person=person, matching=ConsentChoice(consent=Consent(learning=learning), said_by="person", about=["learning"]))


def proposed(*groups: str, person: str = "ada", propensity: float = 0.5) -> MatchesProposed:
    """These groups are proposed."""
    matches = tuple(
        ProposedGroup(group_id=group, rank=rank, score=0.5, propensity=propensity, features=(), reasons=(), would_improve=())
        for rank, group in enumerate(groups, 1)
    )
    return MatchesProposed(person=person, case_id=f"case-{person}", matching=Ranking(model="m", directory_version="d", matches=matches))


def declined(*groups: str, person: str = "ada") -> MatchesDeclined:
    """These groups are declined."""
    return MatchesDeclined(person=person, case_id=f"case-{person}", version=1, matching=Declined(groups=dict.fromkeys(groups, "too_far")))


def session(
    came: bool = True, group_id: str = "choir", on: date = TODAY, said_by: SaidBy = "organiser", revision: int = 1, person: str = "ada"
) -> SessionAttended | SessionMissed:
    """What was said about one day."""
    kind = SessionAttended if came else SessionMissed
    return kind(person=person, case_id=f"case-{person}", group_id=group_id, on=on, said_by=said_by, revision=revision)
