"""What the coordinator makes of facts, of commands and of time."""

from services.coordinator.handlers.commands import (
    UnknownGroup,
    answer_for_group,
    choose_group,
    clear_flags,
    close_case,
    close_task,
    decide_together,
    decline_groups,
    open_task,
    raise_flag,
    record_attendance,
    reopen_case,
    write_note,
)
from services.coordinator.handlers.facts import follow_cases
from services.coordinator.handlers.time import what_time_brings

__all__ = [
    "UnknownGroup",
    "answer_for_group",
    "choose_group",
    "clear_flags",
    "close_case",
    "close_task",
    "decide_together",
    "decline_groups",
    "follow_cases",
    "open_task",
    "raise_flag",
    "record_attendance",
    "reopen_case",
    "what_time_brings",
    "write_note",
]
