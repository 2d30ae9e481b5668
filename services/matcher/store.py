"""The matcher's table: open flags by person."""

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, select
from sqlalchemy.dialects.sqlite import insert

from services.chassis.vault import Vault

metadata = MetaData()
FLAGS = Table("open_flags", metadata, Column("flag_id", String, primary_key=True), Column("person", String, nullable=False, index=True))


class SqlMatcherStore:
    """The matcher's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, _vault: Vault) -> None:
        self._connection = connection

    def flagged(self, persons: Collection[str]) -> set[str]:
        """Which of these persons have an open flag."""
        return set(self._connection.execute(select(FLAGS.c.person).where(FLAGS.c.person.in_(persons))).scalars())

    def raise_flags(self, flags: Sequence[tuple[str, str]]) -> None:
        """Remember open flags, each (flag_id, person)."""
        if flags:
            rows = [{"flag_id": flag_id, "person": person} for flag_id, person in flags]
            self._connection.execute(insert(FLAGS).on_conflict_do_nothing(), rows)

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""
        if persons:
            self._connection.execute(delete(FLAGS).where(FLAGS.c.person.in_(persons)))
