"""Places go to those who bid the most for them: one half of the joint choice, in which costs rise.

After Bertsekas and Castañón, "The auction algorithm for the transportation problem" (1989). All bids of a round are made at once and all is
in whole numbers, so the same question has the same answer everywhere.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from models.assignment.problem import MILLION, NOBODY, Placing, Problem, Whole

NOT_WANTED: Final = -1
"""The worth of what fills a row up; nobody bids for what is worth less than nothing."""


@dataclass
class Auction:
    """n people with k candidates each, filled up with a group g that has no place; worths and costs are in 1/(n + 1) of a millionth.

    `cost` (g + 1,) is what a place costs, `taken` (g + 1,) how many are; `at` (n,) where everybody is and `bid` (n,) what they bid for it.
    A group that is full costs its lowest bid; one that is not full costs at least what it did.
    """

    candidates: Whole
    worth: Whole
    capacity: Whole
    cost: Whole
    taken: Whole
    at: Whole
    bid: Whole

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Nobody is placed and nothing costs anything; groups without any place and candidates worth nothing are left out."""
        number, full = len(problem), len(problem.capacity)
        counts = np.diff(problem.starts)
        column = np.arange(len(problem.groups)) - np.repeat(problem.starts[:-1], counts)
        candidates = np.full((number, max(1, int(counts.max(initial=1)))), full)
        worth = np.full(candidates.shape, NOT_WANTED)
        wanted = (problem.capacity[problem.groups] > 0) & (problem.worths > 0)
        where = problem.people[wanted], column[wanted]
        candidates[where] = problem.groups[wanted]
        worth[where] = problem.worths[wanted] * (number + 1)
        capacity = np.append(np.minimum(problem.capacity, number + 1), 0)  # more than there are people is never full
        nothing = np.zeros(full + 1, np.int64)
        return cls(candidates, worth, capacity, nothing, nothing.copy(), np.full(number, NOBODY), np.zeros(number, np.int64))

    def bidding(self, step: int, discount: int) -> None:
        """Everything costs so much less; who could gain more than the step elsewhere leaves, and everybody without a place bids."""
        self.cost = np.maximum(self.cost - discount, 0)
        placed = self.at != NOBODY
        self.bid = np.where(placed, self.cost[self.at], 0)
        gains = self.worth - self.cost[self.candidates]
        here = np.where(self.candidates == self.at[:, None], gains, 0).sum(axis=1)
        bidding = np.flatnonzero(~placed | (here < gains.max(axis=1, initial=0) - step))
        self.at[bidding] = NOBODY
        self.taken = np.bincount(self.at[self.at != NOBODY], minlength=len(self.cost))
        while len(bidding):
            bidding = self._bid(bidding, step)

    def _bid(self, people: Whole, step: int) -> Whole:
        """All of these bid for their best group what it is worth to them above the second best, and the step; who is without a place then."""
        gains = self.worth[people] - self.cost[self.candidates[people]]
        row, best = np.arange(len(people)), gains.argmax(axis=1)
        gain = gains[row, best]
        gains[row, best] = NOT_WANTED
        margin = gain - gains.max(axis=1, initial=0)
        bids = gain > 0
        people, group = people[bids], self.candidates[people, best][bids]
        self.at[people] = group
        self.bid[people] = self.cost[group] + margin[bids] + step
        self.taken += np.bincount(group, minlength=len(self.cost))
        return self._outbid(np.unique(group))

    def _outbid(self, groups: Whole) -> Whole:
        """Of these groups the full ones keep the highest bids, of equal ones the first person's, and cost the lowest kept; who must go."""
        full = groups[self.taken[groups] >= self.capacity[groups]]
        is_full = np.zeros(len(self.cost) + 1, np.bool_)  # one more, for those who are nowhere
        is_full[full] = True
        people = np.flatnonzero(is_full[self.at])
        people = people[np.lexsort((-self.bid[people], self.at[people]))]
        first = np.searchsorted(self.at[people], full)
        rank = np.arange(len(people)) - np.repeat(first, self.taken[full])
        out = people[rank >= self.capacity[self.at[people]]]
        self.cost[full] = self.bid[people[first + self.capacity[full] - 1]]
        self.taken[full] = self.capacity[full]
        self.at[out] = NOBODY
        return np.sort(out)

    def placing(self, problem: Problem) -> Placing:
        """Where everybody is now, and what follows from the costs about any placing."""
        scale = len(problem) + 1
        gain = (self.worth - self.cost[self.candidates]).max(axis=1, initial=0)
        bound = (int(self.capacity @ self.cost) + int(gain.sum())) // scale
        return Placing(self.at.copy(), problem.worth_of(self.at), bound, self.cost[:-1] / (scale * MILLION))
