"""What was done about a case, opened: tasks, notes, replies and outcomes; and, in clear, the touches and the place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.events.cases import Note, Task, TaskKind
from schemas.events.follow_ups import Meaning, ReplyMeaning, ReplyText
from services.chassis.codec import open_part
from services.chassis.vault import Vault
from services.coordinator.domain import CaseFact, Touch
from services.coordinator.standing import in_order, sessions_known


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A task in words, and how it was closed where it was."""

    task_id: str
    kind: TaskKind
    what: str
    owner: str | None
    due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note, and who wrote it where that is known."""

    at: datetime
    text: str
    written_by: str | None


@dataclass(frozen=True, slots=True)
class OpenedReply:
    """What the person answered, and what it was understood to mean."""

    at: datetime
    text: str
    meaning: Meaning | None


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """Whether the person came to a group on a date, by the newest word about it."""

    group_id: str
    on: date
    attended: bool
    said_by: str


@dataclass(frozen=True, slots=True)
class Worked:
    """All that was done about one case, the oldest first; open tasks stand in front of closed ones."""

    tasks: tuple[OpenedTask, ...] = ()
    notes: tuple[OpenedNote, ...] = ()
    replies: tuple[OpenedReply, ...] = ()
    outcomes: tuple[KnownOutcome, ...] = ()
    touches: tuple[Touch, ...] = ()


def worked_on(history: Sequence[CaseFact], touches: Iterable[Touch], vault: Vault) -> Worked:
    """What was done about a case, by all facts about it with their sealed parts."""
    facts = in_order(history)
    tasks = sorted(_tasks(facts, vault), key=lambda task: (task.closed_at is not None, (task.due_at or task.opened_at).timestamp(), task.task_id))
    return Worked(tuple(tasks), tuple(_notes(facts, vault)), tuple(_replies(facts, vault)), outcomes(facts), tuple(touches))


def outcomes(facts: Iterable[CaseFact]) -> tuple[KnownOutcome, ...]:
    """Who came and who did not, by date."""
    known = sessions_known(facts)
    told = [KnownOutcome(group, on, fact.name == "SessionAttended", fact.clear.said_by or "coordinator") for (group, on), fact in known.items()]
    return tuple(sorted(told, key=lambda one: (one.on, one.group_id)))


def _tasks(facts: Sequence[CaseFact], vault: Vault) -> Iterator[OpenedTask]:
    closed = {fact.clear.task_id: fact for fact in reversed(facts) if fact.name == "TaskClosed"}
    for fact in facts:
        if fact.name != "TaskOpened" or fact.clear.task_id is None:
            continue
        sealed, end = fact.sealed_details(), closed.get(fact.clear.task_id)
        task = open_part(sealed, Task, vault) if sealed else None
        what, owner = (task.what, task.owner) if task else ("", None)
        note = _note(end, vault) if end else None
        yield OpenedTask(
            fact.clear.task_id,
            fact.kind or "by_hand",
            what,
            owner,
            fact.clear.due_at,
            fact.time,
            end.time if end else None,
            note.text if note else None,
        )


def _notes(facts: Sequence[CaseFact], vault: Vault) -> Iterator[OpenedNote]:
    for fact in facts:
        if fact.name == "NoteWritten" and (note := _note(fact, vault)):
            yield OpenedNote(fact.time, note.text, note.written_by)


def _replies(facts: Sequence[CaseFact], vault: Vault) -> Iterator[OpenedReply]:
    for fact in facts:
        if fact.name != "ReplyReceived":
            continue
        details, matching = fact.sealed_details(), fact.sealed_matching()
        text = open_part(details, ReplyText, vault) if details else None
        meaning = open_part(matching, ReplyMeaning, vault) if matching else None
        yield OpenedReply(fact.time, text.text if text else "", meaning.meaning if meaning else None)


def _note(fact: CaseFact, vault: Vault) -> Note | None:
    sealed = fact.sealed_details()
    return open_part(sealed, Note, vault) if sealed else None
