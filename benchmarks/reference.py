"""The machine at this hour: what a bare commit and a fixed piece of computing take, so that a slow hour shows as such beside what was measured."""

import json
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

import numpy as np

from services.chassis.database import open_database

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Reference:
    """The machine at this hour: milliseconds of one bare commit (median), and of processor time for a fixed loop (median of nine)."""

    commit_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Spread:
    """How long something took, in milliseconds: half of the times no longer than `p50`, 99 of 100 no longer than `p99`."""

    times: int
    p50: float
    p99: float


def reference(folder: Path) -> Reference:
    """Both references now, the commits in a file of their own in this folder."""
    return Reference(bare_commit_ms(folder), fixed_work_ms())


def bare_commit_ms(folder: Path, times: int = 200) -> float:
    """The median commit of one small row, with the pragmas of the data folder's own database."""
    engine = open_database(folder / "reference.sqlite3", writes=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS rows (number INTEGER)")
    spent = []
    for number in range(times):
        with engine.connect() as connection, connection.begin() as begun:
            connection.exec_driver_sql("INSERT INTO rows VALUES (?)", (number,))
            start = perf_counter()
            begun.commit()
            spent.append(perf_counter() - start)
    engine.dispose()
    return median(spent) * 1e3


def fixed_work_ms() -> float:
    """A loop of plain Python and one of NumPy, of which nothing ever changes."""
    numbers = np.arange(250_000, dtype=np.float64).reshape(500, 500)
    scratch = np.empty_like(numbers)  # with room of its own: how fast more is given depends on what was given back before

    def once() -> float:
        start = process_time()
        text: dict[str, int] = {}
        for number in range(40_000):
            text[str(number % 997)] = text.get(str(number % 991), 0) + number
        for _ in range(20):
            np.multiply(numbers, 1.5, out=scratch)
            np.sqrt(scratch, out=scratch)
            scratch.sort(axis=1)
            scratch.sum()
        return process_time() - start

    return median(once() for _ in range(9)) * 1e3


def spread(seconds: Sequence[float]) -> Spread:
    """Median and 99th percentile of at least two measurements."""
    return Spread(len(seconds), median(seconds) * 1e3, quantiles(seconds, n=100, method="inclusive")[98] * 1e3)


def machine() -> dict[str, str]:
    """What it was measured with."""
    return {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "numpy": np.__version__, "system": platform.platform()}


def keep(name: str, result: Any) -> None:
    """Keep a result, a dataclass, as JSON among those in the repository."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(asdict(result), indent=2) + "\n")
