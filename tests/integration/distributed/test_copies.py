"""Several copies of one service: what they share, and what a copy that lost its share can still do, which is nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from confluent_kafka import Message

from schemas.streams import PARTITIONS
from services.chassis.clock import SystemClock
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import ends_of, reader
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.taking import Taking
from services.chassis.distributed.worker import Worker
from services.chassis.handling import Handling
from services.chassis.telemetry import Tally, Timings
from tests.contract.sites import DistributedSite, letters, refer, subjects

EVERY: list[Partition] = [("referrals", number) for number in range(PARTITIONS)]


@dataclass
class Copy:
    """One copy of the matcher, led by hand."""

    site: DistributedSite
    name: str
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        running, wall = self.site.running, SystemClock()
        handling = Handling(running.service("matcher"), running.scribe("matcher"), running.feed("matcher"), wall, Timings())
        self.taking = Taking(handling, running.engine("matcher"), self.name, wall, Timings(), self.tally)


@pytest.fixture
def copies(site: DistributedSite) -> tuple[Copy, Copy]:
    return Copy(site, "first"), Copy(site, "second")


@pytest.fixture
def sent(site: DistributedSite) -> Callable[..., Sequence[Message]]:
    """Refers people, and returns the messages on Kafka as a consumer of the matcher gets them."""

    def send(*persons: str) -> Sequence[Message]:
        refer(site, *persons)
        intake = Worker(site.running, "intake", lambda: None)
        intake.start()
        site.wait_until(lambda: sum(1 for _ in site.running.all_of("referrals")) == len(persons))
        site.workers.append(intake)
        return list(messages_of(site.bootstrap, len(persons)))

    return send


def messages_of(bootstrap: str, number: int) -> Iterator[Message]:
    from confluent_kafka import OFFSET_BEGINNING, TopicPartition

    consumer = reader(bootstrap)
    consumer.assign([TopicPartition(*key, OFFSET_BEGINNING) for key in ends_of(consumer, ["referrals"])])
    found = 0
    while found < number:
        for message in consumer.consume(number, 5.0):
            found += 1
            yield message
    consumer.close()


def test_a_copy_that_lost_its_partitions_can_commit_nothing_for_them(
    site: DistributedSite, copies: tuple[Copy, Copy], sent: Callable[..., Sequence[Message]]
) -> None:
    first, second = copies
    messages = sent("ada", "bo")
    first.taking.hold(EVERY)
    second.taking.hold(EVERY)
    first.taking.take(messages)
    assert site.seen() == set()
    second.taking.take(messages)
    assert len(site.seen()) == 2
    first.taking.take(messages)
    assert first.tally.counted("taken") == []


def test_a_copy_reads_on_from_where_the_last_one_came(
    site: DistributedSite, copies: tuple[Copy, Copy], sent: Callable[..., Sequence[Message]]
) -> None:
    first, second = copies
    messages = sent("ada", "bo", "cy")
    first.taking.hold(EVERY)
    first.taking.take(messages[:2])
    held = second.taking.hold(EVERY)
    assert sum(held.values()) == 2
    second.taking.take(messages)
    assert len(site.seen()) == 3
    assert second.tally.counted("taken") == [("matcher", "referrals", 1)]


def test_what_is_left_of_a_batch_is_taken_by_a_copy_that_lost_the_other_part(
    site: DistributedSite, copies: tuple[Copy, Copy], sent: Callable[..., Sequence[Message]]
) -> None:
    first, second = copies
    messages = sent(*(f"person-{number}" for number in range(20)))
    numbers = sorted({int(message.partition() or 0) for message in messages})
    lost = [("referrals", number) for number in numbers[: len(numbers) // 2]]
    first.taking.hold(EVERY)
    second.taking.hold(lost)
    first.taking.take(messages)
    kept = [message for message in messages if ("referrals", message.partition()) not in lost]
    assert len(site.seen()) == len(kept) < 20
    second.taking.take(messages)
    assert len(site.seen()) == 20


def test_the_same_batch_again_after_a_commit_whose_answer_was_lost_changes_nothing(
    site: DistributedSite, copies: tuple[Copy, Copy], sent: Callable[..., Sequence[Message]]
) -> None:
    first, _ = copies
    messages = sent("ada", "bo")
    before = dict(first.taking.hold(EVERY))
    first.taking.take(messages)
    first.taking._positions = before  # as it stands in a process that never heard of its commit
    first.taking.take(messages)
    assert first.tally.counted("taken") == [("matcher", "referrals", 2)]
    assert len(site.seen()) == 2


def test_an_event_that_was_sent_twice_is_taken_in_once(site: DistributedSite) -> None:
    refer(site, "ada")
    site.settle()
    [stored] = site.running.all_of("referrals")
    site.put(stored.record)
    site.settle()
    assert subjects(site, "referrals") == ["ada", "ada"]
    assert subjects(site, "matches") == ["ada"]
    assert letters(site) == []


def test_two_copies_share_the_work_and_every_referral_is_answered_once(site: DistributedSite) -> None:
    site.work()
    other = site.open()
    second = Worker(other, "matcher", lambda: None)
    second.start()
    site.workers.append(second)
    site.wait_until(lambda: all(worker.ready for worker in site.workers))
    persons = [f"person-{number}" for number in range(200)]
    referred = 0

    def both_have_taken() -> bool:
        nonlocal referred
        if referred < len(persons):
            refer(site, *persons[referred : referred + 10])
            referred += 10
        return referred == len(persons) and _taken(site.running) > 0 and _taken(other) > 0

    site.wait_until(both_have_taken)
    site.settle()
    assert subjects(site, "matches") == sorted(persons)
    assert _taken(site.running) + _taken(other) == len(persons)
    other.close()


def _taken(running: Distributed) -> int:
    return sum(number for service, stream, number in running.tally.counted("taken") if (service, stream) == ("matcher", "referrals"))
