"""How long it takes to place 100,000 waiting people jointly, each with 20 candidate groups, and how far from the optimum that is.

Made-up regions of 60 towns, where some have places in plenty and some hardly any: a region's groups differ in worth for everybody, and each
person has a taste. The same question goes to our own solver, until 0.1 % is proven and until nothing is left to gain; to OR-tools' flow solver,
whose optimum is the measure; and, at a size that they can bear, to the two ways that SciPy has. A fixed piece of computing is timed in the same
run. Processor time is told, because the machine has other work, and wall time beside it.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Final, TypeVar

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from benchmarks.reference import fixed_work_ms, keep, machine
from models.assignment.greedy import one_by_one
from models.assignment.joint import place_jointly
from models.assignment.problem import MILLION, NOBODY, Problem, Whole

TOWNS: Final = 60
PEOPLE_A_GROUP: Final = 25
TASTES: Final = 8
PROVEN: Final = 0.001
TIMES: Final = 3

T = TypeVar("T")


@dataclass(frozen=True)
class Taken:
    """What one way came to: expected second attendances, the share by which it misses the optimum, and seconds, the median of three times."""

    worth: float
    gap: float
    processor_s: float
    wall_s: float


@dataclass(frozen=True)
class Size:
    """One question put to several ways; `proven_gap` is what our own bound says of the quicker of our two answers."""

    people: int
    candidates: int
    groups: int
    places: int
    placed: int
    groups_with_somebody: dict[str, int]
    proven_gap: float
    ways: dict[str, Taken]


@dataclass(frozen=True)
class Result:
    """One whole run, and the fixed work before and after it, in milliseconds."""

    sizes: list[Size]
    fixed_work_ms: tuple[float, float]
    machine: dict[str, str]


def region(people: int, candidates: int, seed: int) -> Problem:
    """People and groups of towns of different sizes; there are places for nine in ten, and one group in fifty has no limit."""
    chance = np.random.default_rng(seed)
    groups = max(candidates * TOWNS, people // PEOPLE_A_GROUP) // TOWNS * TOWNS
    town = np.sort(chance.choice(TOWNS, people, p=chance.dirichlet(np.full(TOWNS, 4.0))))
    likes, offers, appeal = chance.normal(size=(people, TASTES)), chance.normal(size=(groups, TASTES)), chance.normal(0, 0.6, groups)
    capacity = chance.poisson(0.9 * people / groups * chance.gamma(2, 0.5, groups))
    capacity[chance.random(groups) < 0.02] = people + 1
    chosen, worths = [], []
    for number in range(TOWNS):
        here = np.arange(number, groups, TOWNS)
        away = chance.gamma(2, 2.0, (int((town == number).sum()), len(here)))
        score = 1 / (1 + np.exp(1.2 - appeal[here] + away / 6 - 0.35 * likes[town == number] @ offers[here].T))
        best = np.sort(np.argpartition(-score, candidates - 1, axis=1)[:, :candidates], axis=1)
        chosen.append(here[best])
        worths.append(np.rint(np.take_along_axis(score, best, 1) * MILLION).astype(np.int64))
    return Problem(np.arange(people + 1) * candidates, np.concatenate(chosen).ravel(), np.concatenate(worths).ravel(), capacity)


def optimum_by_flow(problem: Problem) -> int:
    """The greatest worth by OR-tools: everybody is one unit that flows through a group, or past all of them, to the end."""
    number, groups = len(problem), len(problem.capacity)
    people, places, end = np.arange(number), number + np.arange(groups), number + groups
    flow = min_cost_flow.SimpleMinCostFlow()
    add = flow.add_arcs_with_capacity_and_unit_cost
    add(problem.people, number + problem.groups, np.ones(len(problem.groups), np.int64), -problem.worths)
    add(places, np.full(groups, end), problem.capacity, np.zeros(groups, np.int64))
    add(people, np.full(number, end), np.ones(number, np.int64), np.zeros(number, np.int64))
    flow.set_nodes_supplies(np.arange(end + 1), np.concatenate([np.ones(number, np.int64), np.zeros(groups, np.int64), [-number]]))
    if flow.solve() != flow.OPTIMAL:
        raise SystemExit("OR-tools found no optimum")
    return -int(flow.optimal_cost())


def by_linear_programme(problem: Problem) -> int:
    """The same by SciPy's HiGHS: one variable a candidate; the programme's corners are whole."""
    columns = np.arange(len(problem.groups))
    rows = np.concatenate([problem.people, len(problem) + problem.groups])
    each_once = coo_array((np.ones(len(rows)), (rows, np.tile(columns, 2)))).tocsr()
    limits = np.concatenate([np.ones(len(problem)), problem.capacity])[: each_once.shape[0]]
    solved = linprog(-problem.worths.astype(np.float64), A_ub=each_once, b_ub=limits, bounds=(0, 1), method="highs")
    return int(np.rint(-solved.fun))


def by_matching(problem: Problem) -> int:
    """The same by SciPy's sparse matching, where each place is a column of its own, and so is staying without one for each person."""
    number = len(problem)
    places = np.minimum(problem.capacity, np.bincount(problem.groups, minlength=len(problem.capacity)))
    first = np.cumsum([0, *places])
    each = places[problem.groups]
    rows = np.concatenate([np.repeat(problem.people, each), np.arange(number)])
    within = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
    columns = np.concatenate([np.repeat(first[problem.groups], each) + within, first[-1] + np.arange(number)])
    cost = np.concatenate([MILLION + 1 - np.repeat(problem.worths, each), np.full(number, MILLION + 1)])  # a zero would be no edge
    graph = csr_array((cost, (rows, columns)), shape=(number, int(first[-1]) + number))
    return int((MILLION + 1 - graph[min_weight_full_bipartite_matching(graph)]).sum())


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What it gives, and how many seconds of the processor and of the clock it took, in the middle of a few times."""
    processor, wall = [process_time()], [perf_counter()]
    for _ in range(TIMES):
        done = work()
        processor.append(process_time())
        wall.append(perf_counter())
    return done, median(np.diff(processor).tolist()), median(np.diff(wall).tolist())


def measure(people: int, candidates: int, seed: int, libraries: bool) -> Size:
    """One question to every way, the slow ones only where they are asked for."""
    problem = region(people, candidates, seed)
    best, *spent = timed(lambda: optimum_by_flow(problem))
    taken = {"OR-tools flow": (best, spent)}
    quick, *spent = timed(lambda: place_jointly(problem, PROVEN))
    taken["ours, 0.1 % proven"] = (quick.worth, spent)
    exact, *spent = timed(lambda: place_jointly(problem))
    taken["ours, exact"] = (exact.worth, spent)
    greedy, *spent = timed(lambda: one_by_one(problem, range(len(problem))))
    taken["one by one"] = (problem.worth_of(greedy), spent)
    for name, way in (("SciPy HiGHS", by_linear_programme), ("SciPy matching", by_matching)) if libraries else ():
        worth, *spent = timed(partial(way, problem))
        taken[name] = (worth, spent)
    if exact.worth != best or (np.bincount(exact.group[exact.group != NOBODY], minlength=len(problem.capacity)) > problem.capacity).any():
        raise SystemExit(f"ours is not the optimum: {exact.worth} and not {best}")
    return Size(
        people,
        candidates,
        len(problem.capacity),
        int(problem.capacity[problem.capacity <= people].sum()),
        int((exact.group != NOBODY).sum()),
        {"jointly": _somebody(exact.group), "one by one": _somebody(greedy)},
        quick.gap,
        {name: Taken(worth / MILLION, 1 - worth / best, *spent) for name, (worth, spent) in taken.items()},
    )


def _somebody(placed: Whole) -> int:
    return len(np.unique(placed[placed != NOBODY]))


def report(result: Result) -> Iterator[str]:
    """The result in lines to read."""
    for size in result.sizes:
        yield f"{size.people:,} people x {size.candidates} of {size.groups:,} groups, {size.placed:,} placed, {size.groups_with_somebody} groups:"
        for name, one in size.ways.items():
            spent = f"processor {one.processor_s:7.2f} s, wall {one.wall_s:7.2f} s"
            yield f"  {name:<20} {one.worth:12,.2f}   below the optimum {one.gap:8.4%}   {spent}"
        yield f"  proven in the quicker one: at most {size.proven_gap:.4%} below the optimum"
    yield f"the fixed work before and after: {result.fixed_work_ms[0]:.1f} and {result.fixed_work_ms[1]:.1f} ms"


def main() -> None:
    """Measure, print, and keep the result where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assignment", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=20)
    parser.add_argument("--small", type=int, default=5_000, help="how many people for the ways that bear no more")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", action="store_true", help="keep the result as JSON")
    arguments = parser.parse_args()
    before = fixed_work_ms()
    sizes = [measure(people, arguments.candidates, arguments.seed, people == arguments.small) for people in (arguments.small, arguments.people)]
    result = Result(sizes, (before, fixed_work_ms()), machine())
    for line in report(result):
        print(line)
    if arguments.save:
        keep("assignment", result)


if __name__ == "__main__":
    main()
