"""Sealing and opening of personal parts: AES-256-GCM, with the event's id, its type and its owner as associated data.

A vault opens only for the purposes of the service it was made for. A destroyed key is a fact, not an error: what was sealed under it is gone.
"""

import hmac
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.events.base import Purpose, Sealed
from services.chassis.errors import Rejected
from services.chassis.keystore import NONCE_BYTES, KeyStore


class Vault:
    """What one service may seal, open and look up by keyed hash.

    It holds the keys it used in memory, so it lives for one turn: the next has a fresh one, and so learns of keys that were destroyed.
    """

    def __init__(
        self, service: str, keys: KeyStore, purposes: Collection[Purpose], makes: Collection[Purpose] = (), lookup: bytes | None = None
    ) -> None:
        self._service, self._keys = service, keys
        self._purposes, self._makes = frozenset(purposes), frozenset(makes)
        self._lookup = lookup or keys.lookup_key(service)
        self._ciphers: dict[tuple[Purpose, str], AESGCM | None] = {}

    def fresh(self) -> "Vault":
        """The same vault with no key in memory."""
        return Vault(self._service, self._keys, self._purposes, self._makes, self._lookup)

    def hash(self, *values: str) -> bytes:
        """A keyed hash (HMAC-SHA-256, 16 bytes) by which rows are found without the value being stored."""
        return hmac.digest(self._lookup, "\x1f".join(values).encode(), sha256)[:16]

    def fetch(self, purpose: Purpose, owners: Iterable[str]) -> None:
        """Bring the keys of these owners into memory by one read, and make those that are missing where this service makes them."""
        self.fetch_all({purpose: owners})

    def fetch_all(self, owners: Mapping[Purpose, Iterable[str]]) -> None:
        """The same for several purposes: one read for each, and one wait for the disk where keys are made."""
        never_made: dict[Purpose, set[str]] = {}
        for purpose, some in owners.items():
            missing = {owner for owner in some if (purpose, owner) not in self._ciphers}
            found = self._keys.fetch(purpose, missing) if missing else {}
            self._remember(purpose, found)
            if purpose in self._makes and len(found) < len(missing):
                never_made[purpose] = missing - found.keys()
        if never_made:
            for purpose, made in self._keys.make_all(never_made).items():
                self._remember(purpose, made)

    def _remember(self, purpose: Purpose, keys: Mapping[str, bytes | None]) -> None:
        self._ciphers.update({(purpose, owner): AESGCM(key) if key else None for owner, key in keys.items()})

    def seal(self, purpose: Purpose, owner: str, event_id: str, event_type: str, plain: bytes) -> bytes | None:
        """Ciphertext of a part, or None where the owner's key was destroyed.

        Raises:
            Rejected: the owner never had a key and this service makes none.
        """
        cipher = self._cipher(purpose, owner)
        if cipher is None:
            return None
        nonce = urandom(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, _bound_to(event_id, event_type, owner))

    def open(self, sealed: Sealed) -> bytes | None:
        """The plain bytes of a part, or None where the key was destroyed.

        Raises:
            Rejected: this service may not open it, or the ciphertext is not what was sealed for this event and owner.
        """
        if sealed.purpose not in self._purposes:
            raise Rejected(f"this service holds no {sealed.purpose} keys")
        cipher = self._cipher(sealed.purpose, sealed.owner)
        if cipher is None:
            return None
        bound_to = _bound_to(sealed.event_id, sealed.event_type, sealed.owner)
        try:
            return cipher.decrypt(sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise Rejected(f"a {sealed.purpose} part of event {sealed.event_id} does not open with its owner's key") from error

    def _cipher(self, purpose: Purpose, owner: str) -> AESGCM | None:
        key = (purpose, owner)
        if key not in self._ciphers:
            self.fetch(purpose, (owner,))
        if key not in self._ciphers:
            raise Rejected(f"no {purpose} key was ever made for this owner")
        return self._ciphers[key]


def _bound_to(event_id: str, event_type: str, owner: str) -> bytes:
    return f"{event_id}\n{event_type}\n{owner}".encode()
