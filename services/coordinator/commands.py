"""What a coordinator, or a group's organiser, may ask for; each in the imperative, none of them done yet.

`case` is a case_id, or a sender's referral_id where only one case has it. `id` is the command's own id, fresh for each: it is the cause of
what follows, so that doing the same command twice yields the same facts. `version` is the number of the newest decision that was seen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from schemas.events.outcomes import SaidBy
from schemas.events.places import WhyRefused

TogetherAnswer = Literal["ask", "yes", "no", "apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request about one case."""

    case: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseGroup(Command):
    """Person and coordinator agreed on this group."""

    group_id: str
    note: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineGroups(Command):
    """The person does not want this group, or none of those proposed; `reason` is a code."""

    group_id: str | None = None
    reason: str | None = None
    note: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase(Command):
    """Nothing more is to be done."""

    reason: str | None = None
    note: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCase(Command):
    """There is something to be done after all."""

    reason: str | None = None
    note: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseFlag(Command):
    """Something must stop all automation for the person; `reason` is the flag's code."""

    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearFlags(Command):
    """A human has dealt with every flag that is open for the person; `seen` are those that they saw, where they saw which."""

    note: str | None = None
    settled_by: str | None = None
    seen: frozenset[str] | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttendance(Command):
    """The person came to this group on this date, or did not."""

    group_id: str
    on: date
    attended: bool
    said_by: SaidBy = "coordinator"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideTogether(Command):
    """Two people are to be asked whether they go together, the case's person said yes or no, or it is let be; `pair_id` is the pair that was seen."""

    answer: TogetherAnswer
    pair_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForGroup(Command):
    """The organiser says yes to the person at this place, or no and why; `full` is one of the reasons."""

    place_id: str
    accepted: bool
    reason: WhyRefused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote(Command):
    """Something worth remembering."""

    text: str
    written_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask(Command):
    """Something is to be done."""

    what: str
    due_at: datetime | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTask(Command):
    """It was done."""

    task_id: str
    note: str | None = None
