"""Builds the coordinator service."""

from pathlib import Path

from schemas.events.matches import NoMatchFound
from services.chassis.service import Service
from services.coordinator.groups_view import GroupsView
from services.coordinator.handlers import follow_cases
from services.coordinator.store import SqlCoordinatorStore


def coordinator(groups: GroupsView) -> Service[SqlCoordinatorStore]:
    """The service that holds the cases and the queue."""
    return Service(
        name="coordinator",
        store=SqlCoordinatorStore,
        migrations=Path(__file__).parent / "migrations",
        reads=("referrals", "matches"),
        opens={NoMatchFound: frozenset({"matching"})},
        may_open=frozenset({"details", "matching"}),
        handle=follow_cases,
        view=groups,
    )
