"""Has a service read its streams once more from an earlier moment on, so that its store becomes what they say; nothing is decided or sent again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from schemas.streams import STREAMS, ServiceName, group_of
from services.chassis.distributed import inbox
from services.chassis.distributed.databases import Databases
from services.chassis.distributed.inbox import Partition
from services.chassis.distributed.reading import Ends, every_record
from services.chassis.errors import Transient, UserError
from services.cli.installation import settings_for

_ANSWERED_WITHIN = 10.0  # seconds


def service_called(name: str) -> ServiceName:
    """The service of this name.

    Raises:
        UserError: there is none that reads streams.
    """
    there = {reader for stream in STREAMS.values() for reader in stream.readers}
    for one in there:
        if one == name:
            return one
    raise UserError(f"no service {name!r} reads streams; there are {', '.join(sorted(there))}")


def replay_into(service: ServiceName, since: str, streams: tuple[str, ...] = ()) -> dict[str, Any]:
    """Set the service's positions back; returns how many partitions are read again, and how many records.

    Raises:
        UserError: a copy of the service runs, a stream is not one that it reads, or the moment is none.
        Transient: Kafka does not answer.
    """
    settings = settings_for()
    if not settings.distributed or settings.kafka_bootstrap is None:
        raise UserError("TOGETHER_KAFKA_BOOTSTRAP and TOGETHER_DATABASE_URL say where Kafka and PostgreSQL are: set both")
    read = sorted(name for name, stream in STREAMS.items() if service in stream.readers)
    if unknown := set(streams) - set(read):
        raise UserError(f"the {service} does not read {', '.join(sorted(unknown))}; it reads {', '.join(read)}")
    bootstrap, databases = settings.kafka_bootstrap, Databases(settings)
    _refuse_while_running(bootstrap, service)
    chosen = streams or read
    starts = _starts(bootstrap, chosen, since)
    try:
        with databases.of(service).begin() as connection:
            before = inbox.positions(connection, chosen)
            ids = [
                one.record.id for one in every_record(bootstrap, chosen)
                if starts[one.record.stream, one.partition] <= one.position < before.get((one.record.stream, one.partition), 0)
            ]  # fmt: skip
            return {"service": service, "partitions": inbox.read_again(connection, starts, ids), "records": len(ids)}
    finally:
        databases.close()


def _refuse_while_running(bootstrap: str, service: ServiceName) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
    try:
        [described] = client.describe_consumer_groups([group_of(service)], request_timeout=_ANSWERED_WITHIN).values()
        members = described.result(_ANSWERED_WITHIN).members
    except (KafkaException, TimeoutError) as fault:
        if isinstance(fault, KafkaException) and fault.args[0].name() == "GROUP_ID_NOT_FOUND":
            return
        raise Transient("Kafka does not answer") from fault
    if members:
        raise UserError(f"{len(members)} of the {service}'s copies run: stop them first, and start them again afterwards")


def _starts(bootstrap: str, streams: Sequence[str], since: str) -> Mapping[Partition, int]:
    """The offset from which each partition is read again."""
    ends = Ends(bootstrap)
    if since == "beginning":
        return dict.fromkeys(ends.of(streams), 0)
    if since.isdecimal():
        return dict.fromkeys(ends.of(streams), int(since))
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise UserError(f"--from {since}: expected `beginning`, an offset, or a time such as 2026-11-01T08:00:00Z") from None
    if moment.tzinfo is None:
        raise UserError(f"--from {since}: the time needs a zone, such as 2026-11-01T08:00:00Z")
    return ends.at(streams, moment)
