"""What takes long and rests on all that its service knows begins only when the service knows it: its streams read, its view loaded."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.service import Service
from services.cli.installation import embedded_installation, settings_for


def too_early(service: Service[Any]) -> Iterator[str]:
    """Which long errands may begin before everything is known."""
    known = {*service.reads, *(service.view.streams if service.view else ())}
    for errand in service.long_errands:
        if missing := known - {*errand.reads_first}:
            yield f"{type(errand).__name__} does not wait for {', '.join(sorted(missing))}"


def test_a_long_errand_waits_for_every_stream_of_its_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOGETHER_REMATCH", "true")
    with embedded_installation(settings_for(tmp_path)) as running:
        services = running.services._services
        assert {name for name, service in services.items() if service.long_errands} == {"learning", "matcher"}
        assert [fault for service in services.values() for fault in too_early(service)] == []
        planted = replace(services["learning"], reads=("referrals", "places"))
    assert list(too_early(planted)) == ["LearnAtNight does not wait for places"]
