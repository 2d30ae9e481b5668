"""Groups with places free lower what they ask until somebody comes: the other half of the joint choice, in which costs fall.

After Bertsekas, Castañón and Tsaknakis, "Reverse auction and the solution of inequality constrained assignment problems" (1993).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from models.assignment.auction import Auction
from models.assignment.problem import NOBODY, Whole


@dataclass
class Offers:
    """`people` and `worth` (m,) are the candidates by group, each group's from `starts` on; `gain` (n,) is what everybody has above the cost."""

    auction: Auction
    people: Whole
    worth: Whole
    starts: Whole
    gain: Whole

    @classmethod
    def of(cls, auction: Auction) -> Self:
        """Before anybody is placed."""
        by_group = np.argsort(auction.candidates, axis=None, kind="stable")
        starts = np.searchsorted(auction.candidates.ravel()[by_group], np.arange(len(auction.cost) + 1))
        nothing = np.zeros(len(auction.at), np.int64)
        return cls(auction, by_group // auction.candidates.shape[1], auction.worth.ravel()[by_group], starts, nothing)

    def settle(self, step: int) -> None:
        """After the bidding: until every place that is free costs nothing."""
        auction = self.auction
        gains = auction.worth - auction.cost[auction.candidates]
        self.gain = np.where(auction.candidates == auction.at[:, None], gains, 0).sum(axis=1)
        while len(idle := np.flatnonzero((auction.taken < auction.capacity) & (auction.cost > 0))):
            self._offer(idle, step)

    def _offer(self, groups: Whole, step: int) -> None:
        """Each of these groups asks no more than fills it, and who gains a step or more by it takes the best offer."""
        auction = self.auction
        which, entry = self._entries(groups)
        people = self.people[entry]
        would_pay = np.where(auction.at[people] == groups[which], 0, self.worth[entry] - self.gain[people])
        interested = np.flatnonzero(would_pay >= step)
        interested = interested[np.lexsort((-would_pay[interested], which[interested]))]
        which, entry, people, would_pay = which[interested], entry[interested], people[interested], would_pay[interested]
        first = np.searchsorted(which, np.arange(len(groups) + 1))
        beyond = first[:-1] + auction.capacity[groups] - auction.taken[groups]
        next_best = np.append(would_pay, 0)[np.where(beyond < first[1:], beyond, -1)]
        price = np.minimum(np.maximum(next_best - step, 0), auction.cost[groups])
        self._lower(groups, price)
        comes = (np.arange(len(which)) < beyond[which]) & (would_pay >= price[which] + step)
        self._take(people[comes], groups[which[comes]], self.worth[entry[comes]] - price[which[comes]])

    def _entries(self, groups: Whole) -> tuple[Whole, Whole]:
        """All candidates of these groups: the how manyth group, and the place among `people`."""
        low, size = self.starts[groups], self.starts[groups + 1] - self.starts[groups]
        which = np.repeat(np.arange(len(groups)), size)
        return which, np.arange(len(which)) + np.repeat(low - np.cumsum(size) + size, size)

    def _lower(self, groups: Whole, price: Whole) -> None:
        """The new price holds for those who are there already too."""
        auction = self.auction
        drop = np.zeros(len(auction.cost) + 1, np.int64)  # one more, for those who are nowhere
        drop[groups] = auction.cost[groups] - price
        self.gain += drop[auction.at]
        auction.cost[groups] = price

    def _take(self, people: Whole, group: Whole, gain: Whole) -> None:
        """Everybody goes to the offer by which they gain the most, of equal ones to the first group's."""
        auction, groups = self.auction, len(self.auction.cost)
        order = np.lexsort((group, -gain, people))
        best = order[np.flatnonzero(np.diff(people[order], prepend=-1))]
        people, group = people[best], group[best]
        left = auction.at[people]
        auction.taken += np.bincount(group, minlength=groups) - np.bincount(left[left != NOBODY], minlength=groups)
        auction.at[people], self.gain[people] = group, gain[best]
