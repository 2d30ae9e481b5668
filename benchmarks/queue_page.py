"""How long a link worker waits for the queue and for a case when 20,000 cases are open, through the served application.

The sample town's groups are listed and its people referred again and again under other ids; then the pages and their machine-readable twins
are asked for over HTTP, one request at a time, while the services run. A bare commit and a fixed piece of computing are timed in the same run,
and each page is also told in fixed works, which hardly depend on the machine's hour.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Final

import httpx

from benchmarks.embedded_loop import BATCH, OPENS, SEED, commands
from benchmarks.reference import Reference, Spread, keep, machine, reference, spread
from models.town.groups import town_groups
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.embedded import Embedded
from services.chassis.pump import Pump
from services.chassis.web.guard import guard
from services.chassis.web.serving import Server, address, listen
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.serving import compose

ROUNDS: Final = 200
WARMING: Final = 5
PAGES_DEEP: Final = 20


@dataclass(frozen=True)
class Result:
    """One whole run: how long each page took, and its median in fixed works."""

    cases: int
    pages: dict[str, Spread]
    in_fixed_works: dict[str, float]
    before: Reference
    after: Reference
    machine: dict[str, str]


@contextmanager
def open_cases(folder: Path, cases: int) -> Iterator[Installation[Embedded]]:
    """An installation with so many cases waiting, every one with its proposal."""
    clock = HandSetClock(OPENS)
    with embedded_installation(settings_for(folder), clock) as running, running.services.folder.held():
        list_groups(running, "town", town_groups(SEED))
        running.services.start()
        work = commands(cases)
        for start in range(0, cases, BATCH):
            running.decide("intake", work[start : start + BATCH])
        running.services.settle()
        clock.run(SystemClock())
        yield running


@contextmanager
def served(running: Installation[Embedded]) -> Iterator[httpx.Client]:
    """A client of the served application, signed in."""
    folder = running.services.folder
    token = folder.api_token()
    gate = guard(token, folder.key_encryption_key(), running.services.clocks.wall, public_url=None, bound_to="127.0.0.1")
    pump = Pump(running.services)
    pump.start()
    with closing(listen("127.0.0.1", 0)) as listening:
        server = Server(compose(running, pump, gate), listening, lambda: None)
        thread = Thread(target=server.run_until_stopped, name="server")
        thread.start()
        try:
            with httpx.Client(base_url=address(listening), headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
            pump.stop()


def paths(client: httpx.Client) -> Mapping[str, Sequence[str]]:
    """What is asked for, by its name; of cases many different ones."""
    first, cases, cursor = client.get("/v1/queue", params={"limit": 200}).raise_for_status().json(), [], ""
    cases = [item["case_id"] for item in first["items"]]
    for _ in range(PAGES_DEEP):
        cursor = client.get("/v1/queue", params={"limit": 200, "cursor": cursor} if cursor else {"limit": 200}).json()["next"]
    return {
        "the queue (HTML, 25 cases)": ["/"],
        "the queue, 4,000 cases on": [f"/?cursor={cursor}"],
        "GET /v1/queue (50 cases)": ["/v1/queue?limit=50"],
        "GET /v1/queue (200 cases)": ["/v1/queue?limit=200"],
        "GET /v1/queue, of one state": ["/v1/queue?limit=50&state=proposed"],
        "a case (HTML)": [f"/cases/{case_id}" for case_id in cases],
        "GET /v1/queue/{id}": [f"/v1/queue/{case_id}" for case_id in cases],
    }


def measure(cases: int, rounds: int, folder: Path) -> Result:
    """The whole measurement: references, every page so many times in turn, references again."""
    before = reference(folder)
    with open_cases(folder / "data", cases) as running, served(running) as client:
        total = client.get("/v1/queue").raise_for_status().json()["total"]
        if total != cases:
            raise SystemExit(f"{cases} people were referred, and {total} cases are open")
        spent = {name: [_seconds(client, path) for path in islice(cycle(some), rounds + WARMING)] for name, some in paths(client).items()}
    after = reference(folder)
    fixed = (before.cpu_ms + after.cpu_ms) / 2
    pages = {name: spread(seconds[WARMING:]) for name, seconds in spent.items()}
    return Result(cases, pages, {name: one.p50 / fixed for name, one in pages.items()}, before, after, machine())


def _seconds(client: httpx.Client, path: str) -> float:
    start = perf_counter()
    client.get(path).raise_for_status()
    return perf_counter() - start


def report(result: Result) -> Iterator[str]:
    """The result in lines to read."""
    yield f"{result.cases:,} open cases, one request at a time:"
    for name, one in result.pages.items():
        yield f"  {name:<30} p50 {one.p50:7.1f} ms   p99 {one.p99:7.1f} ms   of {one.times}; p50 is {result.in_fixed_works[name]:.2f} fixed works"
    for name, taken in (("before", result.before), ("after", result.after)):
        yield f"{name}: a bare commit {taken.commit_ms:.2f} ms, the fixed work {taken.cpu_ms:.1f} ms"


def main() -> None:
    """Measure, print, and keep the result where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue_page", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--save", action="store_true", help="keep the result as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="together-bench-") as folder:
        result = measure(arguments.cases, arguments.rounds, Path(folder))
    for line in report(result):
        print(line)
    if arguments.save:
        keep("queue_page", result)


if __name__ == "__main__":
    main()
