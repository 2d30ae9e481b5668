"""What the matcher must remember, and what becomes of a ranking: a proposal, or a row of unmet need.

A proposal is a function of the referral, the person's open flags and the directory at that moment; nothing else is remembered.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from models.matching import Ranked, RankedMatch
from models.seeker import Seeker
from models.text.encoder import unpack
from schemas.events.matches import ProposedGroup, Ranking, Unmet
from schemas.events.referrals import ReferralMatching
from schemas.proposal import RuledOut


class MatcherStore(Protocol):
    """What the matcher remembers: which persons have an open flag."""

    def flagged(self, persons: Collection[str]) -> set[str]:
        """Which of these persons have an open flag."""

    def raise_flags(self, flags: Sequence[tuple[str, str]]) -> None:
        """Remember open flags, each (flag_id, person)."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""


def seeker_of(needs: ReferralMatching, *, flagged: bool) -> Seeker:
    """The person as the matcher sees them."""
    vector = None if needs.vector is None else unpack(needs.vector)
    return Seeker(needs=needs, vector=vector, words=tuple(needs.words), refused=tuple(needs.refused), open_flags=flagged)


def ranking_of(ranked: Ranked) -> Ranking:
    """The part of MatchesProposed that tells what was proposed, as it was scored."""
    return Ranking.model_construct(**_scored(ranked), matches=tuple(map(_proposed, ranked.matches)))


def unmet_of(ranked: Ranked, needs: ReferralMatching) -> Unmet:
    """The part of NoMatchFound that tells why nothing is proposed, and what was sought where."""
    kinds = sorted({*needs.words, *needs.tags})
    return Unmet.model_construct(**_scored(ranked), matches=(), needs_human=ranked.needs_human, kinds=kinds, area=needs.area)


def _scored(ranked: Ranked) -> dict[str, Any]:
    """What both answers tell of the ranking; it comes from the matcher's own types, so it is not validated again."""
    near = tuple(RuledOut.model_construct(group_id=one.group_id, rule=one.rule) for one in ranked.nearest_ruled_out)
    return {
        "model": ranked.model, "directory_version": ranked.directory_version, "ruled_out": ranked.ruled_out, "nearest_ruled_out": near,
        "exploration": 0.0,
    }  # fmt: skip


def _proposed(match: RankedMatch) -> ProposedGroup:
    return {
        "group_id": match.group_id, "rank": match.rank, "score": match.score, "distance_km": match.distance_km,
        "propensity": match.propensity, "features": match.features, "reasons": match.reasons, "would_improve": match.would_improve,
    }  # fmt: skip
