"""How far the services are behind: by the cursors of a data folder, or by what Kafka keeps for their groups."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.chassis.lag import Lag, summed
from services.chassis.settings import ChassisSettings
from services.cli.installation import EVERY_SERVICE, distributed_installation, embedded_installation, settings_for
from services.cli.output import progress

_CONSUMERS = tuple(name for name in EVERY_SERVICE if name != "intake")  # it consumes nothing, and is not to be had without the database


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
    with cluster(bootstrap) as there, distributed_installation(settings, _CONSUMERS) as running, progress("Asking Kafka"):
        services = running.services
        consumed = {name: services.service(name).consumes for name in services.names}
        return list(lagging.lags(there, bootstrap, consumed, services.clocks.wall.now()))


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
