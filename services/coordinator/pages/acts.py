"""What can be done on a case's page: each form read into the command that it stands for, or into sentences about what is missing.

A form says what it does in its field `act`. A closed list takes its own codes and no others; every text has a limit.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.chassis.web.bodies import Form
from services.chassis.web.faults import Fault
from services.coordinator import commands
from services.coordinator.commands import Command
from services.coordinator.presenters.choices import WHY_CLOSED, WHY_DECLINED, WHY_FLAGGED

ALL: Final = ""
"""The group of a decline that means all of them."""

LONGEST: Final = {"note": 10_000, "text": 10_000, "what": 1_000, "name": 500}
TOGETHER: Final = {"ask": "asking", "yes": "together_yes", "no": "together_no", "apart": "apart"}
"""What may be decided about going together, and what the notice after it is called."""

_VERSIONS: Final = 1_000_000
_LATER: Final = time(17)
"""A task that is due on a day is due by the end of its working hours."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was asked for: a command's kind and its own fields, what the notice after it is called, and what is wrong with the form."""

    make: Callable[..., Command]
    fields: Mapping[str, Any]
    done: str
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Reader:
    """Reads the fields of one form, and notes what is wrong with them."""

    form: Form
    zone: ZoneInfo
    today: date
    faults: list[Fault] = field(default_factory=list)

    def text(self, name: str, missing: str | None = None) -> str | None:
        """Some words; `missing` is said where they are needed and there are none."""
        text, longest = self.form.get(name, "").replace("\r\n", "\n").strip(), LONGEST.get(name, LONGEST["name"])
        if not text and missing:
            self._wrong(name, missing)
        if len(text) > longest:
            self._wrong(name, f"Make this shorter: at most {longest:,} letters")
        return text or None

    def choice(self, name: str, offered: Collection[str], missing: str) -> str | None:
        """One of a closed list."""
        chosen = self.form.get(name, "")
        if chosen not in offered:
            self._wrong(name, missing)
        return chosen

    def version(self) -> int | None:
        """The number of the newest decision that was seen."""
        text = self.form.get("version", "")
        if not (text.isascii() and text.isdigit() and int(text[:8]) < _VERSIONS and len(text) < 8):
            self._wrong("", "This form is not whole. Open the case again")
            return None
        return int(text)

    def day(self, name: str) -> date | None:
        """A date, out of its own field or out of three for day, month and year; None where nothing is written."""
        parts = [self.form.get(f"{name}-{part}", "").strip() for part in ("year", "month", "day")]
        try:
            if self.form.get(name):
                return date.fromisoformat(self.form[name])
            return date(*(int(part) for part in parts)) if any(parts) else None
        except ValueError:
            self._wrong(f"{name}-day", "Enter a real date, for example 7 3 2026")
            return None

    def day_gone(self, name: str) -> date | None:
        """A date up to today, which is needed."""
        before = len(self.faults)
        day = self.day(name)
        if day is None and len(self.faults) == before:
            self._wrong(f"{name}-day", "Enter the date of the session")
        if day and day > self.today:
            self._wrong(f"{name}-day", "The date of the session must not lie ahead")
        return day

    def _wrong(self, name: str, said: str) -> None:
        self.faults.append(Fault(name, said))


def read_act(form: Form, now: datetime, zone: ZoneInfo) -> Act | None:
    """What a form asks for; None where no form of ours asks for such a thing."""
    read = _ACTS.get(form.get("act", ""))
    if read is None:
        return None
    reader = _Reader(form, zone, now.astimezone(zone).date())
    make, fields, done = read(reader)
    return Act(make, fields, done, tuple(reader.faults))


_Read = tuple[Callable[..., Command], dict[str, Any], str]


def _choose(form: _Reader) -> _Read:
    return commands.ChooseGroup, {"group_id": form.form.get("about", ""), "note": form.text("note"), "version": form.version()}, "chosen"


def _decline(form: _Reader) -> _Read:
    group_id = form.form.get("about", "") or None
    reason = form.choice("reason", WHY_DECLINED, "Choose why")
    return commands.DeclineGroups, {"group_id": group_id, "reason": reason, "note": form.text("note"), "version": form.version()}, "declined"


def _close(form: _Reader) -> _Read:
    reason = form.choice("reason", WHY_CLOSED, "Choose why the case is closed")
    return commands.CloseCase, {"reason": reason, "note": form.text("note"), "version": form.version()}, "closed"


def _reopen(form: _Reader) -> _Read:
    return commands.ReopenCase, {"note": form.text("note"), "version": form.version()}, "reopened"


def _flag(form: _Reader) -> _Read:
    return commands.RaiseFlag, {"reason": form.choice("reason", WHY_FLAGGED, "Choose what it is about"), "note": form.text("note")}, "flagged"


def _settle(form: _Reader) -> _Read:
    note = form.text("note", "Say what was done about it")
    name = form.text("name", "Enter your name")
    seen = frozenset(form.form.getlist("flag"))
    return commands.ClearFlags, {"note": note, "settled_by": name, "seen": seen, "version": form.version()}, "settled"


def _attendance(form: _Reader) -> _Read:
    came = form.choice("came", ("yes", "no"), "Say whether they came")
    fields = {"group_id": form.form.get("about", ""), "on": form.day_gone("on"), "attended": came == "yes"}
    return commands.RecordAttendance, fields, "came" if came == "yes" else "missed"


def _together(form: _Reader) -> _Read:
    answer = form.choice("answer", TOGETHER, "Say what it is to be") or ""
    return commands.DecideTogether, {"answer": answer, "pair_id": form.form.get("about", "")}, TOGETHER.get(answer, "")


def _note(form: _Reader) -> _Read:
    return commands.WriteNote, {"text": form.text("text", "Write the note"), "written_by": form.text("name", "Enter your name")}, "noted"


def _task(form: _Reader) -> _Read:
    what, due = form.text("what", "Say what is to be done"), form.day("due")
    due_at = datetime.combine(due, _LATER, form.zone) if due else None
    return commands.OpenTask, {"what": what, "due_at": due_at, "owner": form.text("name")}, "task"


def _task_done(form: _Reader) -> _Read:
    return commands.CloseTask, {"task_id": form.form.get("about", ""), "note": form.text("note", "Say what came of it")}, "done"


_ACTS: Final[Mapping[str, Callable[[_Reader], _Read]]] = {
    "choose": _choose,
    "decline": _decline,
    "close": _close,
    "reopen": _reopen,
    "flag": _flag,
    "settle": _settle,
    "attendance": _attendance,
    "together": _together,
    "note": _note,
    "task": _task,
    "task_done": _task_done,
}
