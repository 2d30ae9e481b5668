"""Builds the directory service."""

from functools import partial
from pathlib import Path

from schemas.events.base import StreamName
from services.chassis.clock import Clock
from services.chassis.service import Service, one_by_one
from services.directory.domain import DelistMissing, ListGroup, SetCapacity
from services.directory.handlers import answer_requests, delist_missing, list_groups, set_capacity
from services.directory.places.calendar import Calendar
from services.directory.settings import DirectorySettings
from services.directory.store import SqlDirectoryStore

READS: tuple[StreamName, ...] = ("place-requests",)


def directory(clock: Clock, time_zone: str) -> Service[SqlDirectoryStore]:
    """The service that alone lists groups and gives their places; `time_zone` is that of groups that do not say theirs."""
    lead = DirectorySettings().lead
    return Service(
        name="directory",
        store=SqlDirectoryStore,
        migrations=Path(__file__).parent / "migrations",
        reads=READS,
        keyed_by="group_id",
        may_open=frozenset({"group"}),
        makes_keys=frozenset({"group"}),
        handle=partial(answer_requests, calendar=lambda: Calendar(clock.now(), lead, time_zone)),
        decides={ListGroup: list_groups, SetCapacity: one_by_one(set_capacity), DelistMissing: one_by_one(delist_missing)},
    )
