"""The matcher on Kafka and PostgreSQL, against a bare client that consumes, validates and produces the same records with no work in between.

One broker and one PostgreSQL that waits for its disk run beside it on the same machine. Both loops are processes of their own; what counts is
their own processor time, librdkafka's threads included and the servers' not, and the clock beside it. Then two and four copies of the matcher
share the same records, and a matcher starts with many groups in the compacted stream, first without a snapshot of its view and then with it.
"""

import argparse
import os
import resource
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, process_time, sleep

from confluent_kafka import Consumer
from sqlalchemy import Engine

from benchmarks.embedded_loop import BATCH, OPENS, SEED
from benchmarks.kafka_ground import BARE, Ground, fill, forget, ground, many_groups
from benchmarks.reference import Reference, keep, machine, reference
from models.ranker import packaged_prior
from models.registry import Registry
from models.town.groups import town_groups
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.codec import decode
from services.chassis.distributed import inbox, outbox
from services.chassis.distributed.databases import Databases
from services.chassis.distributed.reading import Ends, stored_of
from services.chassis.distributed.relay import producer_for, send
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.worker import Worker
from services.chassis.folder import DataFolder
from services.chassis.handling import collect_seldom
from services.chassis.running import Clocks
from services.chassis.settings import ChassisSettings
from services.matcher.app import matcher

ROUNDS = 3
PATIENCE = 900.0  # seconds


@dataclass(frozen=True)
class Measured:
    """Records through one or more processes: seconds by the clock and of their processors, and microseconds a record by stage."""

    records: int
    copies: int
    wall_seconds: float
    cpu_seconds: float
    stages_us: dict[str, float]

    @property
    def per_cpu_second(self) -> float:
        """Records for each second of processor time."""
        return self.records / self.cpu_seconds

    @property
    def per_second(self) -> float:
        """Records a second by the clock."""
        return self.records / self.wall_seconds


@dataclass(frozen=True)
class Cold:
    """A matcher's start: groups in the stream, seconds until it is ready, and its largest memory in MiB."""

    groups: int
    seconds: float
    cpu_seconds: float
    memory_mib: float


@dataclass(frozen=True)
class Result:
    """One whole run; `ratio` is the matcher's rate by the bare loop's, each per second of its own processor time, the median of three rounds."""

    bare: list[Measured]
    one: list[Measured]
    ratio: float
    several: list[Measured]
    cold: Cold | None
    again: Cold | None
    before: Reference
    after: Reference
    machine: dict[str, str]


def bare(bootstrap: str, records: int) -> Measured:
    """Consume, validate and produce `records` records of `referrals`, acknowledged after each batch; in a process of its own."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap, "group.id": f"bare-{os.getpid()}", "auto.offset.reset": "earliest", "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )  # fmt: skip
    producer = producer_for(bootstrap)
    consumer.subscribe(["referrals"])
    done = 0
    while not (first := consumer.consume(1, 1.0)):
        pass
    start, cpu = perf_counter(), process_time()
    messages = first
    while done < records:
        stored = [stored_of(message) for message in messages]
        for one in stored:
            decode(one.record)
        send(producer, [replace(one.record, stream=BARE) for one in stored])
        consumer.commit(asynchronous=False)
        done += len(stored)
        messages = consumer.consume(BATCH, 0.5) if done < records else []
    spent = Measured(done, 1, perf_counter() - start, process_time() - cpu, {})
    consumer.close()
    return spent


def match(settings: ChassisSettings, until: float) -> Measured:
    """One copy of the matcher until nothing is left or the time has come; what it took in, from its first batch on. In a process of its own."""
    running = _matcher(settings)
    worker = Worker(running, "matcher", lambda: None)
    worker.start()
    try:
        while not worker.ready and monotonic() < until:
            sleep(0.01)
        start, cpu, before = perf_counter(), process_time(), dict(running.timings.seconds)
        ends = Ends(running.bootstrap).of(["referrals"])
        while worker.alive and monotonic() < until and not _all_done(running.engine("matcher"), ends):
            sleep(0.05)
        assert worker.failure is None, worker.failure
        wall, spent = perf_counter() - start, process_time() - cpu
    finally:
        worker.stop()
    taken = sum(number for _, stream, number in running.tally.counted("taken") if stream == "referrals")
    stages: dict[str, float] = {stage: (seconds - before.get(stage, 0.0)) / max(taken, 1) * 1e6 for stage, seconds in running.timings.seconds.items()}
    running.close()
    return Measured(taken, 1, wall, spent, stages)


def _matcher(settings: ChassisSettings) -> Distributed:
    assert settings.kafka_bootstrap is not None
    clock = HandSetClock(OPENS)
    folder = DataFolder(settings.data)
    key = folder.key_encryption_key(make=False)
    running = Distributed(Databases(settings), settings.kafka_bootstrap, key, Clocks(clock, SystemClock()), views=folder.views)
    running.add(matcher(packaged_prior(), clock, Registry(Path("models"))))
    return running


def _all_done(engine: Engine, ends: dict[inbox.Partition, int]) -> bool:
    with engine.connect() as connection:
        read = inbox.positions(connection, ["referrals"])
        return all(read.get(place, 0) >= end for place, end in ends.items()) and not outbox.waiting(connection)


def start_cold(settings: ChassisSettings, groups: int) -> Cold:
    """A matcher's start until its view has caught up, and its view is kept for the next; in a process of its own."""
    collect_seldom()
    start, cpu = perf_counter(), process_time()
    running = _matcher(settings)
    feed = running.feed("matcher")
    while not feed.ready:
        sleep(0.01)
    feed.catch_up()
    spent = Cold(groups, perf_counter() - start, process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    while not (DataFolder(settings.data).views / "matcher.view").exists():
        sleep(0.01)
    running.close()
    return spent


def several(where: Ground, copies: int) -> Measured:
    """So many copies of the matcher over the same records."""
    forget(where)
    until, start = monotonic() + PATIENCE, perf_counter()
    with _processes(copies) as pool:
        started: list[Future[Measured]] = [pool.submit(match, where.settings, until) for _ in range(copies)]
        parts = [one.result() for one in started]
    wall = max(part.wall_seconds for part in parts)
    assert perf_counter() - start < PATIENCE, "not done in time"
    records = sum(part.records for part in parts)
    stages = {stage: sum(part.stages_us.get(stage, 0.0) * part.records for part in parts) / records for stage in parts[0].stages_us}
    return Measured(records, copies, wall, sum(part.cpu_seconds for part in parts), stages)


@contextmanager
def _processes(number: int) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(number, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        yield pool


def run(folder: Path, referrals: int, copies: Sequence[int], cold_groups: int) -> Result:
    """The whole measurement."""
    before = reference(folder)
    with ground(folder / "loop") as where:
        fill(where, referrals, town_groups(SEED))
        bares, ones = [], []
        for _ in range(ROUNDS):
            with _processes(1) as pool:
                bares.append(pool.submit(bare, where.bootstrap, referrals).result())
            ones.append(several(where, 1))
            _say(bares[-1], ones[-1])
        ratio = median(one.per_cpu_second / other.per_cpu_second for one, other in zip(ones, bares, strict=True))
        more = [several(where, number) for number in copies]
    cold = again = None
    if cold_groups:
        with ground(folder / "cold") as where:
            fill(where, 0, many_groups(cold_groups))
            with _processes(1) as pool:
                cold = pool.submit(start_cold, where.settings, cold_groups).result()
                again = pool.submit(start_cold, where.settings, cold_groups).result()
    return Result(bares, ones, ratio, more, cold, again, before, reference(folder), machine())


def _say(other: Measured, one: Measured) -> None:
    print(f"bare {other.per_cpu_second:,.0f} a CPU-second, {other.per_second:,.0f}/s; matcher {one.per_cpu_second:,.0f}, {one.per_second:,.0f}/s")


def show(result: Result) -> None:
    """Print what was measured."""
    print(f"a bare commit takes {result.before.commit_ms:.2f} ms before and {result.after.commit_ms:.2f} after;", end=" ")
    print(f"the fixed work {result.before.cpu_ms:.0f} and {result.after.cpu_ms:.0f} ms")
    print(f"the matcher's rate by the bare loop's, each per second of its own processor time: {result.ratio:.2f}")
    one = result.one[-1]
    total = one.cpu_seconds / one.records * 1e6
    print(f"{total:.0f} us of processor time a referral; by stage (by the clock, waits included):")
    for stage, spent in sorted(one.stages_us.items(), key=lambda item: -item[1]):
        print(f"  {stage:<8} {spent:7.1f} us")
    for some in (one, *result.several):
        print(f"{some.copies} copies: {some.per_second:,.0f} referrals/s by the clock, {some.per_cpu_second:,.0f} a CPU-second")
    for name, cold in (("first", result.cold), ("next", result.again)):
        if cold is None:
            continue
        print(f"{name} start with {cold.groups:,} groups: {cold.seconds:.1f} s ({cold.cpu_seconds:.1f} of the processor), {cold.memory_mib:,.0f} MiB")


def main() -> None:
    """Measure, print, and keep the result where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: python -m benchmarks.kafka_loop --referrals 20000")
    parser.add_argument("--referrals", type=int, default=20_000)
    parser.add_argument("--copies", type=int, nargs="*", default=[2, 4])
    parser.add_argument("--cold-groups", type=int, default=100_000, help="0 leaves the cold start out")
    parser.add_argument("--save", action="store_true", help="keep the result among those in the repository")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="together-kafka-loop-") as folder:
        result = run(Path(folder), told.referrals, told.copies, told.cold_groups)
    show(result)
    if told.save:
        keep("kafka_loop", result)


if __name__ == "__main__":
    main()
