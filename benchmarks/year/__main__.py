"""Lives a year of the sample town and counts what was promised and not kept: ends with 1 where that is anything.

Usage: python -m benchmarks.year [--people 2000] [--days 400] [--seed 1]
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from benchmarks.year.living import Lived, Plan, live

PROMISES: Final[Mapping[str, Sequence[str]]] = {
    "sent out of hours": ("claimed out of hours", "an organiser asked out of hours"),
    "over one a day or three a week": ("a second a day", "a fourth a week", "an organiser asked twice a day"),
    "sent without consent": ("claimed without consent",),
    "sent after what stops it": (
        "claimed under a red flag", "claimed for a case that is over", "claimed for somebody erased", "claimed for a place that is lost",
        "claimed for a group that does not run", "claimed though something could not be read",
    ),
    "twice for one touch": ("claimed twice", "ended twice", "planned twice", "left twice", "cancelled after its claim"),
    "record and post differ": ("left and not recorded", "recorded and never left", "sent without a claim"),
    "silent, and no human told": ("no human was told of silent", "lost though nothing was asked"),
    "failed or worrying, and no human told": ("no human was told of message_failed", "no human was told of red_flag"),
}  # fmt: skip
"""Every promise by what the oracles call its being broken."""
SHOWN: Final = 20


def report(lived: Lived) -> Iterator[str]:
    """What came of it, in lines to read."""
    plan = lived.plan
    yield f"{plan.people:,} people, {plan.days} days from {plan.start.date()} (seed {plan.seed}), looked at {lived.looks:,} times by day and night"
    yield f"{lived.messages:,} messages sent, {lived.silences:,} silences of five days, {sum(lived.tasks.values()):,} tasks for humans opened:"
    yield from _table(lived.tasks)
    yield "the clocks changed: " + ", ".join(lived.clock_changes)
    yield "what went wrong:"
    yield f"  {'process ended and started again':<34}{lived.restarts:>8,}"
    yield from _table(lived.happened)
    yield "what became of touches, and what was answered:"
    yield from _table(lived.ends)
    yield "promises broken:"
    yield from _table(by_promise(lived.broken))
    yield from lived.broken[:SHOWN]


def by_promise(broken: Sequence[str]) -> dict[str, int]:
    """How often each promise was broken; what belongs to none of those named is counted too."""
    counted = {promise: sum(one.startswith(tuple(names)) for one in broken) for promise, names in PROMISES.items()}
    silent = sum(one.endswith("nobody was told of the silence") for one in broken)
    counted["silent, and no human told"] += silent
    return {**counted, "anything else": len(broken) - sum(counted.values())}


def _table(counts: Mapping[str, int]) -> Iterator[str]:
    rows = sorted(counts.items()) if isinstance(counts, Counter) else counts.items()
    yield from (f"  {name:<42}{number:>8,}" for name, number in rows)


def main() -> int:
    """Live it, print what came of it, and say whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    wall, cpu = perf_counter(), process_time()
    with tempfile.TemporaryDirectory(prefix="together-year-") as folder, (Path(folder) / "told").open("w") as told, redirect_stderr(told):
        lived = live(Plan(arguments.people, arguments.days, arguments.seed), Path(folder) / "data")
    for line in report(lived):
        print(line)
    print(f"lived in {perf_counter() - wall:,.0f} s, {process_time() - cpu:,.0f} s of processor time")
    return int(bool(lived.broken))


if __name__ == "__main__":
    sys.exit(main())
