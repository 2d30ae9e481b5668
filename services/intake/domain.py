"""What intake is asked to do, who is who, and what it must remember to answer the same question the same way twice.

A referral is (referrer's organisation, referral_id). A person is our own random id, made for each (identifier system, value): a sender's
`person_id` counts within its organisation, unless its system is a shared one such as `nhs:…`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from schemas.referral import SHARED_SYSTEMS, Referral, person_id_as_known

HOME_DECIMALS = 4  # about 11 metres: as precisely as reach needs it
FlagSource = Literal["flags", "text"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """A person's id as its sender gave it, in the space in which it counts."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A red flag's code, and whether a referrer set it or it was read in the text."""

    code: str
    noticed_in: FlagSource


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of a referral before the transaction: where the home is, what the text says, what must stop automation."""

    home: tuple[float, float] | None = None
    area: str | None = None
    vector: str | None = None
    encoder: str | None = None
    words: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    flags: tuple[RaisedFlag, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiveReferral:
    """Take a referral in; `content` is what was sent in canonical form, `new_person` and `new_case` are the ids to give if they are needed."""

    referral: Referral
    content: bytes
    reading: Reading
    received_at: datetime
    new_person: str
    new_case: str


@dataclass(frozen=True, slots=True)
class WithdrawReferral:
    """Take a referral back, by `case_id`, or by `referral_id` where only one case has it."""

    id: str


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """Erase a person, by the sender's `person_id` where it names one person, or by our own."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownReferral:
    """A referral that was taken in: its case, its person, and a keyed hash of what was sent."""

    key: bytes
    referral_id: bytes
    case_id: str
    person: str
    content: bytes
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Keyed hashes of an identifier, and whom it names."""

    identifier: bytes
    value: bytes
    person: str


class IntakeStore(Protocol):
    """What intake remembers: keyed hashes and our own ids, nothing that was sent."""

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which something is found again."""

    def referrals(self, keys: Collection[bytes]) -> Mapping[bytes, KnownReferral]:
        """The referrals of these natural keys."""

    def persons(self, identifiers: Collection[bytes]) -> Mapping[bytes, str]:
        """The persons whom these identifiers name."""

    def add(self, referrals: Sequence[KnownReferral], persons: Sequence[KnownPerson]) -> None:
        """Remember new referrals and identifiers."""

    def cases(self, id_: str) -> Sequence[KnownReferral]:
        """The referrals that a `case_id` or a sender's `referral_id` names."""

    def persons_called(self, id_: str) -> Sequence[str]:
        """The persons that a sender's `person_id`, or our own id, names."""

    def mark_withdrawn(self, case_id: str) -> None:
        """Remember that a case was withdrawn."""

    def begin_erasure(self, person: str, at: datetime) -> None:
        """Remember that the person's keys are to be destroyed."""

    def forget(self, person: str) -> None:
        """Delete every row of a person, but for the erasure itself."""


def identifier_of(referral: Referral) -> Identifier:
    """The identifier of a referral's person; a shared system's values count everywhere, without regard to spaces."""
    value = person_id_as_known(referral.person_id or "")
    system, _, rest = value.partition(":")
    if rest and system in SHARED_SYSTEMS:
        return Identifier(system, rest)
    return Identifier(f"organisation:{organisation_of(referral)}", value)


def organisation_of(referral: Referral) -> str:
    """The referrer's organisation, in which the sender's own ids count; empty where none was named."""
    return (referral.referrer.organisation if referral.referrer else None) or ""
