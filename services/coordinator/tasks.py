"""What a human is to do: opened by facts, by time and by hand, closed by facts and by hand; one open task a case and kind.

A task that is opened by hand is of its own kind every time: two different things may be wanted at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.events.cases import Note, Task, TaskClosed, TaskKind, TaskOpened
from schemas.events.follow_ups import Step
from services.chassis.ids import derived_id
from services.coordinator.domain import Case, Status
from services.coordinator.standing import OpenTask, Standing

WHAT: Final[Mapping[TaskKind, str]] = {
    "red_flag": "A red flag is open: read it, and speak with the person or with whoever referred them",
    "asked_for_help": "The person asked for a human: call them",
    "not_understood": "The person wrote something that was not understood: read it, and answer",
    "message_failed": "A message was not sent: see which, and say it yourself",
    "silent": "The person has not answered: find out how they are",
    "organiser_silent": "The group has not said yes to the person, and the session is near: ask the organiser",
    "disagreement": "It is not agreed whether the person came: find out, and record it",
    "place_lost": "A place is lost, or its group runs no more: tell the person, and look for another group together",
    "no_date": "A place is held, but no date is known: ask the group when the person can come",
    "cannot_come": "The person says that they will not come: speak with them, and change what is agreed",
    "could_go_together": "They could go together with somebody the first time: look, and decide whether to ask both",
    "ask_companion": "Ask whether they would like to go together with somebody new the first time, and say nothing of who it is",
    "tell_companion": "Tell the person how they go the first time: read the case",
    "by_hand": "A task was written down: open the case and do it",
}
NEXT_ACTIONS: Mapping[Status, str | None] = {
    "received": "Wait a moment: groups are being looked for",
    "proposed": "Agree a group with the person",
    "needs_human": "Read the referral and speak with the person",
    "no_match": "Look for something new with the person",
    "agreed": "Wait for the group's answer",
    "waitlisted": "Tell the person that they are on the waiting list",
    "placed": "After the first visit, ask how it went",
    "attended": "Ask whether they will go again",
    "closed": None,
    "withdrawn": None,
}
MESSAGES: Final[Mapping[Step, str]] = {
    "first_session": "the details of the first session",
    "day_before": "the reminder on the day before",
    "day_after": "the question how the first visit went",
    "week_2": "the question after two weeks",
    "week_6": "the questions after six weeks",
    "stop_confirmed": "the confirmation that messages have stopped",
    "news": "the news that something has changed",
    "organiser_asked": "the question to the group’s organiser",
    "task": "a message that a person is to say",
}
WHY_FAILED: Final[Mapping[str, str]] = {
    "refused": "it was refused",
    "unreachable": "there is no channel for it",
    "too_late": "it was too late to send it",
    "unknown": "nobody knows whether it arrived",
}
BOTH_AGREED: Final = "Both said yes: tell the person whom they meet, and that it is at the group’s door when the session begins"
OF_A_PAIR: Final[Mapping[TaskKind, str | None]] = {"could_go_together": None, "ask_companion": None, "tell_companion": BOTH_AGREED}
"""What is to be done while a pair stands, with its words where those are not the kind's; over when the pair is."""

ENDS_WITH_THE_CASE: Final[frozenset[TaskKind]] = frozenset(
    {"message_failed", "silent", "organiser_silent", "place_lost", "no_date", "cannot_come", *OF_A_PAIR}
)
"""What nobody has to do any more once the case is closed or withdrawn; who asks for help is answered all the same."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Who looks at red flags, and within which time a task is to be done."""

    duty_worker: str
    zone: ZoneInfo
    red_flag: timedelta = timedelta(hours=1)
    working_days: int = 1
    organiser_silent: timedelta = timedelta(days=2)

    def due(self, kind: TaskKind, since: datetime) -> datetime:
        """By when a task of this kind is to be done; working days are Monday to Friday."""
        return since + self.red_flag if kind == "red_flag" else working_days_after(since, self.working_days, self.zone)

    def owner(self, kind: TaskKind) -> str | None:
        """Whose task it is, where that is known from the start."""
        return self.duty_worker if kind == "red_flag" else None


@dataclass
class Desk:
    """The open tasks of some cases, kept in step with what is opened and closed on the way."""

    standings: Mapping[str, Standing]
    periods: Periods
    _open: dict[tuple[str, TaskKind], list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._open = {}
        for case_id, standing in self.standings.items():
            for task in standing.tasks:
                self._open.setdefault((case_id, task.kind), []).append(task.task_id)

    def open(self, person: str, case_id: str, kind: TaskKind, occasion: str, since: datetime, what: str | None = None) -> TaskOpened | None:
        """A task of this kind; None where one is open. `occasion` is the id of what led to it: the same again is the same task."""
        if case_id not in self.standings or self._open.get((case_id, kind)):
            return None
        task_id = task_id_of(occasion, kind, case_id)
        if task_id in self.standings[case_id].tasks_ever:
            return None
        self._open[case_id, kind] = [task_id]
        details = Task(kind=kind, what=what or WHAT[kind], owner=self.periods.owner(kind))
        return TaskOpened(person=person, case_id=case_id, task_id=task_id, due_at=self.periods.due(kind, since), details=details)

    def close(self, person: str, case_id: str, kind: TaskKind, why: str, only: Collection[str] | None = None) -> list[TaskClosed]:
        """Every open task of this kind, or those `only`, closed."""
        is_open = self._open.pop((case_id, kind), [])
        closed = [task_id for task_id in is_open if only is None or task_id in only]
        self._open[case_id, kind] = [task_id for task_id in is_open if task_id not in closed]
        return [TaskClosed(person=person, case_id=case_id, task_id=task_id, details=Note(text=why)) for task_id in closed]


def task_id_of(occasion: str, kind: TaskKind, case_id: str) -> str:
    """The task that this occasion gives rise to."""
    return derived_id(occasion, f"task-{kind}", case_id, 0)


def working_days_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day so many working days later, in this zone."""
    local = moment.astimezone(zone)
    while days > 0:
        local += timedelta(days=1)
        days -= local.weekday() < 5
    return local.astimezone(moment.tzinfo)


def failed_message(step: Step, reason: str, *, safe: bool = True) -> str:
    """Which message did not arrive and why, so that a human can say it; not at once where it may not be `safe` to contact the person."""
    said = MESSAGES[step]
    if step == "organiser_asked":
        return f"{said[:1].upper()}{said[1:]} was not sent: {WHY_FAILED[reason]}. Ask the organiser"
    if not safe:
        return f"{said[:1].upper()}{said[1:]} was not sent: contact may not be safe. Read the case first"
    return f"{said[:1].upper()}{said[1:]} did not reach the person: {WHY_FAILED[reason]}. Tell them yourself"


def next_action(case: Case, now: datetime) -> str | None:
    """What to do about a case: its open task that is due first, else what its status asks for; None where nothing is left to do."""
    if case.task is None:
        return NEXT_ACTIONS[case.status]
    what = WHAT[case.task]
    return f"Overdue: {what[:1].lower()}{what[1:]}" if case.due_at is not None and case.due_at < now else what


def by_hand(open_tasks: tuple[OpenTask, ...], task_id: str) -> OpenTask | None:
    """The open task with this id."""
    return next((task for task in open_tasks if task.task_id == task_id), None)
