"""What a person agrees to, folded out of everything that was ever said about it, in whatever order it was learned.

Consent is the person's: what they turned off themselves only they turn on again, never a later referral (DESIGN.md section 4).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.referrals import ConsentChanged, ConsentChoice, ReferralMatching, ReferralReceived
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


def said_in(facts: Iterable[Event[Data]]) -> Iterator[Said]:
    """What these facts say of consent, opened as matching may; a referral that does not speak of it says no, and what cannot be read says nothing."""
    for fact in facts:
        data = fact.data
        if isinstance(data, ReferralReceived) and isinstance(data.matching, ReferralMatching):
            yield Said(fact.time, fact.id, data.matching.consent or Consent())
        elif isinstance(data, ConsentChanged) and isinstance(data.matching, ConsentChoice):
            choice = data.matching
            yield Said(fact.time, fact.id, choice.consent, frozenset(choice.about), choice.said_by == "person")
