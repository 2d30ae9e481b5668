"""Who came and who did not: one statement stands for each person, group and date, with who said it; another answer is another revision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.events.outcomes import SessionAttended, SessionMissed
from services.coordinator.commands import SaidBy
from services.coordinator.domain import CaseFact
from services.coordinator.standing import Session


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


def outcome_of(said: Statement, known: Mapping[Session, CaseFact]) -> Outcome:
    """What follows from a statement, by what stands about each session of the person.

    The coordinator's word settles and never disagrees; a case of the same person that came first keeps the session.
    """
    before = known.get((said.group_id, said.on))
    if before is not None and (before.name == "SessionAttended") == said.attended:
        return Outcome(None)
    session = SessionAttended if said.attended else SessionMissed
    revision = (before.clear.revision or 0) + 1 if before else 1
    case_id = before.case_id if before else said.case_id
    fact = session(person=said.person, case_id=case_id, group_id=said.group_id, on=said.on, said_by=said.said_by, revision=revision)
    return Outcome(fact, before is not None and said.said_by not in ("coordinator", before.clear.said_by))
