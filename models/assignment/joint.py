"""The placing of the greatest worth, with its proof, by rounds of bidding and of offers with smaller and smaller steps.

At the end of a round nobody would gain more than its step elsewhere at these costs, and a place that stays free costs nothing. So the placing
is within a step a person of the best one, and below 1/(n + 1) of a millionth, the last step, nothing is left: it is the best one.
"""

from typing import Final

from models.assignment.auction import Auction
from models.assignment.offers import Offers
from models.assignment.problem import Placing, Problem

SHRINK: Final = 30
"""How many times smaller each step is than the one before."""

DISCOUNT: Final = 2
"""By how many steps of the round before all costs fall at the start of a round: it overshot, and rising is cheaper than falling."""


def place_jointly(problem: Problem, tolerance: float = 0.0) -> Placing:
    """The placing of the greatest worth; with a `tolerance` one that may fall short of it by that share of the bound.

    Of several placings of the same worth it is always the same one, which depends on how people and groups are numbered.
    """
    auction = Auction.of(problem)
    offers = Offers.of(auction)
    step = before = max(1, int(auction.worth.max(initial=0)) // SHRINK)
    while True:
        auction.bidding(step, DISCOUNT * before)
        offers.settle(step)
        placing = auction.placing(problem)
        if step == 1 or placing.gap <= tolerance:
            return placing
        step, before = max(1, step // SHRINK), step
