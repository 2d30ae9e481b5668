"""How long a start takes with many groups: their directory taken up again from the file that a view keeps, laid out, and one referral answered.

The file is written first; a process of its own then starts from it. Seconds are of the processor, memory is the most that was resident, pages of
the file among it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Final

from benchmarks.country import Country
from benchmarks.ways_to_match import TODAY
from models.frozen import frozen, thawed
from models.matching import propose
from models.ranker import made_ready, packaged_prior
from services.chassis.snapshots import Snapshot, Snapshots

MADE_BY: Final = "benchmark"
START: Final = "--start"


def write(folder: Path, groups: int) -> int:
    """Writes the file; returns its bytes."""
    file = folder / "view"
    Snapshots(file, MADE_BY).write(Snapshot({}, frozen(Country().directory(groups))))
    return file.stat().st_size


def start(folder: Path, groups: int) -> dict[str, float]:
    """Starts from the file, and answers two people."""
    one, other = Country().people(2, groups)
    ranker, seconds = made_ready(packaged_prior()), dict[str, float]()
    before = _most_resident_mib()
    began = process_time()
    snapshot = Snapshots(folder / "view", MADE_BY).read()
    if snapshot is None:
        raise SystemExit("the file was not taken up")
    directory = thawed(snapshot.arrays)
    seconds["taken_up"] = process_time() - began
    propose([one], directory, ranker, today=TODAY)
    seconds["first_answer"] = process_time() - began
    propose([other], directory, ranker, today=TODAY)
    return seconds | {"second_answer": process_time() - began, "mib": _most_resident_mib(), "mib_before": before}


def _most_resident_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")  # `getrusage` tells of the process that this one came from too
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: python -m benchmarks.kept_directory --groups 1000000")
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument(START, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.start:
        print(json.dumps(start(asked.start, asked.groups)))
        return
    with tempfile.TemporaryDirectory() as folder:
        size = write(Path(folder), asked.groups)
        print(f"{asked.groups:,} groups: a file of {size / 2**20:,.0f} MiB", flush=True)
        again = [sys.executable, "-m", "benchmarks.kept_directory", "--groups", str(asked.groups), START, folder]
        print(subprocess.run(again, check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    main()
