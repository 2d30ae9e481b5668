"""`together groups` over real files and a real data folder: what is listed, changed, delisted and refused, and what is said about it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.chassis.errors import NotFound, UserError
from services.cli.groups import app

ORGANISER = {"name": "Zebedee Quillfeather", "email": "zebedee@knitting.example", "phone": "01632 960471"}
KNIT: dict[str, Any] = {
    "group_id": "knit",
    "name": "Library Knitters",
    "tags": ["crafts"],
    "postcode": "LS6 3AA",
    "sessions": [{"weekday": "tue", "start": "14:00", "end": "16:00"}],
    "contact": ORGANISER,
    "website": "https://knit.example",
}
CHESS: dict[str, Any] = {"group_id": "chess", "name": "Chess for All", "latitude": 53.8, "longitude": -1.55, "access": []}
BOWLS: dict[str, Any] = {"group_id": "bowls", "name": "Park Bowls", "status": "paused"}


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str
    error: BaseException | None

    @property
    def counts(self) -> dict[str, int]:
        """The one JSON object on stdout."""
        counts: dict[str, int] = json.loads(self.out)
        return counts

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON Lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Town:
    """A data folder and a feed's file beside it."""

    def __init__(self, path: Path) -> None:
        self.path, self.feed = path, path / "feed.jsonl"

    def together(self, *words: str, data: str = "data") -> Said:
        """Run `together groups …` on the folder."""
        result = CliRunner().invoke(app, [*words, "--data", str(self.path / data)])
        return Said(result.exit_code, result.stdout, result.stderr, result.exception)

    def has(self, *groups: dict[str, Any]) -> None:
        """Let the feed hold these groups."""
        self.feed.write_text("".join(json.dumps(group) + "\n" for group in groups), encoding="utf-8")

    def imported(self, *groups: dict[str, Any], options: tuple[str, ...] = ()) -> Said:
        """Import the feed with these groups in it."""
        self.has(*groups)
        return self.together("import", str(self.feed), *options)

    def listed(self) -> list[str]:
        """The ids of what is listed."""
        return [group["group_id"] for group in self.together("list", "--format", "jsonl").lines]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def counts(read: int, **others: int) -> dict[str, int]:
    """The counts of an import, those that are not given 0."""
    fates = dict.fromkeys(("usable", "rejected", "repaired", "added", "changed", "unchanged", "delisted"), 0)
    return {"read": read, **fates, **others}


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


TORN = {
    "feed.jsonl": (json.dumps(KNIT) + "\n" + json.dumps(CHESS) + "\n" + json.dumps(BOWLS)[:-8] + "\n"),
    "in an id.csv": "group_id,name,description\nknit,Library Knitters,\nchess,Chess for All,\nbo",
    "in a quotation.csv": 'group_id,name,description\nknit,Library Knitters,\nchess,Chess for All,\nbowls,"Park Bo\n',
}


@pytest.mark.parametrize("name", TORN)
def test_of_a_feed_that_was_cut_off_nothing_is_delisted(town: Town, name: str) -> None:
    town.imported(KNIT, CHESS, BOWLS)
    (town.path / name).write_text(TORN[name], encoding="utf-8")

    said = town.together("import", str(town.path / name), "--source", str(town.feed))

    assert (said.code, said.counts["read"], said.counts["rejected"], said.counts["delisted"]) == (0, 3, 1, 0)
    assert "nothing was delisted" in said.err
    assert town.listed() == ["bowls", "chess", "knit"]


def test_of_a_table_that_ends_within_its_last_row_nothing_is_delisted(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)
    (town.path / "cut.csv").write_text("group_id,name,description\nknit,Library Knitters,\nchess,Chess", encoding="utf-8")

    said = town.together("import", str(town.path / "cut.csv"), "--source", str(town.feed))

    assert (said.counts["rejected"], said.counts["delisted"]) == (0, 0)
    assert "one row could not be read" in said.err


def test_where_a_row_cannot_be_read_what_is_gone_is_delisted_only_when_somebody_says_so(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)
    town.feed.write_text(f"{json.dumps(KNIT)}\n{json.dumps(BOWLS)}\nnot JSON\n", encoding="utf-8")

    said = town.together("import", str(town.feed))
    assert (said.counts["delisted"], "one row could not be read" in said.err) == (0, True)

    meant = town.together("import", str(town.feed), "--yes")
    assert (meant.counts["delisted"], "nothing was delisted" in meant.err) == (1, False)
    assert town.listed() == ["bowls", "knit"]


def test_a_group_whose_row_cannot_be_used_any_more_is_not_gone(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)

    said = town.imported(KNIT, BOWLS | {"name": ""})

    assert said.counts == counts(2, usable=1, unchanged=1, rejected=1, delisted=1)
    assert town.listed() == ["bowls", "knit"]


def test_a_row_without_an_id_is_no_group_that_is_gone(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)

    assert town.imported(KNIT, BOWLS, {"name": "Nobody knows"}).counts["delisted"] == 1
    assert town.listed() == ["bowls", "knit"]


def test_a_feed_that_lost_more_than_half_delists_nothing_without_yes(town: Town) -> None:
    town.imported(KNIT, CHESS, BOWLS)

    refused = town.imported(CHESS | {"cost": 2})
    assert (refused.code, refused.counts) == (1, counts(1, usable=1, changed=1))
    assert isinstance(refused.error, UserError)
    assert "2 of the 3 groups" in str(refused.error)
    assert "--yes" in str(refused.error)
    assert town.listed() == ["bowls", "chess", "knit"]

    meant = town.imported(CHESS, options=("--yes",))
    assert (meant.code, meant.counts) == (0, counts(1, usable=1, changed=1, delisted=2))
    assert town.listed() == ["chess"]


def test_a_feed_delists_only_its_own_groups_and_changes_no_others(town: Town) -> None:
    town.imported(KNIT, CHESS)

    said = town.imported(BOWLS, CHESS | {"name": "Not yours"}, options=("--source", "county", "--report", str(town.path / "report.jsonl")))

    assert (said.code, said.counts) == (0, counts(2, usable=1, added=1, rejected=1))
    [line] = [json.loads(line) for line in (town.path / "report.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (line["file"], line["row"], line["field"], line["action"]) == (str(town.feed), 2, "group_id", "rejected")
    assert line["reason"].endswith(": chess")
    shown = {group["group_id"]: (group["name"], group["source"]) for group in town.together("list").lines}
    assert shown["chess"] == ("Chess for All", str(town.feed))
    assert shown["bowls"] == ("Park Bowls", "county")
    assert town.listed() == ["bowls", "chess", "knit"]


def test_after_a_read_that_failed_in_part_nothing_is_delisted(town: Town) -> None:
    folder = town.path / "feed"
    folder.mkdir()
    for group in (KNIT, CHESS, BOWLS):
        (folder / f"{group['group_id']}.jsonl").write_text(json.dumps(group) + "\n", encoding="utf-8")
    town.together("import", str(folder))
    (folder / "bowls.jsonl").write_text("", encoding="utf-8")

    said = town.together("import", str(folder), "--yes")

    assert said.code == 0
    assert (said.counts["unchanged"], said.counts["delisted"]) == (2, 0)
    assert "nothing was delisted" in said.err
    assert town.listed() == ["bowls", "chess", "knit"]


def test_a_feed_without_one_usable_row_fails_and_delists_nothing_even_with_yes(town: Town) -> None:
    town.imported(KNIT)

    said = town.imported({"group_id": "knit"}, options=("--yes",))

    assert (said.code, said.counts) == (1, counts(1, rejected=1))
    assert isinstance(said.error, UserError)
    assert town.listed() == ["knit"]


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
