"""What a person agrees to, folded out of everything that was ever said about it, in whatever order it was learned.

Consent is the person's: what they turned off themselves only they turn on again, never a later referral (DESIGN.md section 4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.referral import Consent

EVERYTHING = frozenset(Consent.model_fields)


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: when, by which event, what is agreed to, which of it the statement is about, and whether the person made it themselves."""

    at: datetime
    event_id: str
    consent: Consent
    about: frozenset[str] = EVERYTHING
    by_person: bool = False


def consent_of(said: Iterable[Said]) -> Consent:
    """What holds now: for each thing the person's own latest word about it, where there is none the latest of the others'; unsaid is no."""
    in_order = sorted(said, key=lambda one: (one.by_person, one.at, one.event_id))
    return Consent(**{name: getattr(one.consent, name) for one in in_order for name in sorted(one.about)})
