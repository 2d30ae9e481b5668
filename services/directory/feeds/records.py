"""From loose values to a `Group`: whatever can be mended is mended and reported, and only a group without a usable id or name is refused."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.group import Group
from services.directory.feeds.fields import LISTS, LONGEST_LINE, MENDERS, UNKNOWN, Values
from services.directory.feeds.reading import Findings, Spot
from services.directory.feeds.text import one_line

DEEPEST = 32
_TRIES = 4
_ID = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


Origins = Mapping[str, tuple[Spot, str]]
"""Where a field of a group came from, and under which name, where that is not the group's own spot and name."""


def group_of(values: Mapping[str, Any], spot: Spot, findings: Findings, origins: Origins | None = None) -> Group | None:
    """Make a group of loose values (under the group's field names, of any type); None where it has no usable id or name."""
    came_from = origins or {}
    mended = dict(values)
    if fault := _fault_of_identity(mended):
        findings.rejected(*came_from.get(fault[0], (spot, fault[0])), fault[1])
        return None

    def note(field: str, reason: str) -> None:
        findings.repaired(*came_from.get(field, (spot, field)), reason)

    for mend in MENDERS:
        mend(mended, note)
    for _ in range(_TRIES):
        try:
            return Group.model_validate(mended)
        except ValidationError as invalid:
            for location, reason in _faults(invalid):
                note(".".join(map(str, location)), f"cannot be used, {UNKNOWN}: {reason}")
                _take_out(mended, location)
    findings.rejected(*came_from.get("group_id", (spot, "group_id")), "too many fields cannot be used")
    return None


def id_in(values: Mapping[str, Any]) -> str:
    """The id that loose values give a group, or "" where they give none."""
    group_id = values.get("group_id")
    return str(group_id).strip() if isinstance(group_id, str | int) and not isinstance(group_id, bool) else ""


def too_deep(value: object, deepest: int = DEEPEST) -> bool:
    """Whether objects and lists lie in one another more than `deepest` times."""
    level = [value]
    for _ in range(deepest):
        level = [inner for item in level for inner in _within(item)]
        if not level:
            return False
    return True


def _within(value: object) -> list[object]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in inner if isinstance(item, dict | list)]


def _fault_of_identity(values: Values) -> tuple[str, str] | None:
    """The field and the reason why this can be no group; an id that is a whole number becomes its text."""
    given, name = values.get("group_id"), values.get("name")
    values["group_id"] = group_id = id_in(values)
    if given is None or (isinstance(given, str) and not group_id):
        return "group_id", "is missing"
    if not _ID.fullmatch(group_id):
        return "group_id", "cannot be used as an id"
    return ("name", "is missing") if not isinstance(name, str) or not one_line(name, LONGEST_LINE).text else None


def _faults(invalid: ValidationError) -> list[tuple[tuple[int | str, ...], str]]:
    """Where the faults are and what they are, in a list the last item first, so that taking one out moves no other."""
    faults = {error["loc"][:2]: _told(error) for error in invalid.errors(include_url=False, include_context=False, include_input=False)}
    return sorted(faults.items(), key=lambda fault: [part if isinstance(part, int) else -1 for part in fault[0]], reverse=True)


def _told(error: ErrorDetails) -> str:
    return "not in the expected form" if error["type"] == "string_pattern_mismatch" else error["msg"][:1].lower() + error["msg"][1:]


def _take_out(values: Values, location: tuple[int | str, ...]) -> None:
    """Drop what is wrong: one item of a list, one part of the contact or the capacity, or the field."""
    field, part = str(location[0]), location[-1]
    whole = values.get(field)
    if field in LISTS and isinstance(whole, list) and isinstance(part, int):
        del whole[part]
    elif isinstance(whole, dict) and len(location) > 1 and part != "maximum":
        whole.pop(part, None)
    else:
        values.pop(field, None)
