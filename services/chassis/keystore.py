"""The key store: every person's two keys, every group's key and each service's look-up key, wrapped by the key-encryption key.

It lives apart from the data and its backups. A destroyed key leaves a row without key material: nothing is ever sealed for that owner again.
"""

from collections.abc import Collection, Iterator
from os import urandom
from typing import Literal

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Engine, LargeBinary, MetaData, String, Table, select, update
from sqlalchemy.dialects.sqlite import insert

from schemas.events.base import Purpose

KeyUse = Purpose | Literal["lookup"]
PERSON_PURPOSES: tuple[Purpose, ...] = ("details", "matching")
KEY_BYTES = 32
NONCE_BYTES = 12
_AT_ONCE = 500

metadata = MetaData()
TABLES: dict[KeyUse, Table] = {
    use: Table(f"{use}_keys", metadata, Column("owner", String, primary_key=True), Column("wrapped", LargeBinary))
    for use in ("details", "matching", "group", "lookup")
}


class KeyStore:
    """Makes, gives and destroys keys; one table per use, so that a database can grant each to whom it concerns."""

    def __init__(self, engine: Engine, key_encryption_key: bytes) -> None:
        self._engine = engine
        self._wrapping = AESGCM(key_encryption_key)

    def make(self, use: KeyUse, owners: Collection[str]) -> None:
        """Make a key for each owner that has none, durably; a destroyed one stays destroyed."""
        rows = [{"owner": owner, "wrapped": self._wrap(use, owner, urandom(KEY_BYTES))} for owner in owners]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(TABLES[use]).on_conflict_do_nothing(), rows)

    def fetch(self, use: KeyUse, owners: Collection[str]) -> dict[str, bytes | None]:
        """The keys of these owners: None for a destroyed one, absent where there never was one."""
        table = TABLES[use]
        found: dict[str, bytes | None] = {}
        with self._engine.connect() as connection:
            for some in _slices(owners):
                rows = connection.execute(select(table.c.owner, table.c.wrapped).where(table.c.owner.in_(some)))
                found.update((owner, wrapped and self._unwrap(use, owner, wrapped)) for owner, wrapped in rows)
        return found

    def destroy(self, person: str) -> None:
        """Destroy both keys of a person; doing it again is harmless."""
        with self._engine.begin() as connection:
            for purpose in PERSON_PURPOSES:
                table = TABLES[purpose]
                connection.execute(insert(table).values(owner=person, wrapped=None).on_conflict_do_nothing())
                connection.execute(update(table).where(table.c.owner == person).values(wrapped=None))

    def lookup_key(self, service: str) -> bytes:
        """The key of a service's keyed hashes, made at its first use."""
        self.make("lookup", [service])
        key = self.fetch("lookup", [service])[service]
        assert key is not None, "a look-up key is never destroyed"
        return key

    def _wrap(self, use: KeyUse, owner: str, key: bytes) -> bytes:
        nonce = urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, f"{use}\n{owner}".encode())

    def _unwrap(self, use: KeyUse, owner: str, wrapped: bytes) -> bytes:
        return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], f"{use}\n{owner}".encode())


def _slices(owners: Collection[str]) -> Iterator[list[str]]:
    ordered = list(owners)
    return (ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE))
