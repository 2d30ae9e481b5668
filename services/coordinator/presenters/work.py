"""What was done about a case, in words: tasks with their clock, messages with their state, replies, notes, and who came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from schemas.events.follow_ups import Channel, Meaning, Step
from services.coordinator.domain import Touch, TouchState
from services.coordinator.handlers.facts import SECOND_VISIT
from services.coordinator.presenters.agreed import name_of
from services.coordinator.presenters.history import SAID_BY
from services.coordinator.presenters.moments import day_in_words, moment_in_words, soon_in_words
from services.coordinator.presenters.opened import OpenedCase
from services.coordinator.presenters.proposal import Known
from services.coordinator.presenters.words import Tag, sentence
from services.coordinator.presenters.worked import OpenedNote, OpenedReply, OpenedTask
from services.coordinator.tasks import MESSAGES

_STATES: Final[dict[TouchState, Tag]] = {
    "planned": Tag("Planned", "blue"),
    "claimed": Tag("Being sent", "blue"),
    "sent": Tag("Sent", "green"),
    "failed": Tag("Not sent: do it yourself", "orange"),
    "cancelled": Tag("Cancelled", "grey"),
}
_BY: Final[dict[Channel, str]] = {
    "sms": "by text message",
    "email": "by email",
    "local": "into the outbox on this computer",
    "task": "by you, in person",
}
_MEANT: Final[dict[Meaning, str]] = {
    "came": "They came",
    "did_not_come": "They did not come",
    "yes": "Yes",
    "no": "No",
    "stop": "They want no more messages",
    "start": "They want messages again",
    "help": "They asked for help",
    "call_me": "They asked for a call",
    "measured": "They answered how lonely they feel",
    "red_flag": "A red flag",
    "not_understood": "Not understood: read it",
}


@dataclass(frozen=True, slots=True)
class TaskView:
    """Something to do, or that was done; `flag` where it is done by settling the flags of the person."""

    task_id: str
    what: str
    owner: str
    due: str
    overdue: bool
    done: str
    note: str
    flag: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message or task of follow-up."""

    what: str
    when: str
    how: str
    state: Tag


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody wrote, when, and who or what about it."""

    at: str
    at_iso: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session of a group, and whether they came where that is known; `on` is its date in ISO."""

    group_id: str
    group: str
    on: str
    day: str
    came: bool | None
    said_by: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """All that was done about a case; what is newest comes first, but for tasks and messages, which stand by when they are due."""

    to_do: tuple[TaskView, ...]
    done: tuple[TaskView, ...]
    messages: tuple[MessageView, ...]
    replies: tuple[Saying, ...]
    notes: tuple[Saying, ...]
    sessions: tuple[SessionView, ...]


def work_view(opened: OpenedCase, known: Known, now: datetime, zone: tzinfo) -> WorkView:
    """What was done about a case."""
    worked = opened.worked
    tasks = [(task.closed_at is None, _task(task, opened.standing.flags, now, zone)) for task in worked.tasks]
    return WorkView(
        to_do=tuple(task for is_open, task in tasks if is_open),
        done=tuple(task for is_open, task in tasks if not is_open),
        messages=tuple(_message(touch, zone) for touch in worked.touches),
        replies=tuple(_reply(reply, zone) for reply in reversed(worked.replies)),
        notes=tuple(_note(note, zone) for note in reversed(worked.notes)),
        sessions=tuple(_sessions(opened, known, now)),
    )


def message_in_words(step: Step) -> str:
    """Which message of follow-up this is."""
    return sentence(MESSAGES[step])


def _task(task: OpenedTask, flags: Collection[str], now: datetime, zone: tzinfo) -> TaskView:
    return TaskView(
        task_id=task.task_id,
        what=task.what or "What this was about can be read no more",
        owner=task.owner or "",
        due=soon_in_words(task.due_at, zone) if task.due_at else "",
        overdue=task.closed_at is None and task.due_at is not None and task.due_at < now,
        done=soon_in_words(task.closed_at, zone) if task.closed_at else "",
        note=task.note or "",
        flag=task.kind == "red_flag" and bool(flags),
    )


def _message(touch: Touch, zone: tzinfo) -> MessageView:
    at = touch.at if touch.state == "sent" else touch.due_at or touch.at
    how = _BY[touch.channel] if touch.channel else ""
    return MessageView(message_in_words(touch.step), soon_in_words(at, zone), how, _STATES[touch.state])


def _reply(reply: OpenedReply, zone: tzinfo) -> Saying:
    return Saying(moment_in_words(reply.at, zone), reply.at.isoformat(), reply.text, _MEANT[reply.meaning] if reply.meaning else "")


def _note(note: OpenedNote, zone: tzinfo) -> Saying:
    return Saying(moment_in_words(note.at, zone), note.at.isoformat(), note.text, note.written_by or "")


def _sessions(opened: OpenedCase, known: Known, now: datetime) -> list[SessionView]:
    """The sessions that were spoken of, and those of the place that are over and were not, the newest first."""
    told = {(one.group_id, one.on): (one.attended, one.said_by) for one in opened.worked.outcomes}
    place = opened.standing.chosen
    over = sessions_over(place.session.start, now) if place and place.session else []
    asked = {(place.group_id, on): None for on in over} if place else {}
    known_of = {**asked, **told}
    return [
        _session(group_id, on, known_of[group_id, on], known) for group_id, on in sorted(known_of, key=lambda one: (one[1], one[0]), reverse=True)
    ]


def sessions_over(start: datetime, now: datetime) -> list[date]:
    """The dates of the sessions that are asked about and have begun: the first, and the one two weeks after it."""
    return [begun.date() for begun in (start, start + SECOND_VISIT) if begun <= now]


def _session(group_id: str, on: date, said: tuple[bool, str] | None, known: Known) -> SessionView:
    came, by = said or (None, "")
    return SessionView(group_id, name_of(group_id, known), on.isoformat(), day_in_words(on), came, SAID_BY.get(by, ""))
