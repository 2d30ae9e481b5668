"""Ways of proposing groups, all within the same hard rules: ours, and what else a coordinator could go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Final, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.eligibility import judge
from models.matching import propose
from models.order import MICRO, Order, micros
from models.pairs import Pairs
from models.ranker import Ranker, seen_by
from models.reach import ReachDefaults
from models.simulation.town import Town
from models.spreading import EVENLY, STRENGTH, Spread, counted

PolicyName = Literal[
    "ours",  # the matcher as it serves, with the ranker asked for, people spread over groups with the strength asked for
    "popularity",  # the groups with most people, those listed and those who came since
    "nearest",  # the nearest groups; those online last
    "greedy",  # the ranker's scores alone
    "random",  # any of those that the rules allow
    "oracle",  # the true chance of a second attendance
]
POLICIES: Final[tuple[PolicyName, ...]] = get_args(PolicyName)

SHOWN: Final = 3
"""How many groups a coordinator talks through with a person."""

Slate = tuple[int, ...]
"""The groups proposed to one person, by their rows, the best first."""


@dataclass(frozen=True)
class Now:
    """A town in one week: the directory as it is known, and of each group, (n,), how many people it is known to have taken since the beginning,
    how many places it was given lately (faded by the week), and how many are known to be free, infinite where it takes whoever comes.
    """

    town: Town
    week: int
    directory: Directory
    joined: NDArray[np.int64]
    given: NDArray[np.float64]
    free: NDArray[np.float64]


class Policy(Protocol):
    """Proposes at most `top` groups to each of these people."""

    def __call__(self, people: Sequence[int], now: Now, top: int) -> list[Slate]: ...


@dataclass(frozen=True)
class Ours:
    """The matcher itself: `models.matching.propose`, as every service and command calls it."""

    ranker: Ranker
    strength: float = STRENGTH

    def __call__(self, people: Sequence[int], now: Now, top: int) -> list[Slate]:
        """See `Policy`."""
        seekers = [now.town.seekers[person] for person in people]
        answers = propose(seekers, now.directory, self.ranker, top=top, today=now.town.day(now.week), spread=self._spread(now))
        return [tuple(now.directory.rows[match.group_id] for match in answer.matches) for answer in answers]

    def _spread(self, now: Now) -> Spread:
        if not self.strength:
            return EVENLY
        known = zip(now.town.groups, now.given.tolist(), now.free.tolist(), strict=True)
        counts = {group.group_id: counted(self.strength, given, None if isinf(free) else free) for group, given, free in known}
        return Spread(counts)


@dataclass(frozen=True)
class ByScore:
    """The eligible groups with the highest score; ties by group id."""

    name: PolicyName
    ranker: Ranker

    def __call__(self, people: Sequence[int], now: Now, top: int) -> list[Slate]:
        """See `Policy`."""
        block = Block.of([now.town.seekers[person] for person in people], ReachDefaults())
        pairs = Pairs(block, now.directory, now.town.day(now.week))
        eligible = judge(block, now.directory, pairs, ReachDefaults()).eligible
        order = Order.of(self._score(people, now, block, pairs), now.directory)
        whose, rows, _ = order.best(eligible, top)
        return [tuple(rows[whose == place].tolist()) for place in range(len(people))]

    def _score(self, people: Sequence[int], now: Now, block: Block, pairs: Pairs) -> NDArray[np.int64]:
        """Whole numbers, at least 0, (people, groups)."""
        if self.name == "popularity":
            return np.broadcast_to(now.joined + np.array([group.size or 0 for group in now.town.groups]), pairs.km.shape)
        if self.name == "nearest":
            return micros(1 / (1 + np.nan_to_num(pairs.km, nan=np.inf)))
        if self.name == "oracle":
            return micros(now.town.truth.second(now.week)[list(people)])
        if self.name == "random":
            return np.rint(now.town.truth.chance.anything[list(people)] * MICRO).astype(np.int64)
        return micros(self.ranker.score(seen_by(self.ranker, block, now.directory, pairs, now.town.day(now.week))))


def policy(name: PolicyName, ranker: Ranker, strength: float = STRENGTH) -> Policy:
    """The policy of this name; `ranker` is what `ours` and `greedy` go by, and `ours` spreads people with this strength."""
    return Ours(ranker, strength) if name == "ours" else ByScore(name, ranker)
