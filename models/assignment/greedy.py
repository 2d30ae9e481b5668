"""What happens without a joint choice: one after another, each takes the best group that still has a place."""

from collections.abc import Iterable

import numpy as np

from models.assignment.problem import NOBODY, Problem, Whole


def one_by_one(problem: Problem, turns: Iterable[int]) -> Whole:
    """Everybody's group, (n,), people choosing by `turns`, their numbers; of equal worth they take the group of the lowest number."""
    order = np.lexsort((problem.groups, -problem.worths, problem.people))
    groups, bounds = problem.groups[order].tolist(), problem.starts.tolist()
    free = problem.capacity.tolist()
    placed = np.full(len(problem), NOBODY, np.int64)
    for person in turns:
        for group in groups[bounds[person] : bounds[person + 1]]:
            if free[group]:
                free[group] -= 1
                placed[person] = group
                break
    return placed
