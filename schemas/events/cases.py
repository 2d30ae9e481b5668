"""Facts on `cases`: what coordinators note, what they have to do, and whose case it is."""

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
