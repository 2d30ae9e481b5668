"""`together match` on files that are not what they were taken for: told in one clear line, and never answered with nothing for everybody."""

import json
from pathlib import Path

import pytest

from tests.e2e.command_line import groups_file, referral, referrals_file, together


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


def array_of(lines: str) -> str:
    return "[\n" + ",\n".join(lines.splitlines()) + "\n]\n"


@pytest.mark.parametrize("name", ["r.jsonl", "r.json", "-"])
def test_a_json_array_of_referrals_is_one_message(tmp_path: Path, name: str) -> None:
    groups, file = groups_file(tmp_path / "g.jsonl", "bakers"), tmp_path / name
    body = array_of("\n".join(map(referral, range(30))))
    if name != "-":
        file.write_text(body)
    path = "-" if name == "-" else file
    for words in (("match", path, "--groups", groups), ("referrals", "import", path, "--data", tmp_path / "data")):
        ended = together(*words, stdin=body.encode())
        first, *after = ended.err.splitlines()
        assert (ended.code, "one object a line" in first, first.startswith(f"{path}:1: ")) == (1, True, True)
        assert len(after) <= 1


@pytest.mark.parametrize("name", ["g.jsonl", "g.json"])
def test_a_json_array_of_groups_is_one_message(tmp_path: Path, name: str) -> None:
    groups, referrals = groups_file(tmp_path / name, *map(str, range(30))), referrals_file(tmp_path / "r.jsonl", range(3))
    groups.write_text(array_of(groups.read_text()))
    for words in (("match", referrals, "--groups", groups), ("groups", "import", groups, "--data", tmp_path / "data")):
        ended = together(*words)
        assert (ended.code, ended.told_in_one_line()) == (1, True), ended
        assert "one object a line" in ended.err


def test_after_twenty_bad_lines_the_others_are_told_by_their_numbers_together(tmp_path: Path) -> None:
    groups = groups_file(tmp_path / "g.jsonl", "bakers")
    lines = ["{", referral(1)] * 25 + ["[", "[", referral(2)]
    ended = together("match", "-", "--groups", groups, stdin="\n".join(lines).encode())
    *each, more = ended.err.splitlines()
    assert (ended.code, len(ended.out.splitlines()), len(each)) == (1, 26, 20)
    assert more == "and 7 more lines: 41, 43, 45, 47, 49, 51-52"
