"""What is asked for over HTTP, as records that are checked field by field, and the command that each stands for."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, Field, StrictBool, StringConstraints

from schemas.record import Code, Id, Line, Record, Text
from services.chassis.web.faults import Fault, Invalid
from services.coordinator.commands import (
    ChooseGroup,
    ClearFlags,
    CloseCase,
    CloseTask,
    Command,
    DecideTogether,
    DeclineGroups,
    OpenTask,
    RaiseFlag,
    RecordAttendance,
    ReopenCase,
    TogetherAnswer,
    WriteNote,
)

Action = Literal["choose", "decline", "close", "reopen", "flag", "clear_flag"]
Words = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
MakeCommand = Callable[..., Command]
_COMMANDS: Final[Mapping[Action, tuple[MakeCommand, tuple[str, ...]]]] = {
    "choose": (ChooseGroup, ("group_id", "note", "version")),
    "decline": (DeclineGroups, ("group_id", "reason", "note", "version")),
    "close": (CloseCase, ("reason", "note", "version")),
    "reopen": (ReopenCase, ("reason", "note", "version")),
    "flag": (RaiseFlag, ("reason", "note")),
    "clear_flag": (ClearFlags, ("note", "version", "seen")),
}


class Asked(Record):
    """What is asked for about a case."""

    @property
    @abstractmethod
    def command(self) -> MakeCommand:
        """The command that it stands for."""

    def fields(self) -> dict[str, Any]:
        """The command's own fields.

        Raises:
            Invalid: one is missing.
        """
        return {name: getattr(self, name) for name in type(self).model_fields}


class Decision(Asked):
    """Choose, decline, close, reopen, flag or clear flags; the same again changes nothing, anything but what stands is a 409.

    `version` is that of the newest decision that the caller saw, `flag_ids` are the open flags that they saw: without them all that are open are
    cleared.
    """

    action: Action
    group_id: Id | None = None
    reason: Code | None = None
    note: Text | None = None
    version: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    flag_ids: Annotated[tuple[Id, ...], Field(max_length=1_000)] | None = None

    @property
    def command(self) -> MakeCommand:
        """The command that this decision stands for."""
        return _COMMANDS[self.action][0]

    @property
    def seen(self) -> frozenset[str] | None:
        """The flags that the caller saw."""
        return None if self.flag_ids is None else frozenset(self.flag_ids)

    def fields(self) -> dict[str, Any]:
        """The command's own fields.

        Raises:
            Invalid: there is no group to choose.
        """
        if self.action == "choose" and self.group_id is None:
            raise Invalid([Fault("/group_id", "is needed to choose")])
        return {name: getattr(self, name) for name in _COMMANDS[self.action][1]}


class Attendance(Asked):
    """Whether the person came to a group on a date; a coordinator's word settles what others disagree on."""

    group_id: Id
    attended: StrictBool
    on: date

    @property
    def command(self) -> MakeCommand:
        """The command that it stands for."""
        return RecordAttendance


class GoingTogether(Asked):
    """Whether two people go together the first time: ask both, or apart; then what the case's person said, yes or no."""

    answer: TogetherAnswer
    pair_id: Id | None = None

    @property
    def command(self) -> MakeCommand:
        """The command that it stands for."""
        return DecideTogether


class NoteText(Asked):
    """A note on the case."""

    text: Words

    @property
    def command(self) -> MakeCommand:
        """The command that it stands for."""
        return WriteNote


class NewTask(Asked):
    """Something to do about the case; without `due_at` within the period that the settings name."""

    what: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    due_at: AwareDatetime | None = None
    owner: Line | None = None

    @property
    def command(self) -> MakeCommand:
        """The command that it stands for."""
        return OpenTask


class Closing(Asked):
    """What was done."""

    note: Text | None = None

    @property
    def command(self) -> MakeCommand:
        """The command that it stands for."""
        return CloseTask
