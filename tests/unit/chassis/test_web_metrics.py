"""What is counted becomes families of the Prometheus client, each application's own; what is not known has no sample."""

from collections.abc import Iterable
from threading import Thread

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import Metric

from services.chassis.backlog import Backlog
from services.chassis.telemetry import Tally, Timings
from services.chassis.web.metrics import backlog_metrics, registry, tally_metrics, timings_metrics
from tests.unit.chassis.web_shell import BEARER, Shell


def told(families: Iterable[Metric]) -> list[str]:
    """The samples as a monitor reads them."""
    lines = generate_latest(registry([lambda: families])).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_stages_are_told_by_service_and_all_together() -> None:
    timings = Timings()
    for service in ("intake", "matcher"):
        with timings.of(service).stage("commit"):
            pass
    samples = told(timings_metrics(timings))
    assert [line.split(" ")[0] for line in samples] == [
        'together_stage_seconds_total{service="intake",stage="commit"}',
        'together_stage_seconds_total{service="matcher",stage="commit"}',
        'together_stage_entered_total{stage="commit"}',
    ]
    assert samples[-1].endswith(" 2.0")


def test_counts_are_told_by_service_and_stream_or_outcome() -> None:
    tally = Tally()
    tally.add("taken", "matcher", "referrals", 3)
    tally.add("taken", "matcher", "referrals", 4)
    tally.add("dead", "matcher", number=0)
    tally.add("commands", "intake", "refused")
    assert told(tally_metrics(tally)) == [
        'together_events_taken_total{service="matcher",stream="referrals"} 7.0',
        'together_commands_total{outcome="refused",service="intake"} 1.0',
    ]


def test_the_sizes_of_batches_are_a_histogram() -> None:
    tally = Tally()
    for size in (1, 10, 11, 500, 501):
        tally.batch("matcher", size)
    samples = dict(line.rsplit(" ", 1) for line in told(tally_metrics(tally)))
    of = 'together_batch_size_bucket{le="%s",service="matcher"}'
    bounds = ("1.0", "10.0", "50.0", "100.0", "250.0", "500.0", "+Inf")
    assert [samples[of % bound] for bound in bounds] == ["1.0", "2.0", "3.0", "3.0", "3.0", "4.0", "5.0"]
    assert samples['together_batch_size_count{service="matcher"}'] == "5.0"
    assert samples['together_batch_size_sum{service="matcher"}'] == "1023.0"


def test_what_is_not_known_has_no_sample_and_is_not_nothing() -> None:
    assert told(backlog_metrics([Backlog("matcher")])) == []
    assert told(backlog_metrics([Backlog("matcher", outbox=2)])) == ['together_outbox_waiting{service="matcher"} 2.0']
    assert told(backlog_metrics([Backlog("matcher", {"referrals": 0}, 0.0)])) == [
        'together_consumer_lag{service="matcher",stream="referrals"} 0.0',
        'together_oldest_unhandled_seconds{service="matcher"} 0.0',
    ]


def test_threads_that_count_at_once_lose_nothing() -> None:
    tally, timings = Tally(), Timings()

    def count() -> None:
        for _ in range(2_000):
            tally.add("taken", "matcher", "referrals")
            with timings.of("matcher").stage("handle"):
                pass

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.counted("taken") == [("matcher", "referrals", 8_000)]
    assert timings.entered["handle"] == 8_000


def test_two_applications_in_one_process_count_apart_and_nothing_is_registered_for_all() -> None:
    before = {family.name for family in REGISTRY.collect()}
    one, other = Shell(), Shell()
    one.get("/health/live")
    assert 'route="/health/live"' in one.get("/metrics", BEARER).text
    assert 'route="/health/live"' not in other.get("/metrics", BEARER).text
    assert {family.name for family in REGISTRY.collect()} == before
