"""How far the services are behind: by the cursors of a data folder, or by what Kafka keeps for their groups."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.events.base import StreamName
from schemas.streams import ServiceName
from services.chassis.clock import SystemClock
from services.chassis.dead_letters import retries_of
from services.chassis.lag import Lag, summed
from services.chassis.settings import ChassisSettings
from services.cli.installation import embedded_installation, settings_for
from services.cli.output import progress


def lags(data: Path | None, *, by_partition: bool) -> Iterator[dict[str, Any]]:
    """One line for each service and stream, or for each partition; a folder's streams have none.

    Raises:
        UserError: Kafka is set and does not answer, or a topic is not there.
    """
    settings = settings_for(data)
    if settings.distributed:
        found = _on_kafka(settings)
    else:
        with embedded_installation(settings) as running:
            found = running.services.lags()
    return (_told(lag) for lag in (found if by_partition else summed(found)))


def _on_kafka(settings: ChassisSettings) -> list[Lag]:
    from services.chassis.distributed import lagging
    from services.chassis.distributed.cluster import cluster

    bootstrap = settings.kafka_bootstrap or ""
    with cluster(bootstrap) as there, progress("Asking Kafka"):
        consumed = {name: (*reads, retries_of(name)) for name, reads in _reads().items()}
        return list(lagging.lags(there, bootstrap, consumed, SystemClock().now()))


def _reads() -> Mapping[ServiceName, Sequence[StreamName]]:
    """What each service consumes, without its store: only Kafka is asked."""
    from services.coordinator.app import READS as COORDINATOR
    from services.directory.app import READS as DIRECTORY
    from services.followup.app import READS as FOLLOWUP
    from services.learning.app import READS as LEARNING
    from services.matcher.app import READS as MATCHER

    return {"directory": DIRECTORY, "matcher": MATCHER, "coordinator": COORDINATOR, "followup": FOLLOWUP, "learning": LEARNING}


def _told(lag: Lag) -> dict[str, Any]:
    return {
        "service": lag.service,
        "stream": lag.stream,
        "partition": lag.partition,
        "end": lag.end,
        "committed": lag.committed,
        "lag": lag.lag,
        "oldest_seconds": None if lag.oldest is None else round(lag.oldest.total_seconds(), 1),
    }
