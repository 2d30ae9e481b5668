"""What a monitor is told of services over a real Kafka and a real PostgreSQL, and while one of them is away."""

import threading
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import create_engine

from schemas.envelope import Event
from schemas.events.referrals import ReferralReceived
from services.chassis.backlog import Backlog
from services.chassis.codec import encode
from services.chassis.distributed.lag import Lag
from services.chassis.distributed.reading import Ends
from services.chassis.distributed.worker import Worker
from services.chassis.telemetry import Sizes
from tests.contract.sites import DistributedSite, refer
from tests.two_services import NOW

NOBODY_THERE = "127.0.0.1:9"


def worker(site: DistributedSite, name: str) -> Worker:
    """One of the workers that run."""
    [found] = [one for one in site.workers if one.name == name]
    return found


def looked(lag: Lag, until: Callable[[Backlog], bool] = lambda _: True) -> Backlog:
    """What is told by a lag whose thread runs, once it is what was expected."""
    thread = threading.Thread(target=lag.run)
    thread.start()
    try:
        DistributedSite.wait_until(lambda: until(lag.now()))
        return lag.now()
    finally:
        lag.stopping.set()
        thread.join()


def test_what_is_taken_in_sent_and_decided_is_counted_by_service(site: DistributedSite) -> None:
    refer(site, "ada", "bo", "")
    site.settle()
    tally = site.running.tally
    assert sorted(tally.counted("commands")) == [("intake", "done", 2), ("intake", "refused", 1)]
    assert ("matcher", "referrals", 2) in tally.counted("taken")
    assert set(tally.counted("relayed")) == {("intake", "referrals", 2), ("matcher", "matches", 2)}
    sizes: dict[str, Sizes] = dict(tally.sizes())
    assert sizes["matcher"].records == 2
    assert {service for service, _ in site.running.timings.services()} >= {"intake", "matcher"}
    # A look that Kafka answers late is left open, and the next one fills it.
    site.wait_until(lambda: worker(site, "matcher").backlogs() == [Backlog("matcher", {"referrals": 0, "matcher-retries": 0}, 0.0, 0)])
    site.wait_until(lambda: worker(site, "intake").backlogs() == [Backlog("intake", {}, 0.0, 0)])


def test_records_that_wait_are_told_with_their_age_over_the_partitions_that_this_copy_holds(site: DistributedSite) -> None:
    refer(site, "ada", "bo")
    site.settle()
    owner = f"matcher-of-{threading.get_ident()}"
    with site.running.engine("matcher").begin() as connection:
        connection.exec_driver_sql("UPDATE positions SET position = 0, owner = %s WHERE stream = 'referrals'", (owner,))
    lag = Lag("matcher", site.running.engine("matcher"), Ends(site.bootstrap, 5.0), owner, threading.Event(), lambda _: None)
    backlog = looked(lag, lambda told: bool(told.oldest))
    assert backlog.waiting == {"referrals": 2}
    assert backlog.oldest is not None
    assert 0 < backlog.oldest < 60
    lag = Lag("matcher", site.running.engine("matcher"), Ends(site.bootstrap, 5.0), "another copy", threading.Event(), lambda _: None)
    assert looked(lag).waiting == {}


def test_without_kafka_what_waits_there_is_left_open_and_nothing_stops(site: DistributedSite) -> None:
    refer(site, "ada")
    site.settle()
    failures: list[BaseException] = []
    owner = worker(site, "matcher")._lag.owner
    lag = Lag("matcher", site.running.engine("matcher"), Ends(NOBODY_THERE, 0.2), owner, threading.Event(), failures.append)
    assert looked(lag, lambda told: told.outbox is not None) == Backlog("matcher", outbox=0)
    assert failures == []


def test_without_postgresql_nothing_is_told_and_nothing_stops(site: DistributedSite) -> None:
    failures: list[BaseException] = []
    away = create_engine(f"postgresql+psycopg://nobody@{NOBODY_THERE}/nothing")
    lag = Lag("matcher", away, Ends(site.bootstrap), "a copy", threading.Event(), failures.append)
    assert looked(lag) == Backlog("matcher")
    assert failures == []


def test_a_fact_keeps_the_trace_of_its_cause_over_kafka_where_that_is_one(site: DistributedSite) -> None:
    given = f"00-{'4b' * 16}-{'00f0' * 4}-01"
    refer(site, "ada")  # so that there are keys to seal an answer with
    told = ReferralReceived(person="ada", case_id="case-ada", received_at=NOW)
    record = encode(Event("0199-1", "/elsewhere", NOW, told, "0199-1", traceparent=given), {})
    site.put(record)
    site.put(replace(record, id="0199-2", traceparent="one two three"))
    site.settle()
    answers = {one.record.causationid: one.record.traceparent for one in site.running.all_of("matches")}
    assert (len(answers), answers["0199-1"], answers["0199-2"]) == (3, given, None)
