"""Event ids, all UUIDv7-shaped (RFC 9562): fresh for a fact from outside, derived for a fact that follows from another.

A derived id is a function of its cause, so that doing the same work twice yields the same id.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from os import urandom
from uuid import UUID

Entropy = Callable[[int], bytes]
"""Gives that many random bytes."""

MACHINE: Entropy = urandom
"""What the machine itself gives."""

_VERSION_AND_VARIANT_CLEARED = ~((0xF << 76) | (0x3 << 62))
_VERSION_7_VARIANT_RFC = (0x7 << 76) | (0x2 << 62)


def _shaped(milliseconds: int, filling: bytes) -> str:
    number = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(filling[:10], "big")
    return str(UUID(int=number & _VERSION_AND_VARIANT_CLEARED | _VERSION_7_VARIANT_RFC))


def fresh_id(now: datetime, entropy: Entropy = urandom) -> str:
    """A new id at this moment."""
    return _shaped(int(now.timestamp() * 1000), entropy(10))


def derived_id(cause_id: str, type_: str, subject: str, ordinal: int) -> str:
    """The id of the `ordinal`-th fact of this type and subject that follows from `cause_id`; carries the cause's time, if its id has one.

    CloudEvents lets an id be any text, so one that is not of ours must not stop whoever derives from it: its dead letter has an id too.
    """
    filling = sha256(f"{cause_id}\n{type_}\n{subject}\n{ordinal}".encode()).digest()
    return _shaped(_milliseconds_of(cause_id), filling)


def _milliseconds_of(id_: str) -> int:
    try:
        return UUID(id_).int >> 80
    except ValueError:
        return 0


def random_id(entropy: Entropy = urandom) -> str:
    """An opaque id that tells nothing, not even when it was made (UUIDv4): what a person is known by inside events."""
    return str(UUID(bytes=entropy(16), version=4))
