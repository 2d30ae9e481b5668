"""Builds the directory service."""

from pathlib import Path

from services.chassis.service import Service, one_by_one
from services.directory.domain import DelistMissing, ListGroup
from services.directory.handlers import delist_missing, list_groups
from services.directory.store import SqlDirectoryStore


def directory() -> Service[SqlDirectoryStore]:
    """The service that alone lists groups, and makes the keys of their organisers' contacts."""
    return Service(
        name="directory",
        store=SqlDirectoryStore,
        migrations=Path(__file__).parent / "migrations",
        may_open=frozenset({"group"}),
        makes_keys=frozenset({"group"}),
        decides={ListGroup: list_groups, DelistMissing: one_by_one(delist_missing)},
    )
