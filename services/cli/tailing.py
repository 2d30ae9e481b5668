"""Reads a stream out of a data folder from its start or its end, once or for as long as it is wanted."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

from schemas.streams import STREAMS
from services.chassis.codec import Record
from services.chassis.dead_letters import stream_of
from services.chassis.errors import UserError
from services.cli.installation import embedded_installation, settings_for

_AT_ONCE = 1_000
_LOOK_AGAIN = 0.1  # seconds


def records_of(stream: str, data: Path | None, *, from_start: bool, follow: bool) -> Iterator[Record]:
    """The records of a stream in their order.

    Raises:
        UserError: there is no such stream.
    """
    services = sorted({reader for known in STREAMS.values() for reader in known.readers})
    names = [*STREAMS, *(stream_of(service) for service in services)]
    if stream not in names:
        raise UserError(f"no stream is called {stream!r}; there are {', '.join(names)}")
    with embedded_installation(settings_for(data)) as running:
        position = 0 if from_start else running.services.end_of(stream)
        while True:
            stored = running.services.records(stream, position, _AT_ONCE)
            yield from (one.record for one in stored)
            position = stored[-1].position if stored else position
            if not stored and not follow:
                return
            if not stored:
                sleep(_LOOK_AGAIN)
