"""Every metric that dashboards may rely on is told by what is really composed, and no other."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from services.chassis.backlog import Backlog
from services.chassis.clock import SystemClock
from services.chassis.metrics import MetricName
from services.chassis.pump import Pump
from services.chassis.web.guard import guard, guard_of_a_monitored
from services.cli.installation import embedded_installation, settings_for
from services.cli.serving import compose
from services.cli.working import monitoring

NAMES = set(get_args(MetricName))
KEY = b"k" * 32


def families(app: FastAPI) -> dict[str, int]:
    """The families that `/metrics` tells, as a monitor reads them, and how many samples each has."""

    async def ask() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return (await client.get("/metrics", headers={"Authorization": "Bearer a-token"})).text

    told = text_string_to_metric_families(asyncio.run(ask()))
    return {family.name + ("_total" if family.type == "counter" else ""): len(family.samples) for family in told}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[FastAPI]:
    """What `together up` serves, over an empty folder."""
    with embedded_installation(settings_for(tmp_path)) as running:
        yield compose(running, Pump(running.services), guard("a-token", KEY, SystemClock()))


def test_together_up_tells_every_metric_and_no_other(embedded: FastAPI) -> None:
    assert families(embedded).keys() == NAMES


def test_nothing_is_told_to_wait_or_to_be_sent_in_an_empty_folder(embedded: FastAPI) -> None:
    told = families(embedded)
    assert told["together_oldest_unhandled_seconds"] == 6
    assert told["together_consumer_lag"] > 5
    assert told["together_outbox_waiting"] == told["together_relayed_total"] == 0


def test_a_service_of_its_own_tells_every_metric_that_is_its_to_tell(tmp_path: Path) -> None:
    gate = guard_of_a_monitored("a-token", KEY, SystemClock())
    with embedded_installation(settings_for(tmp_path)) as running:
        app = monitoring(running.services, gate, lambda: [Backlog("matcher", {"referrals": 1}, 2.0, 3)], lambda: True, lambda: True)
        assert families(app).keys() == NAMES - {"together_commands_waiting"}
