"""Links that open one page without an account: signed, expiring, and carrying one of our own ids, never a name or an address.

They run by the domain clock, because what they are about does: a session, a week after it.
"""

from datetime import datetime
from hashlib import sha256
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

from services.chassis.clock import Clock
from services.chassis.errors import NotFound

LinkedPage = Literal["g", "p"]
"""A group organiser's page, or a person's own."""

_INFO = b"better-together links"


class Links:
    """Makes and reads the links of one installation; `base` is the address that they start with, until they are told another."""

    def __init__(self, key_encryption_key: bytes, base: str, clock: Clock) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=_INFO).derive(key_encryption_key)
        self._base, self._clock = base.rstrip("/"), clock

    def start_with(self, base: str) -> None:
        """Have links start with this address from now on."""
        self._base = base.rstrip("/")

    def make(self, page: LinkedPage, subject: str, until: datetime) -> str:
        """The address of the page about this subject, good until then."""
        return f"{self._base}/{page}/{self._signed(page).dumps([subject, int(until.timestamp())])}"

    def read(self, page: LinkedPage, token: str) -> str:
        """The subject of a link's token.

        Raises:
            NotFound: it is not signed by us for this page, or it has expired.
        """
        try:
            subject, until = self._signed(page).loads(token)
        except (BadData, ValueError, TypeError):
            raise NotFound("this link is not one of ours") from None
        if until <= self._clock.now().timestamp():
            raise NotFound("this link has expired")
        return str(subject)

    def _signed(self, page: LinkedPage) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=page, signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"})
