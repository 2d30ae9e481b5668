"""`together groups` over real files and a real data folder: what is listed, changed and refused, and what is said about it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.chassis.errors import NotFound, UserError
from services.cli.groups import app
from tests.integration.feed_town import BOWLS, CHESS, KNIT, ORGANISER, Town, counts


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_an_import_is_counted_and_the_same_again_is_unchanged(town: Town) -> None:
    first = town.imported(KNIT, CHESS)
    again = town.imported(KNIT, CHESS)

    assert (first.code, first.counts) == (0, counts(2, usable=2, added=2))
    assert (again.code, again.counts) == (0, counts(2, usable=2, unchanged=2))


def test_a_re_import_changes_only_what_changed_and_delists_what_is_gone(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)

    said = town.imported(KNIT, CHESS | {"cost": 2}, {"group_id": "go", "name": "Go Evening"})

    assert said.counts == counts(3, usable=3, added=1, changed=1, unchanged=1, delisted=1)
    assert town.listed() == ["chess", "go", "knit"]


def test_rows_that_cannot_be_used_are_reported_and_the_good_ones_come_in(town: Town) -> None:
    report = town.path / "report.jsonl"
    town.feed.write_text(json.dumps(KNIT) + '\n{"group_id": "x"}\nnot json\n' + json.dumps(CHESS) + "\n", encoding="utf-8")

    said = town.together("import", str(town.feed), "--report", str(report))

    assert (said.code, said.counts) == (0, counts(4, usable=2, added=2, rejected=2))
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(line["row"], line["field"], line["action"]) for line in lines] == [(2, "name", "rejected"), (3, "", "rejected")]
    assert {line["file"] for line in lines} == {str(town.feed)}
    assert all(line["reason"] for line in lines)
    assert "1  rejected  is missing" in said.err


def test_what_was_rejected_is_told_by_line_and_field_where_no_report_is_written(town: Town) -> None:
    town.feed.write_text('{"group_id": "x"}\n' * 25 + json.dumps(KNIT) + "\n", encoding="utf-8")

    said = town.together("import", str(town.feed)).err.splitlines()

    assert said[:2] == [f"{town.feed}:{row}: name: is missing" for row in (1, 2)]
    assert said[20:] == ["and 5 more; --report FILE keeps them all", "       25  rejected  is missing"]


@pytest.mark.parametrize("content", [None, "", "\x00\x01", "name,when\nChoir,Monday\n"])
def test_a_file_that_cannot_be_read_is_one_clear_line_and_changes_nothing(town: Town, content: str | None) -> None:
    town.imported(KNIT)
    other = town.path / "other.txt"
    if content is not None:
        other.write_text(content, encoding="utf-8")

    said = town.together("import", str(other), "--source", str(town.feed), "--yes")

    assert said.code == 1
    assert isinstance(said.error, UserError)
    assert "other.txt" in str(said.error)
    assert "\n" not in str(said.error)
    assert said.out == ""
    assert town.listed() == ["knit"]


def test_where_the_report_cannot_be_written_nothing_is_done(town: Town) -> None:
    town.has(KNIT)

    said = town.together("import", str(town.feed), "--report", str(town.path / "nowhere" / "report.jsonl"))

    assert isinstance(said.error, UserError)
    assert "report.jsonl cannot be written" in str(said.error)
    assert town.listed() == []


def test_hostile_values_in_fields_that_are_not_known_do_no_harm(town: Town) -> None:
    hostile = ['"\\ud800"', "NaN", "1e999", "9" * 60, "[" * 30 + "]" * 30, '{"\\udfff": [-Infinity]}', '"\\u0000"']
    rows = [f'{{"group_id": "g{number}", "name": "Group", "about": {value}}}' for number, value in enumerate(hostile)]
    town.feed.write_text("\n".join(rows) + "\n", encoding="utf-8")

    first, again = town.together("import", str(town.feed)), town.together("import", str(town.feed))

    assert (first.code, first.counts["added"]) == (0, len(hostile))
    assert (again.code, again.counts["unchanged"]) == (0, len(hostile))
    assert [line["group_id"] for line in town.together("export").lines] == [f"g{number}" for number in range(len(hostile))]


def test_an_export_is_the_group_file_without_contacts_and_is_imported_the_same(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)

    exported = town.together("export")
    again = town.path / "again.jsonl"
    again.write_text(exported.out, encoding="utf-8")
    elsewhere = town.together("import", str(again), data="elsewhere")

    assert [line["group_id"] for line in exported.lines] == ["bowls", "chess", "knit"]
    assert all("contact" not in line and "source" not in line for line in exported.lines)
    assert exported.lines[2]["website"] == "https://knit.example"
    assert (exported.lines[0]["access"], exported.lines[1]["access"]) == (None, [])
    assert elsewhere.counts == counts(3, usable=3, added=3)
    assert town.together("export", data="elsewhere").out == exported.out


def test_an_export_with_contact_has_the_contacts_and_comes_back_whole(town: Town) -> None:
    town.imported(KNIT, CHESS)

    exported = town.together("export", "--with-contact")
    again = town.path / "again.jsonl"
    again.write_text(exported.out, encoding="utf-8")

    assert [line.get("contact") for line in exported.lines] == [None, ORGANISER]
    assert town.together("import", str(again), "--source", str(town.feed)).counts == counts(2, usable=2, unchanged=2)


def test_a_position_off_the_earth_is_reported_and_never_exported(town: Town) -> None:
    said = town.imported(CHESS | {"latitude": 538.0})

    assert said.counts == counts(1, usable=1, added=1, repaired=1)
    [line] = town.together("export").lines
    assert (line["latitude"], line["longitude"]) == (None, None)


def test_a_group_is_shown_with_its_source_and_without_its_contact(town: Town) -> None:
    town.imported(KNIT)

    shown = json.loads(town.together("show", "knit").out)

    assert (shown["name"], shown["source"]) == ("Library Knitters", str(town.feed))
    assert shown["latitude"] is not None
    assert "contact" not in shown
    assert isinstance(town.together("show", "nobody").error, NotFound)


def test_no_contact_is_in_clear_in_the_folder_or_in_what_is_printed(town: Town) -> None:
    said = town.imported(KNIT, {"group_id": "bad", "name": "", "contact": ORGANISER}, options=("--report", str(town.path / "report.jsonl")))
    printed = said.out + said.err + town.together("list").out + town.together("show", "knit").out
    kept = b"".join(file.read_bytes() for file in (town.path / "data").rglob("*") if file.is_file())

    assert b"Library Knitters" in kept
    for detail in ORGANISER.values():
        assert detail not in printed
        assert detail not in (town.path / "report.jsonl").read_text(encoding="utf-8")
        assert detail.encode() not in kept


@pytest.mark.parametrize("command", ["import", "list", "show", "export"])
def test_every_command_helps_with_an_example(command: str) -> None:
    helped = CliRunner().invoke(app, [command, "--help"])

    assert helped.exit_code == 0
    assert f"Example: together groups {command}" in " ".join(helped.stdout.split())
