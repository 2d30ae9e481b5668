"""How long one referral takes over 1,000 to 1,000,000 groups: here, and the ways in which it is done elsewhere (`benchmarks.ways_to_match`).

Everything runs on one core, one referral at a time but where it says "together"; times are of the processor, the database server's included.
The matcher gives its whole answer, with counts, near misses and reasons; the others only the ten best.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import process_time
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.country import Country
from benchmarks.embedded_loop import SEED
from benchmarks.reference import Spread, fixed_work_ms, keep, machine, spread
from benchmarks.ways_to_match import REACH, TODAY, by_arrays, by_geopy, learned, postgis, trees
from models import retrieval
from models.block import Block
from models.directory import Directory, Listed
from models.eligibility import first_broken_rule, judge
from models.matching import Ranked, propose
from models.pairs import Pairs
from models.ranker import Ranker, made_ready
from models.seeker import Seeker
from tests.postgres_server import Server, programs, server

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Way:
    """One way over so many groups: milliseconds a referral, over so many referrals, and how many times as long as here, by the medians."""

    name: str
    spread: Spread
    ratio: float


@dataclass(frozen=True)
class Measured:
    """One size: seconds until it is laid out, all ways, one change of a group, and how answers compare with exhaustive scoring."""

    groups: int
    laid_out_seconds: float
    ways: list[Way]
    without_a_limit: Spread | None
    together_ms: float
    one_change_ms: float
    recall_at_10: float
    compared: int


@dataclass(frozen=True)
class Result:
    """One whole run; `growth` is the median for ten times the groups by that before, `violations` of rules in so many random pairs."""

    sizes: list[Measured]
    growth: list[float]
    pairs: int
    violations: int
    fixed_work_ms: tuple[float, float]
    machine: dict[str, str]


def here(people: Sequence[Seeker], directory: Directory, ranker: Ranker) -> list[Ranked]:
    """The matcher, as it serves."""
    return propose(people, directory, ranker, today=TODAY)


def exhaustive(people: Sequence[Seeker], directory: Directory, ranker: Ranker) -> list[Ranked]:
    """Every group judged and scored for everybody."""
    with patch.object(retrieval, "LARGE", 1 << 60):
        return here(people, directory, ranker)


def timed(people: Sequence[Seeker], way: Callable[[Seeker], object], server_spent: Callable[[], float] = lambda: 0.0, before: int = 2) -> list[float]:
    """Seconds of the processor for each, after some `before` that are not counted."""

    def spent(seeker: Seeker) -> float:
        start = process_time() + server_spent()
        way(seeker)
        return process_time() + server_spent() - start

    return [spent(seeker) for seeker in (*people[:before], *people)][before:]


def measure(country: Country, groups: int, ranker: Ranker, others: "Others", referrals: int) -> Measured:
    """One size."""
    directory, people = country.directory(groups), country.people(referrals, groups)
    start = process_time()
    here(people[:20], directory, ranker)
    laid_out = process_time() - start
    ours = timed(people, lambda one: here([one], directory, ranker))
    print(f"{groups:,}: here {median(ours) * 1e3:.2f} ms, laid out in {laid_out:.1f} s", flush=True)
    ways = [("here", ours), *others.timed(people, directory)]
    unlimited = [spent for spent, one in zip(ours, people, strict=True) if one.needs.travel is None]
    few = people[: max(20, min(200, 20_000_000 // groups))]
    return Measured(
        groups,
        laid_out,
        [Way(name, spread(spent), median(spent) / median(ours)) for name, spent in ways],
        spread(unlimited) if len(unlimited) > 1 else None,
        timed(people[:1], lambda _: here(people, directory, ranker), before=0)[0] / len(people) * 1e3,
        one_change(country, directory, people, ranker),
        recall(exhaustive(few, directory, ranker), here(few, directory, ranker)),
        len(few),
    )


@dataclass(frozen=True)
class Others:
    """The other ways, each over as many referrals as it leaves time for; (a) over a tenth of more than 100,000 groups, times ten."""

    model: Any
    database: Server | None

    def timed(self, people: Sequence[Seeker], directory: Directory) -> list[tuple[str, list[float]]]:
        """Seconds a referral by way."""
        groups = len(directory.gone)
        limited = [one for one in people if one.needs.travel is not None and one.needs.latitude is not None]
        every = 10 if groups > 100_000 else 1
        few = limited[: max(2, min(10, 50_000 // groups))]
        by_distance = [every * spent for spent in timed(few, lambda one: by_geopy(one, directory, self.model, every), before=0)]
        by_array = timed(people[: max(5, min(50, 2_000_000 // groups))], lambda one: by_arrays(one, directory, self.model))
        ways = [("(a) geopy and scikit-learn", by_distance), ("(b) NumPy and scikit-learn", by_array)]
        return ways if self.database is None else [*ways, ("(c) PostGIS and scikit-learn", self._by_index(limited[:50], directory, self.database))]

    def _by_index(self, people: Sequence[Seeker], directory: Directory, database: Server) -> list[float]:
        with postgis(database, directory) as index:
            return timed(people, lambda one: index(one, directory, self.model), index.spent)


def one_change(country: Country, directory: Directory, people: Sequence[Seeker], ranker: Ranker) -> float:
    """Milliseconds until somebody is answered after one group changed, over what they take without a change."""
    group = country.group(7, directory)
    start = process_time()
    here(people[:1], directory, ranker)
    without = process_time() - start
    changed = Listed(group.model_copy(update={"cost": 1.25}), directory.vector(7) / np.float32(4000), country.town[7].words, "town")
    start = process_time()
    here(people[:1], directory.changed([changed]), ranker)
    return (process_time() - start - without) * 1e3


def recall(expected: Sequence[Ranked], found: Sequence[Ranked]) -> float:
    """The share of the exhaustive ten of which one as good by the score was found."""
    wanted = [(len(one.matches), one.matches[-1].score) for one in expected if one.matches]
    had = [[match.score for match in other.matches] for one, other in zip(expected, found, strict=True) if one.matches]
    good = sum(sum(score >= last for score in scores) for (_, last), scores in zip(wanted, had, strict=True))
    return good / max(1, sum(number for number, _ in wanted))


def violations(country: Country, pairs: int) -> int:
    """Of so many random pairs of a person and a group, how many the arrays call eligible and the plain rules do not."""
    directory, rng = country.directory(5_000), np.random.default_rng(SEED)
    people = country.people(250, 5_000)
    eligible, limits = (
        np.concatenate(parts) for parts in zip(*(_judged(people[low : low + 50], directory) for low in range(0, 250, 50)), strict=True)
    )
    groups = [country.group(row, directory) for row in range(5_000)]
    wrong = 0
    for person, row in zip(rng.integers(250, size=pairs).tolist(), rng.integers(5_000, size=pairs).tolist(), strict=True):
        if eligible[person, row]:  # whether its feed lies around the home is no matter of the pair, so it is taken to
            limit = float(limits[person])
            wrong += first_broken_rule(people[person].needs, groups[row], today=TODAY, limit_km=limit, feed_around_home=True) is not None
    return wrong


def _judged(people: Sequence[Seeker], directory: Directory) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    block = Block.of(people, REACH)
    verdict = judge(block, directory, Pairs(block, directory, TODAY), REACH)
    return verdict.eligible, verdict.limit


def told(result: Result) -> Iterator[str]:
    """What was measured, line by line."""
    for one in result.sizes:
        yield f"{one.groups:,} groups (laid out in {one.laid_out_seconds:.2f} s); recall@10 {one.recall_at_10:.4f} of {one.compared} people"
        for way in one.ways:
            numbers = f"p50 {way.spread.p50:12.3f} ms  p99 {way.spread.p99:12.3f} ms  {way.ratio:9.1f} x  ({way.spread.times} referrals)"
            yield f"  {way.name:<30} {numbers}"
        yield f"  {'here, all together':<30} {one.together_ms:16.3f} ms each; one changed group costs {one.one_change_ms:.1f} ms"
        if one.without_a_limit:
            yield f"  {'here, who has no limit':<30} p50 {one.without_a_limit.p50:12.3f} ms"
    yield f"ten times the groups: {', '.join(f'{growth:.2f} x' for growth in result.growth)}"
    yield f"{result.violations} violations in {result.pairs:,} random pairs"
    yield "fixed work {:.1f}, then {:.1f} ms".format(*result.fixed_work_ms)


def main() -> None:
    """Measure, print, and keep the result where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: python -m benchmarks.matching_speed --sizes 1000 10000")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--referrals", type=int, default=200, help="how many are timed one at a time (200)")
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--save", action="store_true", help="keep the result among those in the repository")
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    before, country, folder = fixed_work_ms(), Country(), programs()
    model = trees(country)
    ranker = made_ready(learned(model))
    with ExitStack() as stack:
        others = Others(model, stack.enter_context(server(folder)) if folder else None)
        sizes = [measure(country, groups, ranker, others, asked.referrals) for groups in asked.sizes]
    medians = [one.ways[0].spread.p50 for one in sizes]
    growth = [later / earlier for earlier, later in pairwise(medians)]
    result = Result(sizes, growth, asked.pairs, violations(country, asked.pairs), (before, fixed_work_ms()), machine())
    print("\n".join(told(result)))
    if asked.save:
        keep("matching_speed", result)


if __name__ == "__main__":
    main()
