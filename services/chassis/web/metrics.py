"""Numbers for a monitor: what the services count, as families of the Prometheus client, registered with one application and nowhere else.

A family is made from the counts when it is asked for, and has no sample where nothing is known.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from services.chassis.backlog import Backlog
from services.chassis.metrics import MetricName
from services.chassis.running import Running
from services.chassis.telemetry import BATCH_SIZES, Counted, Tally, Timings

Families = Callable[[], Iterable[Metric]]
"""Looks at the counts and makes families of them."""

Samples = Iterable[tuple[Sequence[str], float]]
"""The labels' values, and the number."""

_COUNTED: Final[tuple[tuple[Counted, MetricName, str, tuple[str, ...]], ...]] = (
    ("taken", "together_events_taken_total", "Records taken in and committed.", ("service", "stream")),
    ("relayed", "together_relayed_total", "Facts moved from the outbox to their stream.", ("service", "stream")),
    ("dead", "together_dead_letters_total", "Records put aside with a reason.", ("service",)),
    ("commands", "together_commands_total", "Commands decided.", ("service", "outcome")),
    ("models", "together_models_total", "Promoted models taken up or refused.", ("service", "outcome")),
)


class _Collecting(Collector):
    def __init__(self, families: Families) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The families as they stand."""
        return self._families()


def registry(families: Iterable[Families]) -> CollectorRegistry:
    """A registry of one application's own."""
    made = CollectorRegistry(auto_describe=False)
    for one in families:
        made.register(_Collecting(one))
    return made


def counter(name: MetricName, said: str, labels: Sequence[str], samples: Samples) -> Metric:
    """A counter with its samples."""
    family = CounterMetricFamily(name, said, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family


def gauge(name: MetricName, said: str, labels: Sequence[str], samples: Samples) -> Metric:
    """A gauge with its samples."""
    family = GaugeMetricFamily(name, said, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family


def families(running: Running, backlogs: Callable[[], Iterable[Backlog]]) -> tuple[Families, ...]:
    """What the services of this process count, and what waits for them."""
    return (partial(timings_metrics, running.timings), partial(tally_metrics, running.tally), lambda: backlog_metrics(backlogs()))


def timings_metrics(timings: Timings) -> list[Metric]:
    """Where the services' time goes, by stage."""
    spent = [((service, stage), seconds) for service, own in timings.services() for stage, seconds, _ in own.stages()]
    entered = [((stage,), times) for stage, _, times in timings.stages()]
    return [
        counter("together_stage_seconds_total", "Seconds spent in a stage.", ("service", "stage"), spent),
        counter("together_stage_entered_total", "Times a stage was entered.", ("stage",), entered),
    ]


def tally_metrics(tally: Tally) -> list[Metric]:
    """What the services of this process have taken in, sent and decided, and in how large batches."""
    counted = [
        counter(name, said, labels, [((service, label)[: len(labels)], number) for service, label, number in tally.counted(what)])
        for what, name, said, labels in _COUNTED
    ]
    return [*counted, _sizes(tally)]


def _sizes(tally: Tally) -> Metric:
    name: MetricName = "together_batch_size"
    family = HistogramMetricFamily(name, "Records in one turn.", labels=("service",))
    for service, sizes in tally.sizes():
        bounds = [(f"{bound}.0", float(count)) for bound, count in zip(BATCH_SIZES, sizes.up_to, strict=True)]
        family.add_metric((service,), [*bounds, ("+Inf", float(sizes.batches))], float(sizes.records))
    return family


def backlog_metrics(backlogs: Iterable[Backlog]) -> list[Metric]:
    """What waits for the services of this process; no sample of what is not known."""
    known = list(backlogs)
    waiting = [((one.service, stream), number) for one in known for stream, number in (one.waiting or {}).items()]
    oldest = [((one.service,), one.oldest) for one in known if one.oldest is not None]
    outbox = [((one.service,), one.outbox) for one in known if one.outbox is not None]
    return [
        gauge("together_consumer_lag", "Records that wait, over the partitions that this copy holds.", ("service", "stream"), waiting),
        gauge("together_oldest_unhandled_seconds", "Seconds for which the oldest record that waits has waited.", ("service",), oldest),
        gauge("together_outbox_waiting", "Facts committed and not yet on their stream.", ("service",), outbox),
    ]
