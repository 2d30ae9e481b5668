"""The coordinator's tables: facts with their personal parts sealed, and where each case stands.

The unmet-need ledger has no table: what was sought is a person's own, so it is read out of the sealed facts and goes with their keys.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.sqlite import insert

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.codec import open_part
from services.chassis.rows import rows_with, write_rows
from services.chassis.vault import Vault
from services.coordinator.domain import ENDED, Arrival, Case, CaseFact, P, QueuePlace, Sought, Status, UnmetNeed, unmet_needs

metadata = MetaData()
FACTS = Table(
    "case_facts",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("case_id", String, nullable=False, index=True),
    Column("person", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("time", String, nullable=False),
    Column("needs_human", Boolean, nullable=False),
    Column("details", LargeBinary),
    Column("matching", LargeBinary),
)
CASES = Table(
    "cases",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("referral_id", LargeBinary, nullable=False, index=True),
    Column("received_at", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("status", String, nullable=False),
    Column("red_flag", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Index("queue_order", "priority", "received_at", "case_id"),
)
ERASED = Table("erased_persons", metadata, Column("person", String, primary_key=True))
_IN_CLEAR = (FACTS.c.event_id, FACTS.c.case_id, FACTS.c.person, FACTS.c.type, FACTS.c.time, FACTS.c.needs_human)
_FACTS, _NEW_FACT = select(*_IN_CLEAR), insert(FACTS).on_conflict_do_nothing()
_ARRIVALS = select(CASES.c.case_id, CASES.c.person, CASES.c.received_at, CASES.c.urgent, CASES.c.referral_id)
_ERASED = select(ERASED.c.person)
_CASE = insert(CASES)
_CASE = _CASE.on_conflict_do_update(
    index_elements=[CASES.c.case_id], set_={name: _CASE.excluded[name] for name in ("status", "red_flag", "priority")}
)


class SqlCoordinatorStore:
    """The coordinator's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self.vault = connection, vault

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which something is found again."""
        return self.vault.hash(*values)

    def open(self, events: Iterable[Event[Data]], part: str, as_: type[P]) -> list[P | None]:
        """One sealed part of each of these events; None where its key was destroyed."""
        sealed = [event.sealed[part] for event in events]
        for purpose in {one.purpose for one in sealed}:
            self.vault.fetch(purpose, [one.owner for one in sealed])
        return [open_part(one, as_, self.vault) for one in sealed]

    def erased(self, persons: Collection[str]) -> set[str]:
        """Which of these persons are erased."""
        return {person for (person,) in rows_with(self._connection, _ERASED, ERASED.c.person, persons)}

    def add(self, facts: Sequence[CaseFact]) -> None:
        """Keep new facts; one that is there already is the same."""
        write_rows(self._connection, _NEW_FACT, list(map(_fact_row, facts)))

    def facts_of(self, persons: Collection[str]) -> Sequence[CaseFact]:
        """All facts about these persons, without their sealed parts."""
        return [_fact_in_clear(*row) for row in rows_with(self._connection, _FACTS, FACTS.c.person, persons)]

    def arrivals_of(self, persons: Collection[str]) -> Sequence[Arrival]:
        """The referrals of these persons."""
        rows = rows_with(self._connection, _ARRIVALS, CASES.c.person, persons)
        return [Arrival(case_id, person, datetime.fromisoformat(at), bool(urgent), sent) for case_id, person, at, urgent, sent in rows]

    def put(self, arrivals: Iterable[Arrival], cases: Iterable[Case]) -> None:
        """Keep each of these referrals, and where it stands now."""
        write_rows(self._connection, _CASE, [_case_row(arrival, case) for arrival, case in zip(arrivals, cases, strict=True)])

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row about these persons, and remember that they are erased."""
        if not persons:
            return
        for table in (FACTS, CASES):
            self._connection.execute(delete(table).where(table.c.person.in_(persons)))
        self._connection.execute(insert(ERASED).on_conflict_do_nothing(), [{"person": person} for person in persons])

    def cases_called(self, id_: str) -> Sequence[Case]:
        """The cases that a `case_id` or a sender's `referral_id` names."""
        return self._cases((CASES.c.case_id == id_) | (CASES.c.referral_id == self.hash("referral_id", id_)))

    def history(self, case_id: str) -> Sequence[CaseFact]:
        """All facts of one case with their sealed parts, in the order of their time."""
        rows = self._connection.execute(
            select(*_IN_CLEAR, FACTS.c.details, FACTS.c.matching).where(FACTS.c.case_id == case_id).order_by(FACTS.c.time, FACTS.c.event_id)
        )
        return [CaseFact(*row[:4], datetime.fromisoformat(row.time), row.details, row.matching, row.needs_human) for row in rows]

    def received(self, case_ids: Collection[str]) -> dict[str, CaseFact]:
        """The fact of the referral itself for each of these cases, with its sealed parts."""
        query = select(*_IN_CLEAR, FACTS.c.details, FACTS.c.matching).where(FACTS.c.case_id.in_(case_ids), FACTS.c.type.endswith("ReferralReceived"))
        rows = self._connection.execute(query)
        return {row.case_id: CaseFact(*row[:4], datetime.fromisoformat(row.time), row.details, row.matching) for row in rows}

    def queue(self, state: Status | None, limit: int, after: QueuePlace | None) -> Sequence[Case]:
        """The next cases of the queue: open flags first, then urgent, then who has waited longest."""
        beyond = (
            tuple_(CASES.c.priority, CASES.c.received_at, CASES.c.case_id) > (after.priority, after.received_at, after.case_id) if after else None
        )
        conditions = [_of_state(state)] if beyond is None else [_of_state(state), beyond]
        return self._cases(and_(*conditions), limit)

    def count(self, state: Status | None) -> int:
        """How many cases there are in the queue."""
        return self._connection.execute(select(func.count()).select_from(CASES).where(_of_state(state))).scalar_one()

    def counts(self) -> dict[Status, int]:
        """How many cases have each status; a status that none has is left out."""
        rows = self._connection.execute(select(CASES.c.status, func.count()).group_by(CASES.c.status))
        return {row.status: row[1] for row in rows}

    def unmet(self) -> Sequence[tuple[str, str, str, str, int]]:
        """The ledger, the most wanted first: kind, area, month, reason, and how many cases; a kind counts once a case, as it was first told."""
        query = select(*_IN_CLEAR, FACTS.c.matching).where(FACTS.c.type.endswith("NoMatchFound")).order_by(FACTS.c.time, FACTS.c.event_id)
        facts = [CaseFact(*row[:4], datetime.fromisoformat(row.time), None, row.matching) for row in self._connection.execute(query)]
        self.vault.fetch("matching", {fact.person for fact in facts})
        first: dict[tuple[str, str], UnmetNeed] = {}
        for fact in facts:
            sealed = fact.sealed_matching()
            sought = sealed and open_part(sealed, Sought, self.vault)
            for need in unmet_needs(sought, fact.time) if sought else ():
                first.setdefault((fact.case_id, need.kind), need)
        counted = [(*astuple(need), cases) for need, cases in Counter(first.values()).items()]
        return sorted(counted, key=lambda row: (-row[-1], row))

    def _cases(self, condition: ColumnElement[bool], limit: int | None = None) -> Sequence[Case]:
        columns = (CASES.c.case_id, CASES.c.person, CASES.c.received_at, CASES.c.status, CASES.c.red_flag, CASES.c.priority)
        order = (CASES.c.priority, CASES.c.received_at, CASES.c.case_id)
        rows = self._connection.execute(select(*columns).where(condition).order_by(*order).limit(limit))
        return [Case(row[0], row[1], datetime.fromisoformat(row[2]), *row[3:]) for row in rows]


def _of_state(state: Status | None) -> ColumnElement[bool]:
    if state is not None:
        return CASES.c.status == state
    return or_(CASES.c.status.not_in(ENDED), CASES.c.red_flag)


def _fact_in_clear(event_id: str, case_id: str, person: str, type_: str, time: str, needs_human: int) -> CaseFact:
    return CaseFact(event_id, case_id, person, type_, datetime.fromisoformat(time), needs_human=bool(needs_human))


def _fact_row(fact: CaseFact) -> tuple[object, ...]:
    return fact.event_id, fact.case_id, fact.person, fact.type, fact.time.isoformat(), fact.needs_human, fact.details, fact.matching


def _case_row(arrival: Arrival, case: Case) -> tuple[object, ...]:
    received_at = arrival.received_at.isoformat()
    return arrival.case_id, arrival.person, arrival.referral_id, received_at, arrival.urgent, case.status, case.red_flag, case.priority
