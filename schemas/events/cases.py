"""Facts on `cases`: what coordinators note, what they have to do, whose case it is, and who may go together the first time."""

from typing import Annotated, Literal

from pydantic import AwareDatetime

from schemas.events.base import DETAILS, AboutCase, Part, Sealed


class Note(Part):
    """What a coordinator wrote, and who."""

    text: str
    written_by: str | None = None


class NoteWritten(AboutCase):
    """A note on the case."""

    stream = "cases"

    details: Annotated[Note | Sealed | None, DETAILS] = None


TaskKind = Literal[
    "red_flag",
    "asked_for_help",
    "not_understood",
    "message_failed",
    "silent",
    "organiser_silent",
    "disagreement",
    "place_lost",
    "no_date",
    "cannot_come",
    "could_go_together",
    "ask_companion",
    "tell_companion",
    "by_hand",
]


class Task(Part):
    """What a human is to do, why, and who."""

    kind: TaskKind = "by_hand"
    what: str
    owner: str | None = None


class TaskOpened(AboutCase):
    """A human is to do something, with a clock on it."""

    stream = "cases"

    task_id: str
    due_at: AwareDatetime | None = None
    details: Annotated[Task | Sealed | None, DETAILS] = None


class TaskClosed(AboutCase):
    """It was done."""

    stream = "cases"

    task_id: str
    details: Annotated[Note | Sealed | None, DETAILS] = None


class Assignment(Part):
    """Whose case it is."""

    coordinator: str


class CaseAssigned(AboutCase):
    """The case is this coordinator's."""

    stream = "cases"

    details: Annotated[Assignment | Sealed | None, DETAILS] = None


class _Companion(AboutCase):
    """One person's side of a pair; two facts with the same `pair_id` are about two people, and neither says anything of the other."""

    pair_id: str
    place_id: str


class CompanionSuggested(_Companion):
    """The person could go together with somebody the first time: a human decides whether they are asked."""

    stream = "cases"


class CompanionAsked(_Companion):
    """A coordinator decided to ask the person."""

    stream = "cases"


class CompanionAgreed(_Companion):
    """The person said that they would like to go together."""

    stream = "cases"


class CompanionDeclined(_Companion):
    """The person said that they would not."""

    stream = "cases"


class CompanionEnded(_Companion):
    """The two do not go together after all. Why is not said: it may be about the other."""

    stream = "cases"
