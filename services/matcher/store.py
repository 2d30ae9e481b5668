"""The matcher's tables: the facts about each person that bear on matching, as they were read and sealed, and which cases a flag holds back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Float, Integer, MetaData, Row, String, Table, delete, select

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.codec import opened
from services.chassis.kept_facts import MATCHING, fact_of, row_of, table_of_facts
from services.chassis.rows import insert, rows_with, write_rows
from services.chassis.vault import Vault
from services.matcher.domain import Rematch

metadata = MetaData()
FACTS = table_of_facts("person_facts", metadata)
HELD_BACK = Table("held_back", metadata, Column("case_id", String, primary_key=True), Column("person", String, nullable=False, index=True))
FIRST = Table(
    "proposed_first",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("group_id", String, nullable=False),
)
REMATCHES = Table(
    "rematches",
    metadata,
    Column("night", String, primary_key=True),
    Column("found", String, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("waiting", "changed")),
    *(Column(name, Float, nullable=False) for name in ("jointly", "one_by_one")),
    *(Column(name, Integer, nullable=False) for name in ("groups", "groups_one_by_one")),
    Column("worst_off", String, nullable=False),
    *(Column(name, Float, nullable=False) for name in ("worst", "worst_one_by_one")),
)
_FACTS, _NEW_FACT = select(FACTS), insert(FACTS).on_conflict_do_nothing()
_HELD, _HOLD = select(HELD_BACK), insert(HELD_BACK).on_conflict_do_nothing()
_INTO_FIRST = insert(FIRST)
_PROPOSE = _INTO_FIRST.on_conflict_do_update(index_elements=["case_id"], set_={"group_id": _INTO_FIRST.excluded.group_id})


class SqlMatcherStore:
    """The matcher's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self._vault = connection, vault

    def facts_about(self, persons: Collection[str]) -> Mapping[str, list[Event[Data]]]:
        """The facts about these persons as they were learned, for those of whom there are any."""
        facts: dict[str, list[Event[Data]]] = {}
        for row in rows_with(self._connection, _FACTS, FACTS.c.person, persons):
            facts.setdefault(row[1], []).append(fact_of(*row))
        return facts

    def opened(self, facts: Sequence[Event[Data]]) -> list[Event[Data]]:
        """The same facts with what matching may know opened; a part whose key was destroyed is None."""
        self._vault.fetch("matching", {part.owner for fact in facts for part in fact.sealed.values()})
        return [opened(fact, self._vault, MATCHING) for fact in facts]

    def keep(self, facts: Sequence[Event[Data]], persons: Sequence[str]) -> None:
        """Remember new facts, each about the person beside it."""
        write_rows(self._connection, _NEW_FACT, [row_of(fact, person) for fact, person in zip(facts, persons, strict=True)])

    def held_back(self, persons: Collection[str]) -> Mapping[str, str]:
        """The cases of these persons whose newest answer tells of an open flag, each with its person."""
        return {row[0]: row[1] for row in rows_with(self._connection, _HELD, HELD_BACK.c.person, persons)}

    def hold_back(self, cases: Mapping[str, str]) -> None:
        """Remember that the newest answer of these cases, each of this person, tells of an open flag."""
        write_rows(self._connection, _HOLD, list(cases.items()))

    def let_go(self, cases: Collection[str]) -> None:
        """Remember that the newest answer of these cases tells of no flag."""
        if cases:
            self._connection.execute(delete(HELD_BACK).where(HELD_BACK.c.case_id.in_(cases)))

    def everybody(self) -> Mapping[str, list[Event[Data]]]:
        """All facts, by person, with what matching may know opened."""
        persons = [(row[1], fact_of(*row)) for row in self._connection.execute(_FACTS)]
        facts: dict[str, list[Event[Data]]] = {}
        for (person, _), fact in zip(persons, self.opened([fact for _, fact in persons]), strict=True):
            facts.setdefault(person, []).append(fact)
        return facts

    def proposed_first(self) -> Mapping[str, str]:
        """By case, the group that its newest answer proposes first, where it proposes any."""
        return {row.case_id: row.group_id for row in self._connection.execute(select(FIRST.c.case_id, FIRST.c.group_id))}

    def answered(self, first: Mapping[str, str], persons: Mapping[str, str]) -> None:
        """Remember what the newest answer of the cases in `persons`, each with its person, proposes first: nothing where it is not in `first`."""
        nothing = persons.keys() - first.keys()
        if nothing:
            self._connection.execute(delete(FIRST).where(FIRST.c.case_id.in_(nothing)))
        write_rows(self._connection, _PROPOSE, [(case_id, persons[case_id], group_id) for case_id, group_id in first.items()])

    def last_rematch(self) -> Rematch | None:
        """The newest night's re-match."""
        row = self._connection.execute(select(REMATCHES).order_by(REMATCHES.c.night.desc()).limit(1)).first()
        return None if row is None else _rematch(row)

    def rematches(self) -> Sequence[Rematch]:
        """Every night's re-match, the newest last."""
        return [_rematch(row) for row in self._connection.execute(select(REMATCHES).order_by(REMATCHES.c.night))]

    def keep_rematch(self, rematch: Rematch) -> None:
        """Remember a night's re-match, in place of what was known of that night."""
        night, *rest = astuple(rematch)
        self._connection.execute(delete(REMATCHES).where(REMATCHES.c.night == night.isoformat()))
        self._connection.execute(insert(REMATCHES).values((night.isoformat(), *rest)))

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""
        for table in (FACTS, HELD_BACK, FIRST):
            self._connection.execute(delete(table).where(table.c.person.in_(persons)))


def _rematch(row: Row[Any]) -> Rematch:
    return Rematch(date.fromisoformat(row[0]), *row[1:])
