"""A broker and a durable PostgreSQL for measuring on, with groups and referrals on Kafka."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient

from benchmarks.embedded_loop import BATCH, SEED, commands
from models.town.groups import town_groups
from schemas.group import Group
from schemas.streams import PARTITIONS
from services.chassis.distributed import outbox
from services.chassis.distributed.relay import AT_ONCE, BYTES_AT_ONCE, producer_for, send
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.topics import topics_wanted
from services.chassis.folder import DataFolder
from services.chassis.postgres import open_as_owner, owner_url
from services.chassis.provisioning import provision
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from services.cli.installation import Installation, distributed_installation
from services.cli.listing import list_groups
from tests.kafka_brokers import Brokers
from tests.postgres_server import cluster, programs

BARE = "bare-loop"
"""The topic to which the bare loop writes."""


@dataclass(frozen=True)
class Ground:
    """The servers, and where everything is kept."""

    settings: ChassisSettings
    bootstrap: str


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A broker and a durable PostgreSQL with an empty installation."""
    binaries = programs()
    assert binaries is not None, "PostgreSQL's own programs are needed"
    with Brokers(1, folder / "kafka") as brokers, cluster(binaries, durable=True) as server:
        url = f"postgresql://{server.username}@{server.host}:{server.port}/together"
        settings = ChassisSettings(data=folder / "data", kafka_bootstrap=brokers.bootstrap, database_url=url)
        DataFolder(settings.data).key_encryption_key()
        provision(settings, migrations())
        make_topics(brokers.bootstrap, [*topics_wanted(replication=1)])
        yield Ground(settings, brokers.bootstrap)


def make_topics(bootstrap: str, names: Sequence[str]) -> None:
    """Make these topics, and the bare loop's own."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    told = {"num_partitions": PARTITIONS, "replication_factor": 1}
    client.create_topics(dict.fromkeys({*names, BARE}, told), wait_for_metadata=True)
    client.close()


def fill(where: Ground, referrals: int, groups: Sequence[Group]) -> None:
    """List the groups and refer so many people, everything on Kafka."""
    with distributed_installation(where.settings) as running:
        list_groups(running, "town", groups)
        for some in _batches(commands(referrals)):
            running.decide("intake", some)
        _relay_all(running)


def _relay_all(running: Installation[Distributed]) -> None:
    producer = producer_for(running.services.bootstrap)
    for name in ("directory", "intake"):
        with running.services.engine(name).connect() as connection:
            while rows := outbox.next_of(connection, AT_ONCE, BYTES_AT_ONCE):
                send(producer, [record for _, record in rows])
                outbox.remove(connection, [number for number, _ in rows])
                connection.commit()


def forget(where: Ground) -> None:
    """Have the matcher know nothing of what it took in, so that the same records are its first again."""
    engine = open_as_owner(owner_url(where.settings))
    with engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE matcher.person_facts, matcher.held_back, matcher.inbox, matcher.outbox, matcher.positions")
    engine.dispose()


def many_groups(number: int) -> list[Group]:
    """The town's groups again and again under other ids, each a little aside."""
    return [
        group.model_copy(update={"group_id": f"g{index:06d}", "latitude": _aside(group.latitude, index), "longitude": _aside(group.longitude, index)})
        for index, group in zip(range(number), cycle(town_groups(SEED)), strict=False)
    ]


def _aside(degrees: float | None, index: int) -> float | None:
    return None if degrees is None else degrees + (index % 997) * 1e-4


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
