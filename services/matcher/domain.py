"""What the matcher must remember, and what becomes of a ranking: a proposal, or a row of unmet need.

A proposal is a function of the referral, of what is known of its person and of the directory at that moment.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.matching import Ranked, RankedMatch
from models.seeker import Seeker
from models.text.encoder import unpack_many
from models.text.words import kinds as vocabulary
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.matches import ProposedGroup, Ranking, Unmet
from schemas.events.referrals import ReferralMatching
from schemas.proposal import Rule, RuledOut


@dataclass(frozen=True, slots=True)
class Rematch:
    """A night's re-match of the waiting list, by the night's date: cases that waited, those proposed another first group, and what it comes to.

    Second attendances are expected ones, and `groups` those that somebody gets a place in: jointly, and one by one as people came. Of the groups of
    people by travel and age `worst_off` has the fewest expected, each: `worst` jointly, and `worst_one_by_one`.
    """

    night: date
    found: Literal["first", "begun", "done"] = "begun"
    waiting: int = 0
    changed: int = 0
    jointly: float = 0.0
    one_by_one: float = 0.0
    groups: int = 0
    groups_one_by_one: int = 0
    worst_off: str = ""
    worst: float = 0.0
    worst_one_by_one: float = 0.0


class MatcherStore(Protocol):
    """What the matcher remembers: the facts about each person that bear on matching, their personal parts sealed."""

    def facts_about(self, persons: Collection[str]) -> Mapping[str, list[Event[Data]]]:
        """The facts about these persons as they were learned, for those of whom there are any."""

    def opened(self, facts: Sequence[Event[Data]]) -> list[Event[Data]]:
        """The same facts with what matching may know opened; a part whose key was destroyed is None."""

    def keep(self, facts: Sequence[Event[Data]], persons: Sequence[str]) -> None:
        """Remember new facts, each about the person beside it."""

    def held_back(self, persons: Collection[str]) -> Mapping[str, str]:
        """The cases of these persons whose newest answer tells of an open flag, each with its person."""

    def hold_back(self, cases: Mapping[str, str]) -> None:
        """Remember that the newest answer of these cases, each of this person, tells of an open flag."""

    def let_go(self, cases: Collection[str]) -> None:
        """Remember that the newest answer of these cases tells of no flag."""

    def everybody(self) -> Mapping[str, list[Event[Data]]]:
        """All facts, by person, with what matching may know opened."""

    def proposed_first(self) -> Mapping[str, str]:
        """By case, the group that its newest answer proposes first, where it proposes any."""

    def answered(self, first: Mapping[str, str], persons: Mapping[str, str]) -> None:
        """Remember what the newest answer of the cases in `persons`, each with its person, proposes first: nothing where it is not in `first`."""

    def last_rematch(self) -> Rematch | None:
        """The newest night's re-match."""

    def rematches(self) -> Sequence[Rematch]:
        """Every night's re-match, the newest last."""

    def keep_rematch(self, rematch: Rematch) -> None:
        """Remember a night's re-match, in place of what was known of that night."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought, and what is known of the person besides: whether a flag is open, whether they agree, which groups they refused lately."""

    needs: ReferralMatching
    flagged: bool
    agrees: bool
    cooling_off: frozenset[str]


def seekers_of(people: Sequence[Sought]) -> list[Seeker]:
    """The people as the matcher sees them; all vectors are unpacked at once."""
    vectors = iter(unpack_many([one.needs.vector for one in people if one.needs.vector is not None]))
    return [_seeker(one, None if one.needs.vector is None else next(vectors)) for one in people]


def _seeker(one: Sought, vector: NDArray[np.float32] | None) -> Seeker:
    needs = one.needs
    return Seeker(needs, vector, tuple(needs.words), tuple(needs.refused), open_flags=one.flagged, cooling_off=one.cooling_off, consented=one.agrees)


def drawn(cause: str, case_id: str) -> float:
    """A number from 0 up to but not including 1, the same for the same cause and case, and spread evenly over others."""
    digest = blake2b(f"{cause} {case_id}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / (1 << 48)


def ranking_of(ranked: Ranked, exploration: float) -> Ranking:
    """The part of MatchesProposed that tells what was proposed, as it was scored, and how much of it was left to chance."""
    return Ranking.model_construct(**_scored(ranked, exploration), matches=tuple(map(_proposed, ranked.matches)))


def unmet_of(ranked: Ranked, needs: ReferralMatching) -> Unmet:
    """The part of NoMatchFound that tells why nothing is proposed, and what was sought where.

    A tag may be anything that a referrer typed, a name too, and the ledger is for managers: so only kinds of the vocabulary are named in it.
    """
    kinds = sorted({*needs.words, *(tag for tag in needs.tags if tag in vocabulary())})
    return Unmet.model_construct(**_scored(ranked, 0.0), matches=(), needs_human=ranked.needs_human, kinds=kinds, area=needs.area)


def _scored(ranked: Ranked, exploration: float) -> dict[str, Any]:
    """What both answers tell of the ranking; it comes from the matcher's own types, so it is not validated again."""
    near = tuple(_ruled_out(*one) for one in ranked.nearest_ruled_out)
    return {
        "model": ranked.model, "directory_version": ranked.directory_version, "ruled_out": ranked.ruled_out, "nearest_ruled_out": near,
        "exploration": exploration,
    }  # fmt: skip


@lru_cache(maxsize=8192)
def _ruled_out(group_id: str, rule: Rule) -> RuledOut:
    return RuledOut.model_construct(group_id=group_id, rule=rule)


def _proposed(match: RankedMatch) -> ProposedGroup:
    return {
        "group_id": match.group_id, "rank": match.rank, "score": match.score, "distance_km": match.distance_km,
        "propensity": match.propensity, "features": match.features, "reasons": match.reasons, "would_improve": match.would_improve,
    }  # fmt: skip
