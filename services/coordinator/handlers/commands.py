"""What the coordinator makes of commands: the case is looked up, the rule asked, and what it says kept, so that the next command knows."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from schemas.events.cases import Note, NoteWritten, Task, TaskClosed, TaskOpened
from schemas.events.places import OrganiserAnswered
from schemas.events.referrals import RedFlag
from schemas.group import Group
from services.chassis.errors import Ambiguous, NotFound, Rejected
from services.chassis.service import Cause, Fact
from services.coordinator import decisions
from services.coordinator.commands import (
    AnswerForGroup,
    ChooseGroup,
    ClearFlags,
    CloseCase,
    CloseTask,
    Command,
    DecideTogether,
    DeclineGroups,
    OpenTask,
    RaiseFlag,
    RecordAttendance,
    ReopenCase,
    WriteNote,
)
from services.coordinator.decisions import Free, Known
from services.coordinator.domain import Case, CaseFact, CoordinatorStore
from services.coordinator.handlers.declines import declines_of, proposed_in
from services.coordinator.handlers.keeping import take_in_own
from services.coordinator.handlers.together import decide_pair
from services.coordinator.outcomes import Statement, outcome_of
from services.coordinator.standing import newest_proposal, sessions_said, standings_of
from services.coordinator.tasks import Desk, Periods, by_hand, task_id_of

FindGroup = Callable[[str], Group | None]
THE_SAME_WITHIN: Final = timedelta(minutes=10)
"""Asking again is safe for this long: the same words about the same case are then the same request."""

NO_SUCH_GROUP: Final = "no group is known by this id"


class UnknownGroup(Rejected):
    """No group was ever listed under this id."""


def choose_group(command: ChooseGroup, store: CoordinatorStore, find: FindGroup, zone: str) -> Sequence[Fact]:
    """The person's case with this group chosen, and a place asked for."""
    known, history = _known(command, store)
    group = _group(command.group_id, store, find)
    received = next((fact for fact in history if fact.name == "ReferralReceived"), None)
    free = store.opened(received.sealed_matching(), Free) if received else None
    return take_in_own(decisions.choose(command, known, group, free or Free(), zone), store, command.at)


def decline_groups(command: DeclineGroups, store: CoordinatorStore, find: FindGroup) -> Sequence[Fact]:
    """One group declined, or all that are proposed and chosen."""
    known, _ = _known(command, store)
    if command.group_id and command.group_id not in known.proposed:
        _group(command.group_id, store, find)
    return take_in_own(decisions.decline(command, known), store, command.at)


def close_case(command: CloseCase, store: CoordinatorStore) -> Sequence[Fact]:
    """The case closed."""
    return take_in_own(decisions.close(command, _known(command, store)[0]), store, command.at)


def reopen_case(command: ReopenCase, store: CoordinatorStore) -> Sequence[Fact]:
    """The case opened again."""
    return take_in_own(decisions.reopen(command, _known(command, store)[0]), store, command.at)


def raise_flag(command: RaiseFlag, store: CoordinatorStore) -> Sequence[Fact]:
    """A red flag raised for the person."""
    known, history = _known(command, store)
    raised = [fact for case in _case_ids(known.case, store) for fact in store.history(case) if fact.clear.flag_id in known.standing.flags]
    flags = [store.opened(fact.sealed_matching(), RedFlag) for fact in raised if fact.name == "RedFlagRaised"]
    since = min((fact.time for fact in raised), default=command.at)
    noted = {note.text for note in _notes(history, since, store)}
    return take_in_own(decisions.raise_flag(command, known, {flag.code for flag in flags if flag}, noted), store, command.at)


def clear_flags(command: ClearFlags, store: CoordinatorStore) -> Sequence[Fact]:
    """Every open flag of the person cleared."""
    return take_in_own(decisions.clear_flags(command, _known(command, store)[0]), store, command.at)


def record_attendance(command: RecordAttendance, store: CoordinatorStore, find: FindGroup, periods: Periods) -> Sequence[Fact]:
    """What somebody says about a session; the coordinator's word settles what was not agreed."""
    case, facts, desk = _desk(command, store, periods)
    _group(command.group_id, store, find)
    said = Statement(case.person, case.case_id, command.group_id, command.on, command.attended, command.said_by)
    outcome, cause = outcome_of(said, sessions_said(facts).get((said.group_id, said.on), ())), Cause(command.id, command.id)
    follows = [Fact(outcome.fact, cause)] if outcome.fact else []
    about = outcome.fact.case_id if outcome.fact else case.case_id
    if outcome.disagrees and (task := desk.open(case.person, about, "disagreement", command.id, command.at)):
        follows.append(Fact(task, cause))
    if command.said_by == "coordinator":
        closed = desk.close(case.person, about, "disagreement", "a coordinator has found out")
        follows += [Fact(task, cause, number) for number, task in enumerate(closed)]
    return take_in_own(follows, store, command.at)


def decide_together(command: DecideTogether, store: CoordinatorStore, periods: Periods) -> Sequence[Fact]:
    """Whether two people go together the first time."""
    return decide_pair(command, _called(command.case, store), store, periods)


def answer_for_group(command: AnswerForGroup, store: CoordinatorStore) -> Sequence[Fact]:
    """The organiser's yes or no to a place; nothing where it is lost already, or the same was answered last."""
    known, history = _known(command, store)
    place = next((one for one in known.standing.places if one.place_id == command.place_id), None)
    if place is None:
        raise NotFound("no place is known by this id")
    said = [fact.clear for fact in history if fact.name == "OrganiserAnswered" and fact.clear.place_id == place.place_id]
    if place.lost or (said and said[-1].accepted == command.accepted and said[-1].reason == command.reason):
        return []
    answer = OrganiserAnswered(
        group_id=place.group_id, place_id=place.place_id, person=known.case.person, case_id=known.case.case_id,
        accepted=command.accepted, reason=command.reason,
    )  # fmt: skip
    return take_in_own([Fact(answer, Cause(command.id, command.id))], store, command.at)


def write_note(command: WriteNote, store: CoordinatorStore) -> Sequence[Fact]:
    """A note on the case; the same again within a short time is the same note, whose answer was lost."""
    case = _called(command.case, store)
    details = Note(text=command.text, written_by=command.written_by)
    if details in _notes(store.history(case.case_id), command.at - THE_SAME_WITHIN, store):
        return []
    note = NoteWritten(person=case.person, case_id=case.case_id, details=details)
    return take_in_own([Fact(note, Cause(command.id, command.id))], store, command.at)


def open_task(command: OpenTask, store: CoordinatorStore, periods: Periods) -> Sequence[Fact]:
    """A task opened by hand; the same again within a short time, while it is open, is the same task, whose answer was lost."""
    known, history = _known(command, store)
    case = known.case
    if _asked_for_already(command, known, history, store):
        return []
    task = TaskOpened(
        person=case.person,
        case_id=case.case_id,
        task_id=task_id_of(command.id, "by_hand", case.case_id),
        due_at=command.due_at or periods.due("by_hand", command.at),
        details=Task(what=command.what, owner=command.owner),
    )
    return take_in_own([Fact(task, Cause(command.id, command.id))], store, command.at)


def close_task(command: CloseTask, store: CoordinatorStore) -> Sequence[Fact]:
    """A task closed by whoever did it; nothing where it is closed already."""
    known, _ = _known(command, store)
    if command.task_id not in known.standing.tasks_ever:
        raise NotFound("no task of this case is known by this id")
    if by_hand(known.standing.tasks, command.task_id) is None:
        return []
    case, details = known.case, Note(text=command.note) if command.note else None
    closed = TaskClosed(person=case.person, case_id=case.case_id, task_id=command.task_id, details=details)
    return take_in_own([Fact(closed, Cause(command.id, command.id))], store, command.at)


def _notes(history: Sequence[CaseFact], since: datetime, store: CoordinatorStore) -> list[Note]:
    """The notes written since then."""
    written = [fact for fact in history if fact.name == "NoteWritten" and fact.time >= since]
    return [note for fact in written if (note := store.opened(fact.sealed_details(), Note))]


def _asked_for_already(command: OpenTask, known: Known, history: Sequence[CaseFact], store: CoordinatorStore) -> bool:
    still_open = {task.task_id for task in known.standing.tasks if task.kind == "by_hand" and command.due_at in (None, task.due_at)}
    opened = [fact for fact in history if fact.name == "TaskOpened" and fact.clear.task_id in still_open]
    lately = [fact for fact in opened if fact.time >= command.at - THE_SAME_WITHIN]
    return Task(what=command.what, owner=command.owner) in [store.opened(fact.sealed_details(), Task) for fact in lately]


def _called(id_: str, store: CoordinatorStore) -> Case:
    """The one case that an id names.

    Raises:
        NotFound: none is known.
        Ambiguous: several have this referral_id.
    """
    cases = store.cases_called(id_)
    if not cases:
        raise NotFound("no referral is known by this id")
    if len(cases) > 1:
        raise Ambiguous("several cases have this referral_id; name one by its case_id", tuple(case.case_id for case in cases))
    return cases[0]


def _known(command: Command, store: CoordinatorStore) -> tuple[Known, Sequence[CaseFact]]:
    case = _called(command.case, store)
    history = store.history(case.case_id)
    standing = standings_of({case.case_id: case.person}, store.facts_of([case.person]))[case.case_id]
    answer = newest_proposal(history)
    return Known(case, standing, proposed_in(answer, store), declines_of(history, answer, store)), history


def _group(group_id: str, store: CoordinatorStore, find: FindGroup) -> Group:
    """The group, by what is listed now or was listed once.

    Raises:
        UnknownGroup: none was ever listed under this id.
    """
    group = find(group_id) or store.group(group_id)
    if group is None:
        raise UnknownGroup(NO_SUCH_GROUP)
    return group


def _case_ids(case: Case, store: CoordinatorStore) -> list[str]:
    return [one.case_id for one in store.arrivals_of([case.person])]


def _desk(command: Command, store: CoordinatorStore, periods: Periods) -> tuple[Case, Sequence[CaseFact], Desk]:
    """The case, all facts about its person, and the open tasks of all their cases."""
    case = _called(command.case, store)
    facts, case_ids = store.facts_of([case.person]), _case_ids(case, store)
    return case, facts, Desk(standings_of(dict.fromkeys(case_ids, case.person), facts), periods)
