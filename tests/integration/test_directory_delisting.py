"""A group that its feed does not name any more is gone, unless the feed cannot have been read whole, or lost too much at once."""

import json
from pathlib import Path

import pytest

from services.chassis.errors import UserError
from tests.integration.feed_town import BOWLS, CHESS, KNIT, Town, counts


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


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
