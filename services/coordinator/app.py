"""Builds the coordinator service."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from schemas.events.base import StreamName
from schemas.events.cases import TaskOpened
from schemas.events.follow_ups import FollowUpCancelled, ReplyReceived
from schemas.events.matches import NoMatchFound
from services.chassis.service import Fact, Service, one_by_one
from services.coordinator import commands, handlers
from services.coordinator.groups_view import GroupsView
from services.coordinator.settings import CoordinatorSettings
from services.coordinator.store import SqlCoordinatorStore
from services.coordinator.tasks import Periods

DecideOne = Callable[[Any, Any], Sequence[Fact]]

READS: tuple[StreamName, ...] = ("referrals", "groups", "matches", "places", "follow-ups", "outcomes", "cases")


def coordinator(groups: GroupsView) -> Service[SqlCoordinatorStore]:
    """The service that holds the cases and the queue, and decides about them."""
    settings = CoordinatorSettings()
    periods = periods_of(settings)
    return Service(
        name="coordinator",
        store=SqlCoordinatorStore,
        migrations=Path(__file__).parent / "migrations",
        reads=READS,
        opens={
            FollowUpCancelled: frozenset({"matching"}),
            NoMatchFound: frozenset({"matching"}),
            ReplyReceived: frozenset({"matching", "details"}),
            TaskOpened: frozenset({"details"}),
        },
        may_open=frozenset({"details", "matching"}),
        handle=partial(handlers.follow_cases, periods=periods),
        decides={kind: one_by_one(decide) for kind, decide in _decides(groups, periods, settings.time_zone).items()},
        due=partial(handlers.what_time_brings, periods=periods),
        view=groups,
    )


def periods_of(settings: CoordinatorSettings) -> Periods:
    """The periods that the settings ask for."""
    return Periods(
        duty_worker=settings.duty_worker,
        zone=ZoneInfo(settings.time_zone),
        red_flag=timedelta(hours=settings.red_flag_hours),
        working_days=settings.task_working_days,
        organiser_silent=timedelta(days=settings.organiser_silent_days),
    )


def _decides(groups: GroupsView, periods: Periods, zone: str) -> Mapping[type, DecideOne]:
    return {
        commands.ChooseGroup: partial(handlers.choose_group, find=groups.get, zone=zone),
        commands.DeclineGroups: partial(handlers.decline_groups, find=groups.get),
        commands.CloseCase: handlers.close_case,
        commands.ReopenCase: handlers.reopen_case,
        commands.RaiseFlag: handlers.raise_flag,
        commands.ClearFlags: handlers.clear_flags,
        commands.RecordAttendance: partial(handlers.record_attendance, find=groups.get, periods=periods),
        commands.DecideTogether: partial(handlers.decide_together, periods=periods),
        commands.AnswerForGroup: handlers.answer_for_group,
        commands.WriteNote: handlers.write_note,
        commands.OpenTask: partial(handlers.open_task, periods=periods),
        commands.CloseTask: handlers.close_task,
    }
