"""Records to events a service may read: decoded one by one, its own purposes opened, what cannot be read told apart from the rest."""

from collections.abc import Callable, Sequence
from typing import ParamSpec

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.codec import decode, opened
from services.chassis.errors import Rejected
from services.chassis.log import Stored
from services.chassis.scribe import fetch_keys_to_open
from services.chassis.service import Opens
from services.chassis.telemetry import Timings
from services.chassis.vault import Vault

P = ParamSpec("P")

Refusal = tuple[Stored, str]
"""A record that cannot be read, and why."""


def open_records(stored: Sequence[Stored], vault: Vault, opens: Opens, timings: Timings) -> tuple[list[Event[Data]], list[Refusal]]:
    """The readable events in order, and the records that are not."""
    with timings.stage("decode"):
        decoded = [(one, _attempt(decode, one.record)) for one in stored]
    with timings.stage("keys"):
        fetch_keys_to_open(vault, (event for _, event in decoded if isinstance(event, Event)), opens)
    with timings.stage("open"):
        tried = [(one, event if isinstance(event, Rejected) else _attempt(_opened, event, vault, opens)) for one, event in decoded]
    events = [event for _, event in tried if isinstance(event, Event)]
    return events, [(one, str(event)) for one, event in tried if isinstance(event, Rejected)]


def _opened(event: Event[Data], vault: Vault, opens: Opens) -> Event[Data]:
    purposes = opens.get(type(event.data))
    return opened(event, vault, purposes) if purposes else event


def _attempt(work: Callable[P, Event[Data]], *args: P.args, **kwargs: P.kwargs) -> Event[Data] | Rejected:
    try:
        return work(*args, **kwargs)
    except Rejected as refusal:
        return refusal
