"""The metrics that a monitor may rely on, by name: dashboards and alerts name no other (deploy/observability).

A metric's labels are from closed sets: a service, a stream, a stage, an outcome; never a person's id, a group's or a text.
"""

from typing import Literal

MetricName = Literal[
    # Counter by service and stream: records taken in and committed.
    "together_events_taken_total",
    # Histogram by service: records in one turn.
    "together_batch_size",
    # Gauge by service and stream: records that wait, over the partitions that this copy holds.
    "together_consumer_lag",
    # Gauge by service: seconds since the oldest record that waits was appended; 0 where none waits.
    "together_oldest_unhandled_seconds",
    # Counter by service: records put aside with a reason.
    "together_dead_letters_total",
    # Gauge by service: facts committed and not yet on their stream.
    "together_outbox_waiting",
    # Counter by service and stream: facts moved from the outbox to their stream.
    "together_relayed_total",
    # Counter by service and stage: seconds spent.
    "together_stage_seconds_total",
    # Counter by stage: times entered.
    "together_stage_entered_total",
    # Counter by service and outcome: commands decided.
    "together_commands_total",
    # Counter by service and outcome: promoted models taken up or refused.
    "together_models_total",
    # Gauge: commands put to the services and not answered yet.
    "together_commands_waiting",
    # Counter by route and status: requests answered.
    "together_http_requests_total",
    # Counter by route: seconds spent on answering them.
    "together_http_request_seconds_total",
]
