"""The placing of the greatest worth, with its proof, by rounds of bidding and of offers with smaller and smaller steps.

At the end of a round nobody would gain more than its step elsewhere at these costs, and a place that stays free costs nothing. So the placing
is within a step a person of the best one, and below 1/(n + 1) of a millionth, the last step, nothing is left: it is the best one.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from models.assignment.auction import Auction
from models.assignment.offers import Offers
from models.assignment.problem import NOBODY, Placing, Problem, Whole

SHRINK: Final = 30
"""How many times smaller each step is than the one before."""

DISCOUNT: Final = 2
"""By how many steps of the round before all costs fall at the start of a round: it overshot, and rising is cheaper than falling."""


def place_jointly(problem: Problem, tolerance: float = 0.0) -> Placing:
    """The placing of the greatest worth; with a `tolerance` one that may fall short of it by that share of the bound.

    Of several placings of the same worth it is always the same one, which depends on how people and groups are numbered. Nobody is moved past
    a group that they list earlier, is worth as much to them and has a place left.
    """
    auction = Auction.of(problem)
    offers = Offers.of(auction)
    step = before = max(1, int(auction.worth.max(initial=0)) // SHRINK)
    while True:
        auction.bidding(step, DISCOUNT * before)
        offers.settle(step)
        placing = auction.placing(problem)
        if step == 1 or placing.gap <= tolerance:
            return replace(placing, group=_as_listed(problem, placing.group))
        step, before = max(1, step // SHRINK), step


def _as_listed(problem: Problem, group: Whole) -> Whole:
    """Everybody's group, (n,): the first that they list of those that are worth as much and have a place left."""
    placed, people = group.copy(), problem.people
    taken = np.bincount(placed[placed != NOBODY], minlength=len(problem.capacity))
    own = np.flatnonzero(problem.groups == placed[people])
    at, worth = (np.full(len(problem), NOBODY) for _ in range(2))
    at[people[own]], worth[people[own]] = own, problem.worths[own]
    alike = np.flatnonzero((problem.worths == worth[people]) & (np.arange(len(people)) < at[people]))
    while True:
        free = [row for row in alike[taken[problem.groups[alike]] < problem.capacity[problem.groups[alike]]].tolist() if row < at[people[row]]]
        if not free:
            return placed
        for row in free:
            person, better = people[row], problem.groups[row]
            if row < at[person] and taken[better] < problem.capacity[better]:
                taken[placed[person]] -= 1
                taken[better] += 1
                placed[person], at[person] = better, row
