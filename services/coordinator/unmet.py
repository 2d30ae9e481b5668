"""What the ledger of unmet need is made of: what was sought and not found, out of the parts of a referral and of a NoMatchFound that it needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import Field

from models.text.words import kinds as vocabulary
from schemas.events.base import Part

NOWHERE_KNOWN: Final = "not known"
ANYTHING: Final = "anything"


class Sought(Part):
    """All that the unmet-need ledger needs of a NoMatchFound."""

    needs_human: str | None = None
    ruled_out: dict[str, int] = Field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    area: str | None = None


class Wanted(Part):
    """All that the unmet-need ledger needs of a referral whose places were all refused or declined."""

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    area: str | None = None


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """An entry of the unmet-need ledger: this kind was sought in this area in this month, and why nothing was proposed."""

    kind: str
    area: str
    month: str
    reason: str


def unmet_needs(sought: Sought, at: datetime) -> list[UnmetNeed]:
    """What one NoMatchFound adds to the ledger: an entry for each kind that was sought."""
    most_often = max(sought.ruled_out, key=lambda rule: (sought.ruled_out[rule], rule), default="no_group_at_all")
    reason, area = sought.needs_human or most_often, sought.area or NOWHERE_KNOWN
    return [UnmetNeed(kind, area, at.strftime("%Y-%m"), reason) for kind in sought.kinds or [ANYTHING]]


def refused_needs(wanted: Wanted, at: datetime, reason: str) -> list[UnmetNeed]:
    """What a case adds to the ledger that never held a place; only kinds of the vocabulary are named, because a tag may be anything."""
    kinds = sorted({*wanted.words, *(tag for tag in wanted.tags if tag in vocabulary())})
    return [UnmetNeed(kind, wanted.area or NOWHERE_KNOWN, at.strftime("%Y-%m"), reason) for kind in kinds or [ANYTHING]]
