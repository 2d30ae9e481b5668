"""What the matcher must remember, and what becomes of a ranking: a proposal, or a row of unmet need.

A proposal is a function of the referral, the person's open flags and the directory at that moment; nothing else is remembered.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Protocol

from models.matching import Ranked, RankedMatch
from models.seeker import Seeker
from models.text.encoder import unpack_many
from models.text.words import kinds as vocabulary
from schemas.events.matches import ProposedGroup, Ranking, Unmet
from schemas.events.referrals import ReferralMatching
from schemas.proposal import Rule, RuledOut


class MatcherStore(Protocol):
    """What the matcher remembers: which persons have an open flag."""

    def flagged(self, persons: Collection[str]) -> set[str]:
        """Which of these persons have an open flag."""

    def raise_flags(self, flags: Sequence[tuple[str, str]]) -> None:
        """Remember open flags, each (flag_id, person)."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""


def seekers_of(people: Sequence[tuple[ReferralMatching, bool]]) -> list[Seeker]:
    """The people as the matcher sees them, from what they need and whether a flag of theirs is open; all vectors are unpacked at once."""
    vectors = iter(unpack_many([needs.vector for needs, _ in people if needs.vector is not None]))
    return [
        Seeker(needs, None if needs.vector is None else next(vectors), tuple(needs.words), tuple(needs.refused), open_flags=flagged)
        for needs, flagged in people
    ]


def ranking_of(ranked: Ranked) -> Ranking:
    """The part of MatchesProposed that tells what was proposed, as it was scored."""
    return Ranking.model_construct(**_scored(ranked), matches=tuple(map(_proposed, ranked.matches)))


def unmet_of(ranked: Ranked, needs: ReferralMatching) -> Unmet:
    """The part of NoMatchFound that tells why nothing is proposed, and what was sought where.

    A tag may be anything that a referrer typed, a name too, and the ledger is for managers: so only kinds of the vocabulary are named in it.
    """
    kinds = sorted({*needs.words, *(tag for tag in needs.tags if tag in vocabulary())})
    return Unmet.model_construct(**_scored(ranked), matches=(), needs_human=ranked.needs_human, kinds=kinds, area=needs.area)


def _scored(ranked: Ranked) -> dict[str, Any]:
    """What both answers tell of the ranking; it comes from the matcher's own types, so it is not validated again."""
    near = tuple(_ruled_out(*one) for one in ranked.nearest_ruled_out)
    return {
        "model": ranked.model, "directory_version": ranked.directory_version, "ruled_out": ranked.ruled_out, "nearest_ruled_out": near,
        "exploration": 0.0,
    }  # fmt: skip


@lru_cache(maxsize=8192)
def _ruled_out(group_id: str, rule: Rule) -> RuledOut:
    return RuledOut.model_construct(group_id=group_id, rule=rule)


def _proposed(match: RankedMatch) -> ProposedGroup:
    return {
        "group_id": match.group_id, "rank": match.rank, "score": match.score, "distance_km": match.distance_km,
        "propensity": match.propensity, "features": match.features, "reasons": match.reasons, "would_improve": match.would_improve,
    }  # fmt: skip
