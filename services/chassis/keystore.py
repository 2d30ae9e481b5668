"""The key store: every person's two keys, every group's key and each service's look-up key, wrapped by the key-encryption key.

It lives apart from the data and its backups. A destroyed key leaves a row without key material: nothing is ever sealed for that owner again.
"""

from collections.abc import Collection, Mapping
from os import urandom
from typing import Literal, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Engine, LargeBinary, MetaData, String, Table, select, update

from schemas.events.base import Purpose
from services.chassis.errors import UserError
from services.chassis.rows import insert, rows_with, write_rows

KeyUse = Purpose | Literal["lookup"]
U = TypeVar("U", bound=KeyUse)
PERSON_PURPOSES: tuple[Purpose, ...] = ("details", "matching")
KEY_BYTES = 32
NONCE_BYTES = 12

REWRITE_KEYS = "keys.write_persons_keys_anew"
"""The function that `together database upgrade` makes in PostgreSQL's key database."""

metadata = MetaData()
TABLES: dict[KeyUse, Table] = {
    use: Table(f"{use}_keys", metadata, Column("owner", String, primary_key=True), Column("wrapped", LargeBinary))
    for use in ("details", "matching", "group", "lookup")
}
_INSERTS = {use: insert(table).on_conflict_do_nothing() for use, table in TABLES.items()}
_QUERIES = {use: select(table.c.owner, table.c.wrapped) for use, table in TABLES.items()}


class KeyStore:
    """Makes, gives and destroys keys; one table per use, so that a database can grant each to whom it concerns."""

    def __init__(self, engine: Engine, key_encryption_key: bytes) -> None:
        self._engine = engine
        self._wrapping = AESGCM(key_encryption_key)

    def make(self, use: KeyUse, owners: Collection[str]) -> None:
        """Make a key for each owner that has none, durably; a destroyed one stays destroyed."""
        self.make_all({use: owners})

    def make_all(self, owners: Mapping[U, Collection[str]]) -> dict[U, dict[str, bytes | None]]:
        """The same for several uses in one transaction, one wait for the disk; returns the keys as they stand then."""
        keys = {use: {owner: urandom(KEY_BYTES) for owner in some} for use, some in owners.items()}
        with self._engine.begin() as connection:
            made = {use: write_rows(connection, _INSERTS[use], self._wrapped(use, some)) for use, some in keys.items()}
        return {use: {**some} if made[use] == len(some) else self.fetch(use, some) for use, some in keys.items()}

    def fetch(self, use: KeyUse, owners: Collection[str]) -> dict[str, bytes | None]:
        """The keys of these owners: None for a destroyed one, absent where there never was one."""
        with self._engine.connect() as connection:
            rows = rows_with(connection, _QUERIES[use], TABLES[use].c.owner, owners)
        return {owner: wrapped and self._unwrap(use, owner, wrapped) for owner, wrapped in rows}

    def destroy(self, person: str) -> None:
        """Destroy both keys of a person; doing it again is harmless."""
        with self._engine.begin() as connection:
            for purpose in PERSON_PURPOSES:
                table = TABLES[purpose]
                connection.execute(insert(table).values(owner=person, wrapped=None).on_conflict_do_nothing())
                connection.execute(update(table).where(table.c.owner == person).values(wrapped=None))

    def overwrite_destroyed(self) -> None:
        """See to it that the key store's files hold no destroyed key: SQLite overwrites by itself, PostgreSQL writes the tables anew.

        Raises:
            sqlalchemy.exc.OperationalError: somebody reads the tables for longer than two seconds; doing it again is harmless.
        """
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.exec_driver_sql(f"SELECT {REWRITE_KEYS}()")

    def lookup_key(self, service: str) -> bytes:
        """The key of a service's keyed hashes, made at its first use."""
        self.make("lookup", [service])
        key = self.fetch("lookup", [service])[service]
        assert key is not None, "a look-up key is never destroyed"
        return key

    def _wrapped(self, use: KeyUse, keys: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
        return [(owner, self._wrap(use, owner, key)) for owner, key in keys.items()]

    def _wrap(self, use: KeyUse, owner: str, key: bytes) -> bytes:
        nonce = urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, f"{use}\n{owner}".encode())

    def _unwrap(self, use: KeyUse, owner: str, wrapped: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], f"{use}\n{owner}".encode())
        except InvalidTag as error:
            raise UserError("the key-encryption key is not the one that the key store was made with: restore it from its own backup") from error
