"""Our own group files: JSON Lines, one group a line, and CSV with the group's field names as header."""

import re
from itertools import islice
from typing import Any, Final

from schemas.group import Group
from services.chassis.json_lines import LOOKED_AT, why_no_lines
from services.directory.feeds.csv_rows import Row, sheet_of
from services.directory.feeds.json_text import loaded
from services.directory.feeds.lines import Line, as_utf8, lines_of
from services.directory.feeds.reading import FeedUnreadable, Findings, Gathering, Problem, Spot
from services.directory.feeds.records import DEEPEST, group_of, id_in, too_deep

_PARTS: Final = ("capacity", "contact")


def read_jsonl(body: bytes, name: str, gathering: Gathering) -> None:
    """Read groups, one JSON object a line; blank lines are passed over. Raises `FeedUnreadable` for a document over several lines."""
    text = as_utf8(body, name)
    first = list(islice(lines_of(text), LOOKED_AT))
    if refusal := why_no_lines([line.text for line in first]):
        begin = next(line.number for line in first if line.text and line.text.strip())
        raise FeedUnreadable(f"{name}:{begin}: {refusal}")
    for line in lines_of(text):
        if line.text is None or line.text.strip():
            _take_line(line, Spot(name, line.number), gathering)


def _take_line(line: Line, spot: Spot, gathering: Gathering) -> None:
    findings = Findings()
    value = _value(line, spot, findings)
    if isinstance(value, dict):
        findings.include(Problem(*spot, "", reason, "repaired") for reason in line.reasons)
        gathering.add(spot, group_of(value, spot, findings), findings, id_in(value))
    else:
        gathering.report(findings)
        gathering.lose(1)


def _value(line: Line, spot: Spot, findings: Findings) -> dict[str, Any] | None:
    if line.text is None:
        findings.rejected(spot, "", line.reasons[0])
        return None
    try:
        value = loaded(line.text)
    except RecursionError:
        findings.rejected(spot, "", f"nested deeper than {DEEPEST}")
        return None
    except ValueError as error:
        findings.rejected(spot, "", f"not JSON: {str(error).split(':')[0].lower()}")
        return None
    if not isinstance(value, dict):
        findings.rejected(spot, "", "not an object")
    elif too_deep(value):
        findings.rejected(spot, "", f"nested deeper than {DEEPEST}")
    else:
        return value
    return None


def read_csv(body: bytes, name: str, gathering: Gathering) -> None:
    """Read groups, one a row; raises `FeedUnreadable` where no column holds the group's id or its name."""
    sheet = sheet_of(as_utf8(body, name), name)
    for needed in ("group_id", "name"):
        if needed not in sheet.columns:
            raise FeedUnreadable(f"{name}: line 1: there is no column {needed}")
    gathering.report(sheet.problems)
    gathering.lose(sheet.lost)
    gathering.not_read(int(sheet.cut_off))
    for row in sheet.rows:
        findings = Findings()
        findings.include(row.problems)
        values = _values(row)
        gathering.add(row.spot, group_of(values, row.spot, findings), findings, id_in(values))


def _values(row: Row) -> dict[str, Any]:
    """The row's cells as a group's values: blank cells are left out, `capacity.maximum` goes into `capacity`."""
    values: dict[str, Any] = {}
    for field, cell in row.values.items():
        part = re.fullmatch(rf"({'|'.join(_PARTS)})[._](\w+)", field)
        if not cell.strip():
            continue
        if part:
            inner = values.setdefault(part[1], {})
            values[part[1]] = {**(inner if isinstance(inner, dict) else {"maximum": inner}), part[2]: cell.strip()}
        elif field == "capacity" and isinstance(values.get("capacity"), dict):
            values["capacity"].setdefault("maximum", cell.strip())
        else:
            values.setdefault(field, cell)
    return values


def is_own_header(columns: tuple[str, ...]) -> bool:
    """Whether a CSV file's header is that of group files."""
    return "group_id" in columns or {"name", "sessions"} <= set(columns)


def is_own_record(value: object) -> bool:
    """Whether a JSON object is a group of ours."""
    return isinstance(value, dict) and "group_id" in value and bool(Group.model_fields.keys() & value.keys())
