"""Learning's tables: the facts about each person that may be learned from, as they were read and sealed; the runs; the promotions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Row, String, Table, delete, func, select, update

from models.registry import Promotion
from schemas.envelope import Event, event_type
from schemas.events.base import Data
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.referrals import PersonErased
from services.chassis.codec import opened
from services.chassis.kept_facts import MATCHING, fact_of, row_of, table_of_facts
from services.chassis.rows import insert, rows_with, write_rows
from services.chassis.vault import Vault
from services.learning.domain import Run

_SESSIONS = tuple(map(event_type, (SessionAttended, SessionMissed)))

metadata = MetaData()
FACTS = table_of_facts("learning_facts", metadata)
RUNS = Table(
    "learning_runs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("outcomes", Integer, nullable=False),
    Column("found", String, nullable=False),
    Column("because", String, nullable=False),
    Column("model", String),
    Column("people", Integer, nullable=False),
)
PROMOTIONS = Table(
    "promotions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("model", String, nullable=False),
    Column("at", String, nullable=False),
    Column("because", String, nullable=False),
)
_FACTS, _NEW_FACT = select(FACTS), insert(FACTS).on_conflict_do_nothing()
_TYPES = select(FACTS.c.person, FACTS.c.type)
_NEWEST_FIRST = select(RUNS).order_by(RUNS.c.number.desc())


class SqlLearningStore:
    """Learning's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    def keep(self, facts: Sequence[Event[Data]], persons: Sequence[str]) -> None:
        """Remember new facts, each about the person beside it."""
        write_rows(self._connection, _NEW_FACT, [row_of(fact, person) for fact, person in zip(facts, persons, strict=True)])

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""
        self._connection.execute(delete(FACTS).where(FACTS.c.person.in_(persons)))

    def erased(self, persons: Collection[str]) -> set[str]:
        """Those of these persons who are erased."""
        return {row[0] for row in rows_with(self._connection, _TYPES, FACTS.c.person, persons) if row[1] == event_type(PersonErased)}

    def outcomes(self) -> int:
        """How many statements about sessions are known."""
        return self._connection.execute(select(func.count()).where(FACTS.c.type.in_(_SESSIONS))).scalar_one()

    def everybody(self) -> Mapping[str, list[Event[Data]]]:
        """All facts, by person, opened; a part whose key was destroyed is None."""
        return self._opened(self._connection.execute(_FACTS).all())

    def facts_about(self, persons: Collection[str]) -> Mapping[str, list[Event[Data]]]:
        """The same of these persons, for those of whom there are any."""
        return self._opened(rows_with(self._connection, _FACTS, FACTS.c.person, persons))

    def _opened(self, rows: Sequence[Sequence[Any]]) -> dict[str, list[Event[Data]]]:
        facts: dict[str, list[Event[Data]]] = {}
        kept = [fact_of(*row) for row in rows]
        self._vault.fetch("matching", {part.owner for fact in kept for part in fact.sealed.values()})
        for fact in kept:
            facts.setdefault(fact.data.subject, []).append(opened(fact, self._vault, MATCHING))
        return facts

    def begin(self, run: Run) -> None:
        """Remember that a run begins."""
        self._connection.execute(insert(RUNS).values(_run_row(run)))

    def end(self, run: Run) -> None:
        """Remember what came of a run."""
        self._connection.execute(update(RUNS).where(RUNS.c.number == run.number).values(_run_row(run)))

    def runs(self) -> list[Run]:
        """Every run, the oldest first."""
        return [_run(row) for row in reversed(self._connection.execute(_NEWEST_FIRST).all())]

    def last_run(self) -> Run | None:
        """The newest run."""
        row = self._connection.execute(_NEWEST_FIRST.limit(1)).first()
        return None if row is None else _run(row)

    def history(self) -> list[Promotion]:
        """Every promotion, the oldest first."""
        rows = self._connection.execute(select(PROMOTIONS).order_by(PROMOTIONS.c.number))
        return [Promotion(row.name, row.model, row.at, row.because) for row in rows]

    def promoted(self, number: int, promotion: Promotion) -> None:
        """Remember a promotion; each has a number, one more than the one before."""
        self._connection.execute(insert(PROMOTIONS).values((number, *astuple(promotion))))


def _run_row(run: Run) -> dict[str, Any]:
    values = (run.number, run.at.isoformat(), run.outcomes, run.found, run.because, run.model, run.people)
    return dict(zip(RUNS.c.keys(), values, strict=True))


def _run(row: Row[Any]) -> Run:
    return Run(row.number, datetime.fromisoformat(row.at), row.outcomes, row.found, row.because, row.model, row.people)
