"""What the coordinator's pages work with."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.coordinator.groups_view import GroupsView
from services.coordinator.store import SqlCoordinatorStore
from services.coordinator.web import Desk


@dataclass(frozen=True, slots=True)
class Office:
    """The cases to read, the groups, where commands are put, the domain clock, and the zone that times are told in."""

    reading: Callable[[], AbstractContextManager[SqlCoordinatorStore]]
    groups: GroupsView
    desk: Desk
    now: Callable[[], datetime]
    zone: ZoneInfo
