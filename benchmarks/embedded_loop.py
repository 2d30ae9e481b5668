"""How many referrals a second go through the embedded loop, and where the time goes: intake, matcher and coordinator over one data folder.

The sample town's groups are listed through the directory service and its people referred again and again under other ids, their texts
already encoded. What the same referrals cost one commit at a time is set beside its bound on this disk, (work + commits) / work; a bare
commit and a fixed piece of computing are timed in the same run, so that a slow hour of the machine shows as such.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Connection, Engine, event

from benchmarks.reference import Reference, keep, machine, reference
from models.geography import locate
from models.ranker import packaged_prior
from models.registry import Registry
from models.text.encoder import Encoder
from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.referral import Referral
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.embedded import Embedded
from services.chassis.folder import DataFolder
from services.chassis.links import Links
from services.chassis.running import Clocks
from services.chassis.service import Service
from services.cli.installation import Installation, settings_for
from services.cli.listing import list_groups
from services.coordinator.app import coordinator
from services.coordinator.groups_view import GroupsView
from services.coordinator.reading import NEVER
from services.directory.app import directory
from services.intake.app import intake
from services.intake.domain import ReceiveReferral
from services.intake.preparing import Preparer
from services.intake.reading import canonical
from services.matcher.app import matcher

OPENS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BATCH = 500
ONE_BY_ONE = 500
PEOPLE = 2_000
SEED = 1


@dataclass
class Spent:
    """What was spent on some referrals: seconds by the clock and of the processor, stages in microseconds a referral, durable commits."""

    referrals: int
    wall_seconds: float
    cpu_seconds: float
    stages_us: dict[str, float]
    handle_us: dict[str, float]
    commits: int
    written_bytes: int
    referrals_per_second: float = field(init=False)
    referrals_per_cpu_second: float = field(init=False)

    def __post_init__(self) -> None:
        self.referrals_per_second = self.referrals / self.wall_seconds
        self.referrals_per_cpu_second = self.referrals / self.cpu_seconds


@dataclass(frozen=True)
class Result:
    """One whole run; `bound` is (work + commits) / work from the batched run's work and the bare commit, `ratio` what was measured.

    `referrals_per_fixed_work` is how many referrals take as much processor time as the fixed loop: it hardly depends on the machine's hour.
    """

    batched: Spent
    one_by_one: Spent
    before: Reference
    after: Reference
    bound: float
    ratio: float
    referrals_per_fixed_work: float
    machine: dict[str, str]


@dataclass
class Running:
    """An installation whose handlers are timed one by one."""

    embedded: Embedded
    handled: dict[str, float]
    commits: int = 0


@cache
def encoder() -> Encoder:
    """The packaged encoder."""
    return Encoder.load(remembered=PEOPLE)


def commands(referrals: int) -> list[ReceiveReferral]:
    """The town's people referred, round after round under other ids; every text is encoded once."""
    prepare = Preparer(encoder(), locate, HandSetClock(OPENS))
    town = list(town_referrals(min(PEOPLE, referrals), SEED, first_received=OPENS))
    once = [prepare.command(referral, b"") for referral in town]
    return [_again(command, number, prepare) for number, command in zip(range(referrals), cycle(once), strict=False)]


def _again(command: ReceiveReferral, number: int, prepare: Preparer) -> ReceiveReferral:
    ids = {"referral_id": f"R-{number:06d}", "person_id": f"P-{number:06d}"}
    referral: Referral = command.referral.model_copy(update=ids)
    sent = canonical(referral.model_dump(mode="json", exclude_none=True))
    return replace(command, referral=referral, content=sent, new_person=prepare.new_id(), new_case=prepare.new_id())


@contextmanager
def started(folder: Path) -> Iterator[Running]:
    """The services over an empty folder with the town's groups listed, pumping."""
    clock = HandSetClock(OPENS)
    embedded = Embedded(DataFolder(folder), Clocks(clock, SystemClock()))
    running, groups = Running(embedded, {}), GroupsView()
    for service in (
        intake(embedded.keys, clock),
        directory(clock, "Europe/London"),
        matcher(packaged_prior(), clock, Registry(Path("models"))),
        coordinator(groups),
    ):
        embedded.add(_timed(service, running.handled))
    links = Links(bytes(32), "http://127.0.0.1", clock)
    list_groups(Installation(settings_for(folder), embedded.folder, embedded, groups, links), "town", town_groups(SEED))
    embedded.start()
    embedded.settle()
    clock.run(SystemClock())
    with _counting_commits(running):
        yield running
    embedded.close()


def _timed(service: Service[Any], spent: dict[str, float]) -> Service[Any]:
    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def handle(*arguments: Any) -> Any:
            start = perf_counter()
            try:
                return work(*arguments)
            finally:
                spent[service.name] = spent.get(service.name, 0.0) + perf_counter() - start

        return handle

    decides = {command: timed(decide) for command, decide in service.decides.items()}
    return replace(service, handle=service.handle and timed(service.handle), decides=decides)


@contextmanager
def _counting_commits(running: Running) -> Iterator[None]:
    """Counts the commits that write something; one that does not costs no disk."""
    changes: dict[int, int] = {}

    def committed(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        running.commits += raw.total_changes != changes.get(id(raw), 0)
        changes[id(raw)] = raw.total_changes

    event.listen(Engine, "commit", committed)
    try:
        yield
    finally:
        event.remove(Engine, "commit", committed)


def spend(running: Running, work: Sequence[ReceiveReferral], batch: int) -> Spent:
    """Put the commands to intake in batches and let the services settle, after all of them or, one by one, after each."""
    embedded, timings = running.embedded, running.embedded.timings
    before, handled, commits, written = dict(timings.seconds), dict(running.handled), running.commits, _written()
    wall, cpu = perf_counter(), process_time()
    for start in range(0, len(work), batch):
        embedded.decide("intake", work[start : start + batch])
        if batch == 1:
            embedded.settle()
    embedded.settle()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    each = 1e6 / len(work)
    stages: dict[str, float] = {stage: (seconds - before.get(stage, 0.0)) * each for stage, seconds in timings.seconds.items()}
    handles = {name: (seconds - handled.get(name, 0.0)) * each for name, seconds in running.handled.items()}
    return Spent(len(work), wall, cpu, stages, handles, running.commits - commits, _written() - written)


def _written() -> int:
    """Bytes this process has sent to the disk so far, 0 where the system does not say."""
    counters = Path("/proc/self/io")
    lines = counters.read_text().splitlines() if counters.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))


def measure(referrals: int, folder: Path) -> Result:
    """The whole measurement: references, the batched run, the run of one commit per event, references again."""
    work = commands(referrals + ONE_BY_ONE)
    before = reference(folder)
    with started(folder / "data") as running:
        batched = spend(running, work[:referrals], BATCH)
        one_by_one = spend(running, work[referrals:], 1)
        _check(running.embedded, len(work))
    after = reference(folder)
    commit_us = (before.commit_ms + after.commit_ms) / 2 * 1e3
    work_us = batched.wall_seconds / referrals * 1e6 - batched.stages_us["commit"]
    bound = (work_us + commit_us * one_by_one.commits / ONE_BY_ONE) / work_us
    ratio = batched.referrals_per_second / one_by_one.referrals_per_second
    per_fixed_work = batched.referrals_per_cpu_second * (before.cpu_ms + after.cpu_ms) / 2e3
    return Result(batched, one_by_one, before, after, bound, ratio, per_fixed_work, machine())


def _check(embedded: Embedded, referrals: int) -> None:
    """A fast run that loses something is no result."""
    with embedded.reading("coordinator") as store:
        cases, waiting = store.count(None, NEVER), store.count("received", NEVER)
    if (cases, waiting, len(embedded.dead_letters())) != (referrals, 0, 0):
        raise SystemExit(f"{referrals} referrals went in; {cases} cases came out, {waiting} of them without an answer")


def report(result: Result) -> Iterator[str]:
    """The result in lines to read."""
    batched, single = result.batched, result.one_by_one
    for name, spent in (("batches of 500", batched), ("one commit per event", single)):
        each = spent.wall_seconds / spent.referrals * 1e6
        yield f"{name}: {spent.referrals} referrals in {spent.wall_seconds:.1f} s, {spent.cpu_seconds:.1f} s of processor time"
        rates = f"{spent.referrals_per_second:.0f} referrals/s by the clock, {spent.referrals_per_cpu_second:.0f}/s of processor time"
        yield f"  {rates}; {each:.0f} us each"
        yield f"  {spent.commits} commits, {spent.written_bytes / spent.referrals / 1e3:.1f} kB to disk a referral"
        for stage, us in [*sorted(spent.stages_us.items(), key=lambda item: -item[1]), ("other", each - sum(spent.stages_us.values()))]:
            yield f"    {stage:<8} {us:7.1f} us {us / each:6.1%}"
        yield "    handle is " + ", ".join(f"{service} {us:.1f} us" for service, us in spent.handle_us.items())
    yield f"one commit per event takes {result.ratio:.1f} times as long; its bound on this disk, (work + commits) / work, is {result.bound:.1f}:"
    yield "  what lies above the bound is work that a batch does once, and one event at a time does for each"
    yield f"{result.referrals_per_fixed_work:.1f} referrals take as much processor time as the fixed work"
    for name, taken in (("before", result.before), ("after", result.after)):
        yield f"{name}: a bare commit {taken.commit_ms:.2f} ms, the fixed work {taken.cpu_ms:.1f} ms"


def main() -> None:
    """Measure, print, and keep the result where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedded_loop", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--referrals", type=int, default=20_000)
    parser.add_argument("--save", action="store_true", help="keep the result as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="together-bench-") as folder:
        result = measure(arguments.referrals, Path(folder))
    for line in report(result):
        print(line)
    if arguments.save:
        keep("embedded_loop", result)


if __name__ == "__main__":
    main()
