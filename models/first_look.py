"""The first look over very many groups that no distance rules out: for one person, the best two thousand of them by what the prior makes of them.

Hard rules are bitmaps here, so that the many groups left out are still counted, each under its first rule. Only the few are looked at again,
by the ranker itself. To the prior the best groups are those that it would have ranked first anyway.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.eligibility import FINAL
from models.features import Features
from models.inverse import Rows
from models.masks import Bits, counted, packed, unpacked
from models.neighbourhood import Everywhere, LaidOut
from models.order import Order, micros
from models.pairs import Pairs
from models.prior import Prior
from schemas.proposal import RULES, Rule

FOREMOST: Final = 2_000
"""So many eligible groups are left to the ranker: learned trees would put groups first that are not among the prior's first two hundred (ADR 13)."""

MISSES: Final = 20
"""And so many that one rule alone keeps out."""


@dataclass(frozen=True)
class Looking:
    """What is looked at: groups laid out, the directory as it is now, the day, and the prior by which a first look goes."""

    laid_out: LaidOut
    now: Directory
    prior: Prior
    today: date


def foremost(looking: Looking, among: Everywhere, block: Block) -> list[Rows]:
    """For each person of the block the rows that are worth another look."""
    if len(among.rows) <= FOREMOST + MISSES:
        return [among.rows] * len(block.people)
    directory = among.now(looking.now)
    features = Features.of(block, directory, Pairs(block, directory, looking.today), looking.today)
    order = Order.of(micros(looking.prior.score(features)), directory)
    flags = np.array([_open(looking, among, block, person) for person in range(len(block.people))], np.bool_)
    eligible, one, rather = flags[:, 0], flags[:, 1], flags[:, 2]
    best = [order.best(eligible, FOREMOST), order.best(one, MISSES, rather)]
    people, rows = (np.concatenate([found[which] for found in best]) for which in (0, 1))
    return [among.rows[np.sort(rows[people == person])] for person in range(len(block.people))]


def _open(looking: Looking, among: Everywhere, block: Block, person: int) -> tuple[NDArray[np.bool_], ...]:
    """Which of these groups are eligible, which break one rule alone, and which of those a rule that something can be done about."""
    broken = looking.laid_out.masks.broken(block.people[person], looking.now, looking.today)
    listed = packed(~looking.now.gone[: looking.laid_out.covered])
    once, twice, final = np.zeros_like(listed), np.zeros_like(listed), np.zeros_like(listed)
    for rule, bits in broken.items():
        twice |= once & bits
        once |= bits
        if rule in FINAL:
            final |= bits
    one = listed & once & ~twice
    return tuple(unpacked(bits, looking.laid_out.covered)[among.rows] for bits in (listed & ~once, one, one & ~final))


def counts(looking: Looking, left: Bits, beyond: Bits, block: Block, person: int) -> dict[Rule, int]:
    """Of the groups in `left` how many each rule keeps from this person, every group under its first; those in `beyond` are out of reach."""
    broken = {**looking.laid_out.masks.broken(block.people[person], looking.now, looking.today), "reach": beyond}
    left, told = left.copy(), dict[Rule, int]()
    for rule in RULES:
        if rule in broken:
            told[rule] = counted(left & broken[rule])
            left &= ~broken[rule]
    return told
