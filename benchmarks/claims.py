"""How many planned touches a second pass the gate, and where the time goes: claimed and committed, handed to the port, recorded.

Each of the people has one touch due at the same moment, the words of the day before their session; everything else about them was done
before. It is measured with the outbox, which makes a file of every message durable, and with a port that costs nothing. A bare commit and a
fixed piece of computing are timed in the same run, so that a slow hour of the machine shows as such.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, ClassVar, Final, TypeVar

from benchmarks.reference import Reference, keep, machine, reference
from schemas.events.base import StreamName
from schemas.events.follow_ups import FollowUpSent
from schemas.events.places import PlaceHeld
from schemas.referral import Referral
from services.chassis.clock import HandSetClock
from services.chassis.links import Links
from services.chassis.service import Claimed, Errand, Fact
from services.followup.app import followup
from services.followup.domain.touches import MessageChannel
from services.followup.gateways import LOCAL_SENDER, LocalOutbox
from services.followup.messages import Delivery, Message, Port
from services.intake.domain import Reading, ReceiveReferral
from tests.integration.followup.town import ADA, LONDON, NOW, Say, Town, held_session, town

PEOPLE_A_GROUP: Final = 8
BATCH: Final = 500
T = TypeVar("T")


class NoPort:
    """Takes everything and does nothing."""

    repeatable = False

    def send(self, _message: Message) -> Delivery:
        """Taken."""
        return "sent"

    def was_sent(self, _touch_id: str) -> None:
        """Nobody can tell."""


@dataclass
class Timed:
    """An errand whose parts are timed; what its transactions take to commit is not in them."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ("referrals", "places", "groups")

    errand: Errand[Any]
    seconds: dict[str, float] = field(default_factory=dict)

    def claim(self, now: Any, store: Any) -> Claimed:
        """Claim, timed."""
        return self._timed("claim", lambda: self.errand.claim(now, store))

    def run(self, work: Sequence[Any]) -> Sequence[Any]:
        """Send, timed."""
        return self._timed("send", lambda: self.errand.run(work))

    def record(self, results: Sequence[Any], store: Any) -> Sequence[Fact]:
        """Record, timed."""
        return self._timed("record", lambda: self.errand.record(results, store))

    def _timed(self, part: str, work: Callable[[], T]) -> T:
        start = perf_counter()
        try:
            return work()
        finally:
            self.seconds[part] = self.seconds.get(part, 0.0) + perf_counter() - start


@dataclass(frozen=True)
class Spent:
    """What some touches took: seconds by the clock and of the processor, and microseconds a touch for each part."""

    touches: int
    wall_seconds: float
    cpu_seconds: float
    parts_us: dict[str, float]

    @property
    def a_second(self) -> float:
        """Touches a second by the clock."""
        return self.touches / self.wall_seconds


@dataclass(frozen=True)
class Result:
    """One whole run; `per_fixed_work` is how many touches take as much processor time as the fixed loop, by port."""

    by_port: dict[str, Spent]
    per_fixed_work: dict[str, float]
    before: Reference
    after: Reference
    machine: dict[str, str]


def place_people(there: Town, people: int) -> None:
    """Have so many people referred and hold a place for each, all at the same session."""
    for number in range(people // PEOPLE_A_GROUP + 1):
        there.list_group(f"group-{number}")
    embedded, session = there.embedded, held_session((NOW + timedelta(days=10)).astimezone(LONDON).replace(hour=14))
    for start in range(0, people, BATCH):
        numbers = range(start, min(start + BATCH, people))
        embedded.decide("intake", [_referral(number) for number in numbers])
        held = [PlaceHeld(**there._place(number, f"group-{number // PEOPLE_A_GROUP}", 1), session=session) for number in numbers]
        embedded.decide("directory", [Say(tuple(held))])
    embedded.settle()


def _referral(number: int) -> ReceiveReferral:
    sent = {"referral_id": f"REF-{number}", "person_id": f"P-{number}", "referrer": {"organisation": "Wendside"}, **ADA}
    referral = Referral.model_validate(sent)
    return ReceiveReferral(referral, referral.model_dump_json().encode(), Reading(), NOW, f"person-{number}", f"case-{number}")


def spend(folder: Path, people: int, ways_out: Mapping[MessageChannel, Port]) -> Spent:
    """Send what is due on the day before everybody's session, and measure that alone."""
    clock = HandSetClock(NOW)
    with town(folder, clock, lambda _: ways_out) as there:
        timed = _timed_sending(there, ways_out)
        place_people(there, people)
        sent = there.steps(FollowUpSent).count("day_before")
        clock.set(NOW + timedelta(days=9, hours=6))
        timed.seconds.clear()
        commits, wall, cpu = there.embedded.timings.seconds.get("commit", 0.0), perf_counter(), process_time()
        there.embedded.settle()
        wall, cpu = perf_counter() - wall, process_time() - cpu
        timed.seconds["commit"] = there.embedded.timings.seconds["commit"] - commits
        sent = there.steps(FollowUpSent).count("day_before") - sent
    if sent != people:
        raise SystemExit(f"{people} touches were due, {sent} were sent")
    return Spent(sent, wall, cpu, {part: seconds / sent * 1e6 for part, seconds in timed.seconds.items()})


def _timed_sending(there: Town, ways_out: Mapping[MessageChannel, Port]) -> Timed:
    """Put follow-up in again with its sending timed."""
    embedded, clock = there.embedded, there.clock
    outbox, links = LocalOutbox(there.folder / "data" / "outbox", clock, LOCAL_SENDER), Links(bytes(32), "https://together.example", clock)
    service = followup(ways_out, outbox.forget, links, clock, LONDON)
    timed = Timed(service.errands[0])
    embedded.add(replace(service, errands=(timed, *service.errands[1:])))
    embedded.start()
    return timed


def measure(people: int, folder: Path) -> Result:
    """The whole measurement: references, both ports, references again."""
    before, by_port = reference(folder), {}
    outbox = LocalOutbox(folder / "messages", HandSetClock(NOW), LOCAL_SENDER)
    for name, port in (("the outbox", outbox), ("a port that costs nothing", NoPort())):
        by_port[name] = spend(folder / name.replace(" ", "-"), people, {"sms": port, "email": port})
    after = reference(folder)
    fixed = (before.cpu_ms + after.cpu_ms) / 2e3
    return Result(by_port, {name: fixed * spent.touches / spent.cpu_seconds for name, spent in by_port.items()}, before, after, machine())


def report(result: Result) -> Iterator[str]:
    """The result in lines to read."""
    for name, spent in result.by_port.items():
        each = spent.wall_seconds / spent.touches * 1e6
        yield f"{name}: {spent.touches:,} touches in {spent.wall_seconds:.2f} s, {spent.cpu_seconds:.2f} s of processor time"
        yield f"  {spent.a_second:.0f} touches a second, claimed with the gate, sent and recorded; {each:.0f} us each"
        rest = each - sum(spent.parts_us.values())
        for part, us in [*sorted(spent.parts_us.items(), key=lambda item: -item[1]), ("the rest", rest)]:
            yield f"    {part:<8} {us:8.1f} us {us / each:6.1%}"
        yield f"  {result.per_fixed_work[name]:.0f} touches take as much processor time as the fixed work"
    for name, taken in (("before", result.before), ("after", result.after)):
        yield f"{name}: a bare commit {taken.commit_ms:.2f} ms, the fixed work {taken.cpu_ms:.1f} ms"


def main() -> None:
    """Measure, print, and keep the result where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--save", action="store_true", help="keep the result as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="together-bench-") as folder:
        result = measure(arguments.people, Path(folder))
    for line in report(result):
        print(line)
    if arguments.save:
        keep("claims", result)


if __name__ == "__main__":
    main()
