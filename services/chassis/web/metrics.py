"""Numbers for a monitor in Prometheus's text format: counters and gauges, with labels from closed sets and never a person's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.chassis.telemetry import Tally, Timings

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its samples: labels and value."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]


def timings_metrics(timings: Timings) -> list[Metric]:
    """Where the services' time goes, by stage."""
    return [
        Metric("together_stage_seconds_total", "counter", "Seconds spent in a stage.", [({"stage": s}, v) for s, v in timings.seconds.items()]),
        Metric("together_stage_entered_total", "counter", "Times a stage was entered.", [({"stage": s}, v) for s, v in timings.entered.items()]),
    ]


def worker_metrics(service: str, tally: Tally) -> list[Metric]:
    """What one copy of a service has taken in and sent."""
    names = {
        "taken": ("together_events_taken_total", "Records of a stream dealt with."),
        "relayed": ("together_relayed_total", "Records moved from the outbox to a stream."),
        "dead": ("together_dead_letters_total", "Records refused and kept as dead letters."),
    }
    return [
        Metric(name, "counter", said, [({"service": service, "stream": s}, n) for (counted, s), n in list(tally.counted.items()) if counted == what])
        for what, (name, said) in names.items()
    ]


def exposition(metrics: Iterable[Metric]) -> str:
    """The metrics in the text format, version 0.0.4."""
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def _lines(metric: Metric) -> list[str]:
    head = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
    return head + [f"{metric.name}{_labels(labels)} {value!r}" for labels, value in metric.samples]


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
