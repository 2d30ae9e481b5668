"""In which order the services' transactions were committed, by PostgreSQL's own word.

Every fact is noted with the moment at which its turn began, and that at which it was committed: by triggers on the outboxes, and by
`track_commit_timestamp`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import URL, create_engine, text

from services.chassis.provisioning import SERVICES
from tests.postgres_server import execute

SETTINGS: Final = ("track_commit_timestamp=on",)
"""What the server is to be started with."""

_TABLE: Final = """
    CREATE TABLE storm.written (service text, number bigint, id text, stream text, subject text, began timestamptz, transaction xid)
"""
_NOTE: Final = """
    CREATE FUNCTION storm.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO storm.written
        SELECT TG_TABLE_SCHEMA, number, id, stream, subject, now(), pg_current_xact_id()::xid FROM added;
        RETURN NULL;
    END $$
"""
_TRIGGER: Final = """
    CREATE TRIGGER noted AFTER INSERT ON {service}.outbox REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION storm.note()
"""
_WRITTEN: Final = "SELECT service, number, id, stream, subject, began, pg_xact_commit_timestamp(transaction) FROM storm.written"


@dataclass(frozen=True, slots=True)
class Written:
    """One fact as its service committed it; `number` is its place in that service's outbox."""

    service: str
    number: int
    id: str
    stream: str
    subject: str
    began: datetime
    committed: datetime


def watch(url: URL) -> None:
    """Have every fact noted that is committed from now on."""
    triggers = [_TRIGGER.format(service=service) for service in SERVICES]
    execute(url, "CREATE SCHEMA storm", _TABLE, _NOTE, *triggers)


def written(url: URL) -> list[Written]:
    """Every fact that was committed, in the order of the commits."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(_WRITTEN)).all()
    engine.dispose()
    return sorted((Written(*row) for row in rows), key=lambda one: (one.committed, one.number))


def waiting(url: URL) -> set[str]:
    """The ids of the facts that are still in an outbox."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {row[0] for service in SERVICES for row in connection.execute(text(f"SELECT id FROM {service}.outbox"))}
    engine.dispose()
    return found


def statuses(url: URL) -> dict[str, str]:
    """The status of every case as the coordinator's store has it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {row.case_id: str(row.status) for row in connection.execute(text("SELECT case_id, status FROM coordinator.cases"))}
    engine.dispose()
    return found
