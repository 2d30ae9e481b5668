"""What `together doctor` looks at where the services run over Kafka and PostgreSQL: the brokers, their topics, the tables, and the keys."""

from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from schemas.events.base import Purpose
from services.chassis.distributed.cluster import cluster
from services.chassis.distributed.databases import Databases
from services.chassis.errors import Transient, UserError
from services.chassis.folder import DataFolder
from services.chassis.keystore import TABLES, KeyStore
from services.chassis.provisioning import standings
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from services.cli.finding import Finding

_OPENED: Purpose = "details"


def look_at_services(settings: ChassisSettings) -> Iterator[Finding]:
    """Kafka, its topics, PostgreSQL's tables, and whether the key-encryption key opens what the key store holds."""
    yield _tried("Kafka", lambda: _look_at_topics(settings.kafka_bootstrap or ""), "see that TOGETHER_KAFKA_BOOTSTRAP names a broker that runs")
    yield _tried("PostgreSQL", lambda: _look_at_tables(settings), "see that TOGETHER_DATABASE_URL names a server that runs, and its owner")
    yield _tried("key-encryption key", lambda: _look_at_key(settings), "restore the key from its own backup; TOGETHER_KEY_FILE names its file")


def _tried(what: str, look: Callable[[], Finding], mend: str) -> Finding:
    try:
        return look()
    except (UserError, Transient) as fault:
        return Finding(what, False, str(fault).splitlines()[0], mend)
    except OperationalError as fault:
        return Finding(what, False, str(fault.orig).splitlines()[0], mend)


def _look_at_topics(bootstrap: str) -> Finding:
    with cluster(bootstrap) as there:
        wanted = there.wanted(None)
        wrong = [one for one in there.differences(wanted) if one.remedy != "leave"]
    said = f"{len(wanted)} topics" if not wrong else f"{len({one.topic for one in wrong})} topics are not as they should be"
    return Finding("Kafka", not wrong, said, "run `together streams apply --yes`; without --yes it says what differs")


def _look_at_tables(settings: ChassisSettings) -> Finding:
    found = standings(settings, migrations())
    behind = [one for one in found if one.behind]
    said = f"{len(found)} sets of tables at their newest" if not behind else f"{behind[0].schema}: {behind[0].tables} at {behind[0].at or 'nothing'}"
    return Finding("PostgreSQL", not behind, said, "run `together database upgrade`")


def _look_at_key(settings: ChassisSettings) -> Finding:
    """Open one person's key, as the coordinator may."""
    key, databases = DataFolder(settings.data, settings.key_file).key_encryption_key(make=False), Databases(settings)
    try:
        table, engine = TABLES[_OPENED], databases.keys_of("coordinator")
        with engine.connect() as connection:
            owner = connection.execute(select(table.c.owner).where(table.c.wrapped.is_not(None)).limit(1)).scalar()
        if owner is not None:
            KeyStore(engine, key).fetch(_OPENED, [owner])
    finally:
        databases.close()
    return Finding("key-encryption key", True, "it opens the key store" if owner is not None else "there; no key was made with it yet")
