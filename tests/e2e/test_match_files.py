"""`together match` on files that are not what they were taken for: told in one clear line, and never answered with nothing for everybody."""

import json
from pathlib import Path

import pytest

from tests.e2e.command_line import groups_file, referrals_file, together


@pytest.mark.parametrize("jointly", [(), ("--jointly",)])
def test_files_that_were_swapped_are_told_with_the_first_line_and_field(tmp_path: Path, jointly: tuple[str, ...]) -> None:
    groups, referrals = groups_file(tmp_path / "g.jsonl", "bakers", "chess"), referrals_file(tmp_path / "r.jsonl", range(3))
    ended = together("match", groups, "--groups", referrals, *jointly)
    assert (ended.code, ended.told_in_one_line()) == (1, True)
    assert f"{referrals}:1: group_id: " in ended.err
    assert "swapped" in ended.err


def test_a_file_of_groups_in_place_of_referrals_is_told_before_anything_is_proposed(tmp_path: Path) -> None:
    groups = groups_file(tmp_path / "g.jsonl", "bakers", "chess")
    ended = together("match", groups, "--groups", groups)
    assert (ended.code, ended.told_in_one_line()) == (1, True)
    assert f"{groups}:1: " in ended.err
    assert "swapped" in ended.err


def test_one_line_with_a_word_of_a_person_is_no_file_of_groups(tmp_path: Path) -> None:
    groups = groups_file(tmp_path / "g.jsonl", "bakers", "chess")
    lines = [{"group_id": "chess", "name": "Chess"}, {"group_id": "chess", "interests": "chess"}]
    ended = together("match", "-", "--groups", groups, stdin="\n".join(map(json.dumps, lines)).encode())
    assert (ended.code, len(ended.out.splitlines())) == (0, 2)
