"""What the coordinator makes of facts, of commands and of time."""

from services.coordinator.handlers.commands import (
    UnknownGroup,
    answer_for_group,
    choose_group,
    clear_flags,
    close_case,
    close_task,
    decline_groups,
    open_task,
    raise_flag,
    record_attendance,
    reopen_case,
    write_note,
)
from services.coordinator.handlers.facts import follow_cases
from services.coordinator.handlers.time import ask_for_silent_organisers

__all__ = [
    "UnknownGroup",
    "answer_for_group",
    "ask_for_silent_organisers",
    "choose_group",
    "clear_flags",
    "close_case",
    "close_task",
    "decline_groups",
    "follow_cases",
    "open_task",
    "raise_flag",
    "record_attendance",
    "reopen_case",
    "write_note",
]
