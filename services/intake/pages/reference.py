"""A referral's reference: made where the clinic has none of its own, and carried sealed from the form to the page that confirms it."""

import binascii
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from schemas.events.base import Sealed
from services.chassis.errors import Rejected
from services.chassis.ids import Entropy
from services.chassis.vault import Vault
from services.intake.domain import KnownReferral

_SEALED_AS: Final = "reference"


def made_reference(entropy: Entropy) -> str:
    """A reference that is easy to read out: "WEB-" and twelve letters and digits in threes, 60 random bits."""
    letters = b32encode(entropy(8)).decode()[:12]
    return "-".join(("WEB", *(letters[at : at + 4] for at in range(0, 12, 4))))


def sealed_reference(vault: Vault, known: KnownReferral, referral_id: str) -> str:
    """The reference under its person's key, fit for an address; empty where the person is erased."""
    sealed = vault.seal("details", known.person, known.case_id, _SEALED_AS, referral_id.encode())
    return urlsafe_b64encode(sealed).decode().rstrip("=") if sealed else ""


def opened_reference(vault: Vault, known: KnownReferral, text: str) -> str | None:
    """The reference of this case that was sealed; None where it is not one, or the person is erased."""
    try:
        ciphertext = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain = vault.open(Sealed("details", known.person, known.case_id, _SEALED_AS, ciphertext))
    except (binascii.Error, ValueError, Rejected):
        return None
    return plain.decode() if plain else None
