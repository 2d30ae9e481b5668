"""A case and its status, which is a function of the set of facts about it, whatever their order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, TypeVar, get_args

from schemas.envelope import Event
from schemas.events.base import Data, Part, Sealed
from schemas.events.cases import TaskKind
from schemas.events.follow_ups import Channel, Step
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import HeldSession
from schemas.group import Group
from schemas.referral import Urgency

P = TypeVar("P", bound=Part)

Status = Literal["received", "proposed", "needs_human", "no_match", "agreed", "waitlisted", "placed", "attended", "closed", "withdrawn"]
STATUSES: tuple[Status, ...] = get_args(Status)
ENDED: frozenset[Status] = frozenset({"closed", "withdrawn"})
View = Literal["new", "urgent", "red_flag", "waiting", "to_do", "overdue", "silent"]
VIEWS: tuple[View, ...] = get_args(View)
"""Parts of the queue that are more than a status; `new` is not decided on yet, `to_do` has an open task, also where it has ended."""

TouchState = Literal["planned", "claimed", "sent", "failed", "cancelled"]
TOUCH_STATES: tuple[TouchState, ...] = get_args(TouchState)
Company = Literal["new", "sought", "open"]
"""Of a place: somebody to go with is to be looked for, was looked for, or two people are to be asked and have not both answered."""

Priority = Literal[0, 1, 2]
"""A case's place in the queue: an open flag, urgent, routine."""


@dataclass(frozen=True, slots=True)
class Clear:
    """What a fact says in clear, beside whom and which case it is about; None where it says no such thing."""

    group_id: str | None = None
    place_id: str | None = None
    version: int | None = None
    count: int | None = None
    session: HeldSession | None = None
    reason: str | None = None
    accepted: bool | None = None
    on: date | None = None
    said_by: str | None = None
    revision: int | None = None
    flag_id: str | None = None
    flag_ids: tuple[str, ...] | None = None
    task_id: str | None = None
    due_at: datetime | None = None
    touch_id: str | None = None
    pair_id: str | None = None


NOTHING_CLEAR = Clear()


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One fact about a case, or about a person where `case_id` is empty, its personal parts sealed as they came.

    `needs_human` tells the two kinds of NoMatchFound apart; `kind` is an opened task's.
    """

    event_id: str
    case_id: str
    person: str
    type: str
    time: datetime
    details: bytes | None = None
    matching: bytes | None = None
    needs_human: bool = False
    clear: Clear = NOTHING_CLEAR
    kind: TaskKind | None = None

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


class Reached(Part):
    """Whether it is safe to contact the person, where that was said."""

    safe_to_contact: bool | None = None


class Reach(Part):
    """All that a task needs of a referral's details."""

    contact: Reached | None = None


class HowUrgent(Part):
    """All that the queue needs of a referral's needs."""

    urgency: Urgency = "routine"


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
    """A case's place in the queue: `version` numbers its newest decision, `task` is the open task that is due first."""

    case_id: str
    person: str
    received_at: datetime
    status: Status
    red_flag: bool
    priority: Priority
    version: int = 0
    task: TaskKind | None = None
    due_at: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class CasePlace:
    """The place that one decision asked for; `unconfirmed_start` is when the session begins for which the organiser has yet to say yes.

    `first_start` is when the first session begins, where the person may still be given somebody to go with; `company` is how far that is.
    """

    place_id: str
    case_id: str
    person: str
    group_id: str
    state: str
    unconfirmed_start: datetime | None = None
    first_start: datetime | None = None
    company: Company | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One person's side of a pair; `reached` is how far it ever came: suggested, asked, agreed, went together."""

    pair_id: str
    person: str
    case_id: str
    place_id: str
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Touch:
    """A planned message or task of follow-up, and how far it has come."""

    touch_id: str
    case_id: str
    person: str
    place_id: str | None
    step: Step
    state: TouchState
    at: datetime
    channel: Channel | None = None
    due_at: datetime | None = None


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

    def opened(self, sealed: Sealed | None, as_: type[P]) -> P | None:
        """What is inside one sealed part of a fact; None where there is nothing, or its key was destroyed."""

    def sealed(self, events: Sequence[Event[Data]]) -> list[Event[Data]]:
        """These events of our own with their personal parts sealed; one about an erased person is left out."""

    def erased(self, persons: Collection[str]) -> set[str]:
        """Which of these persons are erased."""

    def add(self, facts: Sequence[CaseFact]) -> None:
        """Keep facts; one that is there already is the same, but for when it was written."""

    def known(self, event_ids: Collection[str]) -> set[str]:
        """Which of these facts are kept."""

    def facts_of(self, persons: Collection[str]) -> Sequence[CaseFact]:
        """All facts about these persons, without their sealed parts."""

    def history(self, case_id: str) -> Sequence[CaseFact]:
        """All facts of one case, and of its person beside their cases, with their sealed parts, in the order of their time."""

    def received(self, case_ids: Collection[str]) -> Mapping[str, CaseFact]:
        """The fact of the referral itself for each of these cases, with its sealed parts."""

    def arrivals_of(self, persons: Collection[str]) -> Sequence[Arrival]:
        """The referrals of these persons."""

    def cases_called(self, id_: str) -> Sequence[Case]:
        """The cases that a `case_id` or a sender's `referral_id` names."""

    def put(self, arrivals: Iterable[Arrival], cases: Iterable[Case]) -> None:
        """Keep each of these referrals, and where it stands now."""

    def put_places(self, places: Iterable[CasePlace]) -> None:
        """Keep how each of these places stands now."""

    def places_in(self, group_ids: Collection[str]) -> Sequence[CasePlace]:
        """The places in these groups that are not lost."""

    def places_of(self, persons: Collection[str]) -> Sequence[CasePlace]:
        """Every place that was ever asked for these persons."""

    def organisers_silent(self, start: datetime, limit: int) -> Sequence[CasePlace]:
        """Places that the organiser has not confirmed and whose session begins by then, the first first."""

    def organisers_asked(self, place_ids: Collection[str]) -> None:
        """A human has been told to ask about these places."""

    def put_sides(self, sides: Iterable[Side]) -> None:
        """Keep how far each side of these pairs has come."""

    def pairs_of(self, persons: Collection[str]) -> Sequence[Side]:
        """Both sides of every pair that these persons are in, by `pair_id`; of an erased person there is none."""

    def seeking_company(self, after: datetime, limit: int) -> Sequence[CasePlace]:
        """The places of the next sessions after then for whom somebody is to be looked for, with all others who seek at the same session."""

    def company_sought(self, place_ids: Collection[str]) -> None:
        """Somebody was looked for, for these places."""

    def company_open(self, until: datetime, limit: int) -> Sequence[CasePlace]:
        """The places whose session begins by then and whose pair has not both answers."""

    def consents_of(self, persons: Collection[str]) -> Sequence[CaseFact]:
        """What was said about these persons' consent since they were referred, with its sealed parts."""

    def put_touches(self, touches: Iterable[Touch]) -> None:
        """Keep how far each of these touches has come; it never goes back."""

    def touches_called(self, touch_ids: Collection[str]) -> Mapping[str, Touch]:
        """These touches, as far as they are known."""

    def touches_about(self, place_ids: Collection[str]) -> Sequence[Touch]:
        """The touches about these places."""

    def put_groups(self, events: Sequence[Event[GroupListed] | Event[GroupDelisted]]) -> None:
        """Keep what was said of these groups; the newest word counts."""

    def group(self, group_id: str) -> Group | None:
        """The group as it was last listed, also where it is gone by now."""

    def stopped(self, group_ids: Collection[str]) -> set[str]:
        """Those of these groups that are known to run no more."""

    def spoken_of(self, place_ids: Collection[str]) -> set[str]:
        """Those of these places of which the person was told something."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row about these persons, and remember that they are erased."""
