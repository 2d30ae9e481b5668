"""One person's side of a pair as the facts about it tell: suggested, asked, agreed, ended or declined; the furthest counts.

Who said no has said no, also where the pair was being ended for another reason at the same time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.chassis.ids import derived_id
from services.coordinator.domain import CaseFact

SideState = Literal["suggested", "asked", "agreed", "ended", "declined"]
_STATES: Final[dict[str, SideState]] = {
    "CompanionSuggested": "suggested",
    "CompanionAsked": "asked",
    "CompanionAgreed": "agreed",
    "CompanionEnded": "ended",
    "CompanionDeclined": "declined",
}
_ORDER: Final = tuple(_STATES.values())
OF_COMPANIONS: Final = frozenset(_STATES)
OPEN: Final[frozenset[SideState]] = frozenset({"suggested", "asked", "agreed"})
UNANSWERED: Final[frozenset[SideState]] = frozenset({"suggested", "asked"})
AGREED: Final = 2
WENT: Final = 3
"""What `reached` is of who said yes, and of who went together; before that it is the place in `suggested, asked, agreed`."""


@dataclass(frozen=True, slots=True)
class Companion:
    """One side of a pair: `reached` is how far it came before it ended."""

    pair_id: str
    place_id: str
    state: SideState
    reached: int

    @property
    def open(self) -> bool:
        """Whether the two may still go together."""
        return self.state in OPEN


def pair_id_of(one: str, other: str) -> str:
    """The pair of these two places, whichever is named first."""
    first, second = sorted((one, other))
    return derived_id(first, "pair", second, 0)


def companions_of(by_name: Mapping[str, Sequence[CaseFact]]) -> tuple[Companion, ...]:
    """Every pair that a case was ever in, by the facts about it, each under its name; by `pair_id`."""
    by_pair: defaultdict[str, list[CaseFact]] = defaultdict(list)
    for name in _STATES:
        for fact in by_name.get(name, ()):
            by_pair[fact.clear.pair_id or ""].append(fact)
    return tuple(_companion(pair_id, by_pair[pair_id]) for pair_id in sorted(by_pair))


def _companion(pair_id: str, facts: Sequence[CaseFact]) -> Companion:
    ranks = {_ORDER.index(_STATES[fact.name]) for fact in facts}
    reached = max((rank for rank in ranks if _ORDER[rank] in OPEN), default=0)
    return Companion(pair_id, min(fact.clear.place_id or "" for fact in facts), _ORDER[max(ranks)], reached)
