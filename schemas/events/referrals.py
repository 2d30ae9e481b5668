"""Facts on `referrals`: that a person was referred, what they consent to, what must stop automation, and the end of a case or of a person's data."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime

from schemas.events.base import DETAILS, MATCHING, AboutCase, AboutPerson, Part, Sealed
from schemas.referral import Consent, Needs, PersonContact


class ReferralDetails(Part):
    """Who the person is and what they said, for those who talk with them."""

    referral_id: str
    person_id: str
    interests: str = ""
    postcode: str | None = None
    contact: PersonContact | None = None
    practitioner: str | None = None
    reply_to: str | None = None
    other: dict[str, Any] = {}


class ReferralMatching(Needs):
    """What matching may know: the needs, the home to 4 decimals, the text as vector and closed-vocabulary words, never the text."""

    organisation: str | None = None
    area: str | None = None
    vector: str | None = None
    encoder: str | None = None
    words: list[str] = []
    refused: list[str] = []


class ReferralReceived(AboutCase):
    """A clinic referred a person; carries its own flags, so that nothing is proposed before they are known."""

    stream = "referrals"

    received_at: AwareDatetime
    details: Annotated[ReferralDetails | Sealed | None, DETAILS] = None
    matching: Annotated[ReferralMatching | Sealed | None, MATCHING] = None


class PersonErased(AboutPerson):
    """The person's keys are to be destroyed and every row about them deleted. Written by intake alone."""

    stream = "referrals"


ConsentTo = Literal["match", "sms", "email", "companion", "learning"]


class ConsentChoice(Part):
    """What is agreed to now, who said so, and which of it this statement is about; only the person turns back on what they turned off."""

    consent: Consent
    said_by: Literal["person", "referrer", "coordinator"]
    about: list[ConsentTo] = ["match", "sms", "email", "companion", "learning"]


class ConsentChanged(AboutPerson):
    """The person's consent is now this."""

    stream = "referrals"

    matching: Annotated[ConsentChoice | Sealed | None, MATCHING] = None


class RedFlag(Part):
    """What was noticed: a code of the closed set, and where."""

    code: str
    noticed_in: Literal["flags", "text", "reply", "coordinator"]


class RedFlagRaised(AboutCase):
    """Something that must stop all automation for the person and reach a named human."""

    stream = "referrals"

    flag_id: str
    matching: Annotated[RedFlag | Sealed | None, MATCHING] = None


class FlagsSettled(Part):
    """What the named human did about it."""

    note: str | None = None
    settled_by: str | None = None


class RedFlagCleared(AboutPerson):
    """A named human has dealt with these flags."""

    stream = "referrals"

    flag_ids: list[str]
    details: Annotated[FlagsSettled | Sealed | None, DETAILS] = None


class WhyEnded(Part):
    """Why a case was withdrawn, closed or reopened, as a code and in words."""

    reason: str | None = None
    note: str | None = None


class ReferralWithdrawn(AboutCase):
    """The referrer took the referral back, or the person did."""

    stream = "referrals"

    details: Annotated[WhyEnded | Sealed | None, DETAILS] = None


class ReferralClosed(AboutCase):
    """A coordinator closed the case."""

    stream = "referrals"

    details: Annotated[WhyEnded | Sealed | None, DETAILS] = None


class ReferralReopened(AboutCase):
    """A coordinator opened the case again."""

    stream = "referrals"

    details: Annotated[WhyEnded | Sealed | None, DETAILS] = None
