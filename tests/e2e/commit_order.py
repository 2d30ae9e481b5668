"""In which order the services' transactions were committed, by PostgreSQL's own word.

Every fact is noted with the moment at which its turn began, and that at which it was committed: by triggers on the outboxes, and by
`track_commit_timestamp`. PostgreSQL takes the time of a commit before it writes it to the disk, and nobody sees it until that is done: on a busy
disk some hundredths of a second later. So a turn of follow-up also notes, where it takes its first lane, which transactions it can see.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import URL, create_engine, text

from services.chassis.postgres import role_of
from services.chassis.provisioning import SERVICES
from tests.postgres_server import execute

SETTINGS: Final = ("track_commit_timestamp=on",)
"""What the server is to be started with."""

_TABLE: Final = """
    CREATE TABLE storm.written (service text, number bigint, id text, stream text, subject text, began timestamptz, transaction xid8, seen text)
"""
_LOOK: Final = """
    CREATE FUNCTION storm.pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF coalesce(current_setting('storm.seen', true), '') = '' THEN
            PERFORM set_config('storm.seen', pg_current_snapshot()::text, true);
        END IF;
        PERFORM pg_catalog.pg_advisory_xact_lock($1, $2);
    END $$
"""
"""Stands before PostgreSQL's own in the search path of the service whose turns are to note what they see."""
_LOOKS: Final = (
    "GRANT USAGE ON SCHEMA storm TO {role}",
    "ALTER ROLE {role} IN DATABASE {database} SET search_path = followup, storm, pg_catalog",
)
_NOTE: Final = """
    CREATE FUNCTION storm.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO storm.written
        SELECT TG_TABLE_SCHEMA, number, id, stream, subject, now(), pg_current_xact_id(), nullif(current_setting('storm.seen', true), '')
        FROM added;
        RETURN NULL;
    END $$
"""
_TRIGGER: Final = """
    CREATE TRIGGER noted AFTER INSERT ON {service}.outbox REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION storm.note()
"""
_WRITTEN: Final = """
    SELECT service, number, id, stream, subject, began, pg_xact_commit_timestamp(transaction::xid), transaction::text::bigint, seen FROM storm.written
"""


@dataclass(frozen=True, slots=True)
class Written:
    """One fact as its service committed it; `number` is its place in that service's outbox.

    `seen` is the snapshot with which a turn of follow-up began, as PostgreSQL writes it (lowest : next : under way).
    """

    service: str
    number: int
    id: str
    stream: str
    subject: str
    began: datetime
    committed: datetime
    transaction: int
    seen: str | None = None

    @property
    def under_way(self) -> set[int]:
        """The transactions that were not done when this turn began, though PostgreSQL may have given them the time of their commit."""
        return {int(number) for number in (self.seen or "").rpartition(":")[2].split(",") if number}


def watch(url: URL) -> None:
    """Have every fact noted that is committed from now on."""
    triggers = [_TRIGGER.format(service=service) for service in SERVICES]
    looks = [command.format(role=role_of("followup"), database=url.database) for command in _LOOKS]
    execute(url, "CREATE SCHEMA storm", _TABLE, _NOTE, *triggers, _LOOK, *looks)


def written(url: URL) -> list[Written]:
    """Every fact that was committed, in the order of the commits."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(_WRITTEN)).all()
    engine.dispose()
    return sorted((Written(*row) for row in rows), key=lambda one: (one.committed, one.number))


def moments(written: Sequence[Written], claims: Collection[str]) -> dict[str, datetime]:
    """When each fact happened, by its id: a claim when its turn began, any other when it could be seen: after every claim that did not see it."""
    found = {one.id: one.began if one.id in claims else one.committed for one in written}
    of = defaultdict[int, list[str]](list)
    for one in written:
        of[one.transaction].append(one.id)
    for claim in written:
        if claim.id in claims:
            unseen = [id_ for number in claim.under_way for id_ in of[number] if id_ not in claims]
            found.update((id_, max(found[id_], claim.began + timedelta(microseconds=1))) for id_ in unseen)
    return found


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
