"""The matcher's table: open flags by person."""

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, select
from sqlalchemy.dialects.sqlite import insert

from services.chassis.rows import rows_with, write_rows
from services.chassis.vault import Vault

metadata = MetaData()
FLAGS = Table("open_flags", metadata, Column("flag_id", String, primary_key=True), Column("person", String, nullable=False, index=True))
_FLAGGED, _RAISE = select(FLAGS.c.person), insert(FLAGS).on_conflict_do_nothing()


class SqlMatcherStore:
    """The matcher's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, _vault: Vault) -> None:
        self._connection = connection

    def flagged(self, persons: Collection[str]) -> set[str]:
        """Which of these persons have an open flag."""
        return {person for (person,) in rows_with(self._connection, _FLAGGED, FLAGS.c.person, persons)}

    def raise_flags(self, flags: Sequence[tuple[str, str]]) -> None:
        """Remember open flags, each (flag_id, person)."""
        write_rows(self._connection, _RAISE, flags)

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""
        if persons:
            self._connection.execute(delete(FLAGS).where(FLAGS.c.person.in_(persons)))
