"""Policies side by side over several towns: each measure with its interval, and its difference to ours in the same towns."""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any, Final

from models.evaluation.measures import NORMAL
from models.simulation.outcomes import MEASURES, VALUES, Measure, Outcome, by_group_of_people

Interval = tuple[float, float, float]
"""A value and the ends of its 95 % interval, both NaN where one town tells of no spread."""

Outcomes = Sequence[Outcome]

_STUDENT: Final = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
"""The 97.5 % points of Student's t with 1 to 10 degrees of freedom."""

_DIGITS: Final = 3


def student(degrees: int) -> float:
    """The 97.5 % point of Student's t (beyond ten degrees by the expansion of Abramowitz and Stegun 26.7.5, right to three decimals)."""
    if degrees <= len(_STUDENT):
        return _STUDENT[degrees - 1]
    z = NORMAL
    first, second, third = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + (first + (second + third / degrees) / degrees) / degrees


def interval(towns: Sequence[Any], measure: Callable[[Sequence[Any]], float]) -> Interval:
    """The measure of all towns, and what leaving out each of them says of chance (jackknife with Student's t; for a mean it is the usual)."""
    value, n = measure(towns), len(towns)
    if n < 2:
        return value, float("nan"), float("nan")
    left_out = [measure([*towns[:town], *towns[town + 1 :]]) for town in range(n)]
    mean = sum(left_out) / n
    half = student(n - 1) * sqrt((n - 1) / n * sum((one - mean) ** 2 for one in left_out))
    return value, value - half, value + half


def paired(mine: Outcomes, others: Outcomes, measure: Measure) -> Interval:
    """By how much the first is above the second in the same towns."""
    value = VALUES[measure]
    towns = list(zip(mine, others, strict=True))
    return interval(towns, lambda some: value([one for one, _ in some]) - value([other for _, other in some]))


def compared(lived: Mapping[str, Outcomes], against: str) -> list[dict[str, Any]]:
    """One row a policy: each measure with its interval, and under `minus_<against>` the difference; regret where there is an oracle."""
    return [_row(name, lived, against) for name in lived]


def _row(name: str, lived: Mapping[str, Outcomes], against: str) -> dict[str, Any]:
    outcomes, oracle = lived[name], lived.get("oracle")
    values = {measure: interval(outcomes, value) for measure, value in VALUES.items()}
    differences = {measure: paired(outcomes, lived[against], measure) for measure in VALUES}
    if oracle is not None:
        values["regret"] = paired(oracle, outcomes, "second")
        differences["regret"] = paired(lived[against], outcomes, "second")
    people = {group: [number, round(share, _DIGITS)] for group, (number, share) in by_group_of_people(outcomes).items()}
    ends: dict[str, int] = {}
    for outcome in outcomes:
        for end, number in outcome.ends.items():
            ends[end] = ends.get(end, 0) + number
    return {
        "policy": name,
        "towns": len(outcomes),
        **{measure: _rounded(values[measure]) for measure in MEASURES if measure in values},
        "minus_" + against: {measure: _rounded(differences[measure]) for measure in MEASURES if measure in differences},
        "worst_off_are": min(people, key=lambda group: people[group][1], default=None),
        "groups_of_people": people,
        "ends": dict(sorted(ends.items())),
    }


def _rounded(value: Interval) -> list[float | None]:
    """As JSON has it: a number that there is none of is null."""
    return [None if number != number else round(number, _DIGITS) for number in value]
