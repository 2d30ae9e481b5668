"""Facts, cases, places and touches as rows, and back; a task's kind is kept as a keyed hash, because it tells what a person wrote."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import TypeAdapter

from schemas.events.cases import TaskKind
from services.chassis.vault import Vault
from services.coordinator.domain import ENDED, NOTHING_CLEAR, TOUCH_STATES, Arrival, Case, CaseFact, CasePlace, Clear, Side, Touch

KINDS: tuple[TaskKind, ...] = get_args(TaskKind)
_CLEAR = TypeAdapter(Clear)


class Kinds:
    """The kinds of tasks and their keyed hashes."""

    def __init__(self, vault: Vault) -> None:
        self._hashes: Mapping[TaskKind, bytes] = {kind: vault.hash("task_kind", kind) for kind in KINDS}
        self._kinds = {hashed: kind for kind, hashed in self._hashes.items()}

    def hash(self, kind: TaskKind | None) -> bytes | None:
        """The keyed hash of a kind."""
        return self._hashes[kind] if kind else None

    def kind(self, hashed: bytes | None) -> TaskKind | None:
        """The kind with this keyed hash."""
        return self._kinds[hashed] if hashed else None


def fact_of(row: Sequence[Any], kinds: Kinds) -> CaseFact:
    """A fact out of its columns in clear, and its sealed parts where those follow."""
    event_id, case_id, person, type_, time, needs_human, clear, kind, *sealed = row
    details, matching = sealed or (None, None)
    told = _CLEAR.validate_json(clear) if clear else NOTHING_CLEAR
    return CaseFact(
        event_id, case_id, person, type_, datetime.fromisoformat(time), details, matching, bool(needs_human), told, kinds.kind(kind) if kind else None
    )


def fact_row(fact: CaseFact, kinds: Kinds) -> tuple[object, ...]:
    """A fact's columns, in the order of its table."""
    clear = None if fact.clear is NOTHING_CLEAR else _CLEAR.dump_json(fact.clear, exclude_none=True).decode()
    kind = kinds.hash(fact.kind) if fact.kind else None
    return fact.event_id, fact.case_id, fact.person, fact.type, fact.time.isoformat(), fact.needs_human, fact.details, fact.matching, clear, kind


def arrival_row(arrival: Arrival) -> tuple[object, ...]:
    """The first columns of a case's table: what its referral said."""
    return arrival.case_id, arrival.person, arrival.referral_id, arrival.received_at.isoformat(), arrival.urgent


def standing_row(case: Case, kinds: Kinds) -> tuple[object, ...]:
    """The columns behind them: where the case stands now."""
    ended = case.status in ENDED
    task, due_at = (kinds.hash(case.task), case.due_at and _utc(case.due_at)) if case.task else (None, None)
    in_queue, undecided = not ended or case.red_flag, not ended and case.version == 0
    return case.status, case.red_flag, case.priority, case.version, task, due_at, case.silent, in_queue, undecided


def case_of(row: Sequence[Any], kinds: Kinds) -> Case:
    """A case out of its columns."""
    case_id, person, received_at, status, red_flag, priority, version, task, due_at, silent = row
    due = datetime.fromisoformat(due_at) if due_at else None
    return Case(
        case_id, person, datetime.fromisoformat(received_at), status, bool(red_flag), priority, version, kinds.kind(task) if task else None, due,
        bool(silent),
    )  # fmt: skip


def place_row(place: CasePlace) -> tuple[object, ...]:
    """A place's columns, in the order of its table."""
    start, first = (moment and _utc(moment) for moment in (place.unconfirmed_start, place.first_start))
    return place.place_id, place.case_id, place.person, place.group_id, place.state, start, first, place.company


def place_of(row: Sequence[Any]) -> CasePlace:
    """A place out of its columns."""
    place_id, case_id, person, group_id, state, start, first, company = row
    unconfirmed, first_start = (datetime.fromisoformat(moment) if moment else None for moment in (start, first))
    return CasePlace(place_id, case_id, person, group_id, state, unconfirmed, first_start, company)


def side_row(side: Side) -> tuple[object, ...]:
    """A side's columns, in the order of its table."""
    return side.pair_id, side.person, side.case_id, side.place_id, side.reached


def touch_row(touch: Touch) -> tuple[object, ...]:
    """A touch's columns, in the order of its table; its state as a rank, which only grows."""
    rank, due_at = TOUCH_STATES.index(touch.state), touch.due_at and _utc(touch.due_at)
    return touch.touch_id, touch.case_id, touch.person, touch.place_id, touch.step, rank, touch.at.isoformat(), touch.channel, due_at


def touch_of(row: Sequence[Any]) -> Touch:
    """A touch out of its columns."""
    touch_id, case_id, person, place_id, step, rank, at, channel, due_at = row
    due = datetime.fromisoformat(due_at) if due_at else None
    return Touch(touch_id, case_id, person, place_id, step, TOUCH_STATES[rank], datetime.fromisoformat(at), channel, due)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
