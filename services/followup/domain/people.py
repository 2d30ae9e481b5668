"""Whom a touch is for, and the group that it is about, as the gate sees them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Final, Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from models.names import first_name
from schemas.group import Group, GroupContact
from schemas.referral import Consent, PersonContact
from services.followup.domain.touches import EXEMPT, MessageChannel, Touch

Ending = Literal["withdrawn", "closed"]

NOTHING: Final = Consent()
"""What is agreed to where nothing was said."""

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]+")
_BY_MAIL: Final = re.compile(r"e-?mail", re.IGNORECASE)
_REGION: Final = "GB"  # for numbers that do not say their country


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person: what they agreed to, how to reach them, and whatever must stop a message to them.

    `agreed_before` is what others say that they agreed to, `turned_off` what they turned off themselves since; `ended` are their cases that are
    over, `live_places` the places they hold, `claims` the moments in the last days at which a message to them was begun.
    """

    person: str
    zone: tzinfo
    consent: Consent = NOTHING
    agreed_before: Consent = NOTHING
    turned_off: frozenset[str] = frozenset()
    contact: PersonContact | None = None
    flagged: bool = False
    unreadable: bool = False
    ended: Mapping[str, Ending] = field(default_factory=dict)
    live_places: frozenset[str] = frozenset()
    claims: tuple[datetime, ...] = ()

    def agrees_to(self, channel: MessageChannel) -> bool:
        """Whether they agreed to messages by this channel."""
        return self.consent.sms if channel == "sms" else self.consent.email

    def refuses(self, touch: Touch) -> Literal["stopped", "no_consent"] | None:
        """Why the person has not agreed to this touch, where it needs that they do."""
        if touch.step in EXEMPT or touch.channel not in ("sms", "email") or self.agrees_to(touch.channel):
            return None
        return "stopped" if touch.channel in self.turned_off else "no_consent"

    def address(self, channel: MessageChannel) -> str | None:
        """Where a message by this channel goes, where that is known and safe."""
        if self.contact is None or self.contact.safe_to_contact is False:
            return None
        return _number(self.contact.phone) if channel == "sms" else _mail_address(self.contact.email)

    @property
    def first_name(self) -> str | None:
        """What they are called by, where that is certain."""
        return first_name(self.contact.name) if self.contact else None

    def channel(self, ways_out: Collection[MessageChannel]) -> MessageChannel | None:
        """The channel by which they are written to: agreed to, with an address, and the one they prefer where both would do."""
        open_to: list[MessageChannel] = [
            channel for channel in ("sms", "email") if channel in ways_out and self.agrees_to(channel) and self.address(channel)
        ]
        prefers_mail = self.contact is not None and _BY_MAIL.search(self.contact.preferred or "")
        return "email" if prefers_mail and "email" in open_to else next(iter(open_to), None)


@dataclass(frozen=True, slots=True)
class Known:
    """That it is known whether a person came to a group on a day, and who said so."""

    person: str
    group_id: str
    on: date
    said_by: str


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """One group as it is listed now; `asked` are the moments in the last days at which its organiser was written to."""

    group_id: str
    zone: tzinfo
    group: Group | None = None
    listed: bool = False
    unreadable: bool = False
    organiser: GroupContact | None = None
    asked: tuple[datetime, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it is listed and active."""
        return self.listed and self.group is not None and self.group.status == "active"

    @property
    def address(self) -> str | None:
        """Where its organiser reads mail."""
        return _mail_address(self.organiser.email) if self.organiser else None


def _mail_address(written: str | None) -> str | None:
    address = (written or "").strip()
    return address if _ADDRESS.fullmatch(address) else None


def _number(written: str | None) -> str | None:
    """A phone number in international form; None for what cannot be one."""
    try:
        number = phonenumbers.parse(written or "", _REGION)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None
