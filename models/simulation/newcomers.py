"""The people whom the clinics of a made-up town refer: made of the sample town's parts, with what they said kept apart from what they like."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from models.simulation.chance import key
from models.town.draws import Draws
from models.town.loneliness import loneliness_at
from models.town.needs import practical
from models.town.places import home_in
from models.town.residents import resident
from models.town.voices import speech
from schemas.referral import Consent, Referral

OPENS: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday: the week 0 of every town."""

_TAGGED: Final = 0.35
"""The share whose referrer ticked tags, as in `models.town.people`."""


@dataclass(frozen=True)
class Newcomer:
    """One person: the referral that all may read, the week in which it comes, and the tags of what they said, of which it may be silent."""

    referral: Referral
    week: int
    tags: tuple[str, ...]


def newcomer(index: int, seed: int, weeks: int) -> Newcomer:
    """The person of this number from 0, the same however many there are; they come in one of the weeks from 0."""
    draws = Draws(*key(seed, "people", index))
    who = resident(draws)
    needs = practical(who, draws)
    said = speech(who, needs, draws, wants_company=draws.chance(0.5))
    week = draws.below(weeks)
    home = home_in(who.area, draws)
    referral = Referral(
        referral_id=f"R{index + 1:06d}",
        person_id=f"P{index + 1:06d}",
        received_at=OPENS + timedelta(weeks=week, minutes=draws.below(5 * 24 * 60)),
        reason=["social-connection"],
        interests=said.text,
        tags=list(said.tags) if draws.chance(_TAGGED) else [],
        age=who.age,
        gender=who.gender,
        languages=list(who.languages),
        access_needs=list(needs.access),
        latitude=home[0],
        longitude=home[1],
        travel=needs.travel,
        availability=list(needs.windows),
        max_cost=needs.max_cost,
        loneliness=loneliness_at(who.age, draws),
        consent=Consent(match=True, learning=True),
    )
    return Newcomer(referral, week, said.tags)
