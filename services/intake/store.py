"""Intake's tables: keyed hashes of the senders' ids beside our own, so that nothing that was sent can be read out of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, LargeBinary, MetaData, String, Table, delete, insert, select, update

from schemas.referral import person_id_as_known
from services.chassis.rows import rows_with, write_rows
from services.chassis.vault import Vault
from services.intake.domain import KnownPerson, KnownReferral

metadata = MetaData()
REFERRALS = Table(
    "received_referrals",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("referral_id", LargeBinary, nullable=False, index=True),
    Column("case_id", String, nullable=False, unique=True),
    Column("person", String, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)
PERSONS = Table(
    "identifiers",
    metadata,
    Column("identifier", LargeBinary, primary_key=True),
    Column("value", LargeBinary, nullable=False, index=True),
    Column("person", String, nullable=False, index=True),
)
ERASURES = Table(
    "erasures",
    metadata,
    Column("person", String, primary_key=True),
    Column("requested_at", String, nullable=False),
    Column("keys_destroyed_at", String),
)
_REFERRALS, _PERSONS = select(REFERRALS), select(PERSONS.c.identifier, PERSONS.c.person)
_NEW_REFERRAL, _NEW_PERSON = insert(REFERRALS), insert(PERSONS)


class SqlIntakeStore:
    """Intake's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self.vault = connection, vault

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which something is found again."""
        return self.vault.hash(*values)

    def referrals(self, keys: Collection[bytes]) -> Mapping[bytes, KnownReferral]:
        """The referrals of these natural keys."""
        return {key: KnownReferral(key, *rest) for key, *rest in rows_with(self._connection, _REFERRALS, REFERRALS.c.key, keys)}

    def persons(self, identifiers: Collection[bytes]) -> Mapping[bytes, str]:
        """The persons whom these identifiers name."""
        rows = rows_with(self._connection, _PERSONS, PERSONS.c.identifier, identifiers)
        return {row[0]: row[1] for row in rows}

    def add(self, referrals: Sequence[KnownReferral], persons: Sequence[KnownPerson]) -> None:
        """Remember new referrals and identifiers."""
        write_rows(self._connection, _NEW_PERSON, [(p.identifier, p.value, p.person) for p in persons])
        write_rows(self._connection, _NEW_REFERRAL, [(r.key, r.referral_id, r.case_id, r.person, r.content, r.withdrawn) for r in referrals])

    def cases(self, id_: str) -> Sequence[KnownReferral]:
        """The referrals that a `case_id` or a sender's `referral_id` names."""
        named = (REFERRALS.c.case_id == id_) | (REFERRALS.c.referral_id == self.hash("referral_id", id_))
        return [KnownReferral(*row) for row in self._connection.execute(select(REFERRALS).where(named))]

    def persons_called(self, id_: str) -> Sequence[str]:
        """The persons that a sender's `person_id`, or our own id, names."""
        named = (PERSONS.c.person == id_) | (PERSONS.c.value == self.hash("person_id", person_id_as_known(id_)))
        return list(self._connection.execute(select(PERSONS.c.person).where(named).distinct().order_by(PERSONS.c.person)).scalars())

    def mark_withdrawn(self, case_id: str) -> None:
        """Remember that a case was withdrawn."""
        self._connection.execute(update(REFERRALS).where(REFERRALS.c.case_id == case_id).values(withdrawn=True))

    def begin_erasure(self, person: str, at: datetime) -> None:
        """Remember that the person's keys are to be destroyed."""
        if self._connection.execute(select(ERASURES.c.person).where(ERASURES.c.person == person)).first() is None:
            self._connection.execute(insert(ERASURES).values(person=person, requested_at=at.isoformat()))

    def erasures_open(self) -> Sequence[str]:
        """The persons whose keys are still to be destroyed."""
        return list(self._connection.execute(select(ERASURES.c.person).where(ERASURES.c.keys_destroyed_at.is_(None))).scalars())

    def end_erasures(self, persons: Collection[str], at: datetime) -> None:
        """Remember that these persons' keys are destroyed."""
        self._connection.execute(update(ERASURES).where(ERASURES.c.person.in_(persons)).values(keys_destroyed_at=at.isoformat()))

    def forget(self, person: str) -> None:
        """Delete every row of a person, but for the erasure itself."""
        for table in (REFERRALS, PERSONS):
            self._connection.execute(delete(table).where(table.c.person == person))
