"""A case and its status, which is a function of the set of facts about it, whatever their order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar, get_args

from pydantic import Field

from schemas.envelope import Event
from schemas.events.base import Data, Part, Sealed
from schemas.referral import Urgency

P = TypeVar("P", bound=Part)

Status = Literal["received", "proposed", "needs_human", "no_match", "agreed", "waitlisted", "placed", "attended", "closed", "withdrawn"]
STATUSES: tuple[Status, ...] = get_args(Status)
ENDED: frozenset[Status] = frozenset({"closed", "withdrawn"})
Priority = Literal[0, 1, 2]
"""A case's place in the queue: an open flag, urgent, routine."""

NOWHERE_KNOWN = "not known"
ANYTHING = "anything"
NEXT_ACTIONS: Mapping[Status, str | None] = {
    "received": "Wait a moment: groups are being looked for",
    "proposed": "Agree a group with the person",
    "needs_human": "Read the referral and speak with the person",
    "no_match": "Look for something new with the person",
    "agreed": "Wait for the group's answer",
    "waitlisted": "Tell the person that they are on the waiting list",
    "placed": "Ask how the first visit went",
    "attended": "Ask whether they will go again",
    "closed": None,
    "withdrawn": None,
}


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One fact about a case, its personal parts sealed as they came; `needs_human` tells the two kinds of NoMatchFound apart."""

    event_id: str
    case_id: str
    person: str
    type: str
    time: datetime
    details: bytes | None = None
    matching: bytes | None = None
    needs_human: bool = False

    @property
    def name(self) -> str:
        """The event's name."""
        return self.type.rpartition(".")[2]

    def sealed_details(self) -> Sealed | None:
        """The part under the `details` key."""
        return None if self.details is None else Sealed("details", self.person, self.event_id, self.type, self.details)

    def sealed_matching(self) -> Sealed | None:
        """The part under the `matching` key."""
        return None if self.matching is None else Sealed("matching", self.person, self.event_id, self.type, self.matching)


class SenderId(Part):
    """All that the queue needs of a referral's details."""

    referral_id: str


class HowUrgent(Part):
    """All that the queue needs of a referral's needs."""

    urgency: Urgency = "routine"


class Sought(Part):
    """All that the unmet-need ledger needs of a NoMatchFound."""

    needs_human: str | None = None
    ruled_out: dict[str, int] = Field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the queue needs of a referral when it arrives: when, how urgent, and a keyed hash of the sender's id."""

    case_id: str
    person: str
    received_at: datetime
    urgent: bool
    referral_id: bytes


@dataclass(frozen=True, slots=True)
class Case:
    """A case's place in the queue."""

    case_id: str
    person: str
    received_at: datetime
    status: Status
    red_flag: bool
    priority: Priority


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """An entry of the unmet-need ledger: this kind was sought in this area in this month, and why nothing was proposed."""

    kind: str
    area: str
    month: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a page of the queue ended."""

    priority: int
    received_at: str
    case_id: str


class CoordinatorStore(Protocol):
    """Every case's facts, sealed, and what follows from them."""

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which something is found again."""

    def open(self, events: Iterable[Event[Data]], part: str, as_: type[P]) -> list[P | None]:
        """One sealed part of each of these events; None where its key was destroyed."""

    def erased(self, persons: Collection[str]) -> set[str]:
        """Which of these persons are erased."""

    def add(self, facts: Sequence[CaseFact]) -> None:
        """Keep new facts; one that is there already is the same."""

    def facts_of(self, persons: Collection[str]) -> Sequence[CaseFact]:
        """All facts about these persons, without their sealed parts."""

    def arrivals_of(self, persons: Collection[str]) -> Sequence[Arrival]:
        """The referrals of these persons."""

    def put(self, arrivals: Iterable[Arrival], cases: Iterable[Case]) -> None:
        """Keep each of these referrals, and where it stands now."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row about these persons, and remember that they are erased."""


def cases_of(arrivals: Iterable[Arrival], facts: Iterable[CaseFact]) -> list[Case]:
    """Where each of these referrals stands, by all facts about their persons."""
    by_case: dict[str, list[CaseFact]] = {}
    flagged: set[str] = set()
    for fact in facts:
        by_case.setdefault(fact.case_id, []).append(fact)
        if fact.name == "RedFlagRaised":
            flagged.add(fact.person)
    return [_case(arrival, by_case.get(arrival.case_id, []), arrival.person in flagged) for arrival in arrivals]


def status_of(facts: Collection[CaseFact], *, red_flag: bool) -> Status:
    """The status by DESIGN section 5: the first of its lines that holds."""
    if any(fact.name == "ReferralWithdrawn" for fact in facts):
        return "withdrawn"
    if red_flag:
        return "needs_human"
    newest = newest_proposal(facts)
    if newest is None:
        return "received"
    if newest.name == "MatchesProposed":
        return "proposed"
    return "needs_human" if newest.needs_human else "no_match"


def unmet_needs(sought: Sought, at: datetime) -> list[UnmetNeed]:
    """What one NoMatchFound adds to the ledger: an entry for each kind that was sought."""
    most_often = max(sought.ruled_out, key=lambda rule: (sought.ruled_out[rule], rule), default="no_group_at_all")
    reason, area = sought.needs_human or most_often, sought.area or NOWHERE_KNOWN
    return [UnmetNeed(kind, area, at.strftime("%Y-%m"), reason) for kind in sought.kinds or [ANYTHING]]


def newest_proposal(facts: Iterable[CaseFact]) -> CaseFact | None:
    """The last answer of the matcher, by time and then by id."""
    answers = [fact for fact in facts if fact.name in ("MatchesProposed", "NoMatchFound")]
    return max(answers, key=lambda fact: (fact.time, fact.event_id), default=None)


def in_order(facts: Iterable[CaseFact]) -> list[CaseFact]:
    """The facts by time; of those written at the same moment, the referral first, then its flags, then what followed from them."""
    at_once = {"ReferralReceived": 0, "RedFlagRaised": 1}
    return sorted(facts, key=lambda fact: (fact.time, at_once.get(fact.name, 2), fact.event_id))


def _case(arrival: Arrival, facts: Collection[CaseFact], red_flag: bool) -> Case:
    priority: Priority = 0 if red_flag else 1 if arrival.urgent else 2
    return Case(arrival.case_id, arrival.person, arrival.received_at, status_of(facts, red_flag=red_flag), red_flag, priority)
