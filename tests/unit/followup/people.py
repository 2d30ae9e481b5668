"""A person, a group and a touch that the gate lets through, to be spoilt one line at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.events.places import HeldSession
from schemas.group import Group, GroupContact
from schemas.referral import Consent, PersonContact
from services.chassis.service import Cause
from services.followup.domain.people import GroupStanding, Recipient
from services.followup.domain.touches import Place, Touch

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
"""A Monday, in winter time."""

SESSION = HeldSession(date=date(2026, 3, 12), start=datetime(2026, 3, 12, 14, 0, tzinfo=UTC))
CAUSE = Cause("01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8057")
TOUCH = Touch("touch-1", "ada", "case-1", "first_session", "sms", NOW, SESSION.start - timedelta(hours=1), CAUSE, "place-1", "choir", SESSION, seat=1)
CONTACT = PersonContact(name="Ada Byron", phone="07700 900123", email="ada@example.org", safe_to_contact=True)
ADA = Recipient("ada", LONDON, Consent(sms=True, email=True), contact=CONTACT, live_places=frozenset({"place-1"}))
CHOIR = GroupStanding(
    "choir", LONDON, Group(group_id="choir", name="Larkhill Singers"), listed=True, organiser=GroupContact(name="Olive", email="olive@example.org")
)
PLACE = Place("place-1", "choir", "ada", "case-1", 1, "held", CAUSE, NOW, CAUSE, NOW, SESSION, seat=1)


def touch(**changes: Any) -> Touch:
    """The touch, changed."""
    return replace(TOUCH, **changes)


def ada(**changes: Any) -> Recipient:
    """The person, changed."""
    return replace(ADA, **changes)


def choir(**changes: Any) -> GroupStanding:
    """The group, changed."""
    return replace(CHOIR, **changes)


def place(**changes: Any) -> Place:
    """The place, changed."""
    return replace(PLACE, **changes)
