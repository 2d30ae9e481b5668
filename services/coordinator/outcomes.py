"""Who came and who did not: one statement stands for each person, group and date, with who said it; another answer is another revision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schemas.events.outcomes import SaidBy, SessionAttended, SessionMissed
from services.coordinator.domain import CaseFact
from services.coordinator.standing import what_stands


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody says whether the person came to this group on this date."""

    person: str
    case_id: str
    group_id: str
    on: date
    attended: bool
    said_by: SaidBy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a statement: the fact that follows, where it says something new, and whether it contradicts what somebody else said."""

    fact: SessionAttended | SessionMissed | None
    disagrees: bool = False


def outcome_of(said: Statement, before: Sequence[CaseFact]) -> Outcome:
    """What follows from a statement, by all that was said before about its session.

    The coordinator's word settles: who contradicts it is heard, and a human asked, but it stands. A case of the same person that came first
    keeps the session.
    """
    if not before:
        return Outcome(_fact(said, said.case_id, 1))
    stands, own = what_stands(before), [fact for fact in before if fact.clear.said_by == said.said_by]
    same = _says(stands, said)
    if stands.clear.said_by == "coordinator" and own:
        same = _says(what_stands(own), said)
    if same:
        return Outcome(None)
    revision = max(fact.clear.revision or 0 for fact in before) + 1
    disagrees = not _says(stands, said) and said.said_by not in ("coordinator", stands.clear.said_by)
    return Outcome(_fact(said, stands.case_id, revision), disagrees)


def _says(fact: CaseFact, said: Statement) -> bool:
    return (fact.name == "SessionAttended") == said.attended


def _fact(said: Statement, case_id: str, revision: int) -> SessionAttended | SessionMissed:
    session = SessionAttended if said.attended else SessionMissed
    return session(person=said.person, case_id=case_id, group_id=said.group_id, on=said.on, said_by=said.said_by, revision=revision)
