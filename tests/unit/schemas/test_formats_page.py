"""`docs/formats.md` names every column that there is and no other, and each value in its tables is read, alike from JSON and from a cell."""

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from schemas.attendance import Attendance
from schemas.group import Group
from schemas.record import Record
from schemas.referral import Referral
from services.directory.feeds.source import read_feed
from services.intake.reading import read_referrals

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
IMPORT_NEEDS = {"referral_id", "person_id"}


class Column(NamedTuple):
    """A row of a table: the column's name, its value as JSON and as a cell, and what is said of it."""

    name: str
    value: Any
    cell: str
    says: str


def table(heading: str) -> list[Column]:
    """The rows below a heading; where the table has no cells, those are empty."""
    part = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("| `")]
    return [Column(name.strip("`"), json.loads(value.strip("`")), cell[0].strip("`") if cell else "", says) for name, value, *cell, says in rows]


def columns_of(record: type[Record], parent: str = "") -> dict[str, FieldInfo]:
    """A record's fields by their columns' names; those of an object in it, and not of a list, with a dot."""
    found: dict[str, FieldInfo] = {}
    for name, field in record.model_fields.items():
        inner = [kind for kind in get_args(field.annotation) if isinstance(kind, type) and issubclass(kind, Record)]
        if inner and get_origin(field.annotation) is not list:
            found |= columns_of(inner[0], f"{parent}{name}.")
        else:
            found[f"{parent}{name}"] = field
    return found


def nested(columns: Sequence[Column]) -> dict[str, Any]:
    """All values as one JSON object."""
    found: dict[str, Any] = {}
    for column in columns:
        parent, dot, name = column.name.partition(".")
        if dot:
            found.setdefault(parent, {})[name] = column.value
        else:
            found[parent] = column.value
    return found


def as_files(columns: Sequence[Column], folder: Path) -> tuple[Path, Path]:
    """The same record as JSON Lines and as CSV."""
    lines, sheet, written = folder / "file.jsonl", folder / "file.csv", io.StringIO()
    lines.write_text(json.dumps(nested(columns)) + "\n")
    csv.writer(written).writerows([[column.name for column in columns], [column.cell for column in columns]])
    sheet.write_text(written.getvalue())
    return lines, sheet


@pytest.mark.parametrize(("heading", "record"), [("Referrals", Referral), ("Groups", Group), ("Attendance", Attendance)])
def test_every_column_is_named_once_and_no_other(heading: str, record: type[Record]) -> None:
    assert sorted(column.name for column in table(heading)) == sorted(columns_of(record))


@pytest.mark.parametrize(("heading", "record"), [("Groups", Group), ("Attendance", Attendance)])
def test_what_is_needed_is_marked(heading: str, record: type[Record]) -> None:
    needed = {name for name, field in record.model_fields.items() if field.is_required()}
    assert {column.name for column in table(heading) if "**needed**" in column.says} == needed
    assert {column.name for column in table("Referrals") if "**an import needs it**" in column.says} == IMPORT_NEEDS


@pytest.mark.parametrize(("heading", "record"), [("Referrals", Referral), ("Groups", Group)])
def test_words_of_a_closed_set_are_all_named(heading: str, record: type[Record]) -> None:
    said = {column.name: column.says for column in table(heading)}
    words = {name: get_args(field.annotation) for name, field in columns_of(record).items() if get_origin(field.annotation) is Literal}
    assert words
    for name, allowed in words.items():
        assert set(re.findall(r"`(\w+)`", said[name])) == set(allowed)


def test_a_referral_is_the_same_from_both_files(tmp_path: Path) -> None:
    columns = table("Referrals")
    [[of_json], [of_csv]] = [list(read_referrals(file)) for file in as_files(columns, tmp_path)]
    assert (of_json.problems, of_csv.problems) == ((), ())
    assert of_json.referral is not None
    assert of_json.referral == of_csv.referral
    assert not of_json.referral.model_extra
    assert of_json.referral.model_fields_set == Referral.model_fields.keys()


def test_a_group_is_the_same_from_both_files(tmp_path: Path) -> None:
    columns = table("Groups")
    of_json, of_csv = [read_feed(str(file)) for file in as_files(columns, tmp_path)]
    assert (of_json.problems, of_csv.problems) == ((), ())
    assert of_json.groups == of_csv.groups
    [group] = of_json.groups
    assert not group.model_extra
    assert group == Group.model_validate(nested(columns))


def test_a_line_of_attendance_is_read() -> None:
    read = Attendance.model_validate(nested(table("Attendance")))
    assert read.model_fields_set == Attendance.model_fields.keys()
    assert not read.model_extra
