"""Files that are broken or meant to break: every good row is taken in, every bad one is told, and nothing of a person is repeated."""

import gzip
import json
import random
import shutil
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.cli.report import MOST_TOLD
from tests.e2e.command_line import Ended, in_its_own_process, together
from tests.e2e.hostile import PLANTED, Sent, group_header, group_lines, group_table, header, referral_lines, referral_table

GROUP = b'{"group_id": "chess", "name": "Chess at the library", "description": "Boards and tea."}\n'
REFERRAL = b'{"referral_id": "R-1", "person_id": "P-1", "interests": "chess", "consent": {"match": true}}\n'
LONG = 50_000_000


def _file(path: Path, rows: Sequence[Sent], first: bytes = b"", end: bytes = b"\n") -> Path:
    path.write_bytes(first + b"".join(row.line + end for row in rows))
    return path


def _good(rows: Sequence[Sent]) -> list[str]:
    return [row.id for row in rows if row.id is not None]


def _report(path: Path) -> list[dict[str, Any]]:
    problems = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(problem.keys() == {"file", "row", "field", "reason", "action"} for problem in problems)
    return problems


def _rejected(problems: Sequence[dict[str, Any]]) -> set[int]:
    return {problem["row"] for problem in problems if problem["action"] == "rejected"}


def _lines_told_together(more: str) -> set[int]:
    """The lines of "and 21 more lines: 21-40, 43"."""
    spans = [span.partition("-") for span in more.partition(": ")[2].split(", ")]
    return {line for first, _, last in spans for line in range(int(first), int(last or first) + 1)}


def _nothing_is_told_of_anybody(*texts: str) -> None:
    for text in texts:
        assert PLANTED.casefold() not in text.casefold()
        assert "Traceback" not in text


def _listed(data: Path) -> set[str]:
    return {json.loads(line)["referral_id"] for line in together("referrals", "list", "--data", data).out.splitlines()}


@pytest.mark.parametrize("seed", range(4))
def test_good_referrals_come_in_beside_thousands_of_bad_lines(tmp_path: Path, seed: int) -> None:
    rows = referral_lines(random.Random(seed), 1_000)
    data, report = tmp_path / "data", tmp_path / "report.jsonl"
    ended = together("referrals", "import", _file(tmp_path / "referrals.jsonl", rows), "--data", data, "--report", report)
    good = _good(rows)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == {"read": len(rows), "accepted": len(good), "duplicate": 0, "rejected": len(rows) - len(good)}
    assert _rejected(_report(report)) == {number for number, row in enumerate(rows, 1) if not row.good}
    assert _listed(data) == set(good)
    _nothing_is_told_of_anybody(report.read_text(), (data / "together.log").read_text(), ended.said)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_good_referrals_come_in_beside_broken_rows_of_a_table(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = referral_table(random.Random(f"{delimiter}{encoding}"), 300, delimiter)
    data, report = tmp_path / "data", tmp_path / "report.jsonl"
    text = b"\r\n".join([header(delimiter), *(row.line for row in rows)]).decode()
    file = tmp_path / "referrals.csv"
    file.write_bytes(text.encode(encoding))
    ended = together("referrals", "import", file, "--data", data, "--report", report)
    good = _good(rows)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == {"read": len(rows), "accepted": len(good), "duplicate": 0, "rejected": len(rows) - len(good)}
    assert _listed(data) == set(good)
    assert len(_rejected(_report(report))) == len(rows) - len(good)
    _nothing_is_told_of_anybody(report.read_text(), (data / "together.log").read_text(), ended.said)


def test_good_groups_come_in_beside_bad_lines_and_no_organiser_is_named(tmp_path: Path) -> None:
    rows = group_lines(random.Random(5), 1_000)
    data, report = tmp_path / "data", tmp_path / "report.jsonl"
    ended = together("groups", "import", _file(tmp_path / "groups.jsonl", rows), "--data", data, "--report", report)
    counts, good = json.loads(ended.out), _good(rows)
    assert ended.code == 0
    assert (counts["read"], counts["usable"], counts["added"], counts["rejected"]) == (len(rows), len(good), len(good), len(rows) - len(good))
    assert _rejected(_report(report)) == {number for number, row in enumerate(rows, 1) if not row.good}
    listed = [json.loads(line) for line in together("groups", "list", "--data", data).out.splitlines()]
    assert {group["group_id"] for group in listed} == set(good)
    _nothing_is_told_of_anybody(report.read_text(), (data / "together.log").read_text(), ended.said)
    for public in (json.dumps(listed), together("groups", "export", "--data", data).out):
        assert f"{PLANTED} Oakes" not in public
        assert f"{PLANTED}@" not in public


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_good_groups_come_in_beside_broken_rows_of_a_table(tmp_path: Path, delimiter: str) -> None:
    rows = group_table(random.Random(delimiter), 400, delimiter)
    data, report, file = tmp_path / "data", tmp_path / "report.jsonl", tmp_path / "groups.csv"
    file.write_bytes(b"\n".join([group_header(delimiter), *(row.line for row in rows)]))
    ended = together("groups", "import", file, "--data", data, "--report", report)
    counts, good = json.loads(ended.out), _good(rows)
    assert (ended.code, counts["usable"], counts["rejected"]) == (0, len(good), len(rows) - len(good))
    listed = {json.loads(line)["group_id"] for line in together("groups", "list", "--data", data).out.splitlines()}
    assert listed == set(good)
    _nothing_is_told_of_anybody(report.read_text(), (data / "together.log").read_text(), ended.said)


def test_match_answers_every_good_line_in_its_order_and_names_the_others(tmp_path: Path) -> None:
    rows = [row for row in referral_lines(random.Random(6), 1_000) if b'"referral_id"' in row.line and b'"person_id"' in row.line]
    groups = tmp_path / "groups.jsonl"
    groups.write_bytes(GROUP)
    ended = together("match", _file(tmp_path / "referrals.jsonl", rows), "--groups", groups)
    *each, more = ended.err.splitlines()
    told = {int(line.split(":")[1]) for line in each} | _lines_told_together(more)
    assert len(each) == MOST_TOLD
    assert ended.code == 1
    answered = {number for number, _ in enumerate(rows, 1)} - told
    assert [json.loads(line)["referral_id"] for line in ended.out.splitlines() if json.loads(line)["referral_id"] is not None] == _good(rows)
    assert len(ended.out.splitlines()) == len(answered)
    _nothing_is_told_of_anybody(ended.err)


def test_a_file_read_again_is_known_and_changed_content_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    rows = [Sent(row.line, row.id) for row in referral_lines(random.Random(7), 200) if row.good]
    data, file = tmp_path / "data", tmp_path / "referrals.jsonl"
    together("referrals", "import", _file(file, rows), "--data", data)
    again = json.loads(together("referrals", "import", file, "--data", data).out)
    assert again == {"read": len(rows), "accepted": 0, "duplicate": len(rows), "rejected": 0}
    changed = [Sent(row.line.replace(b'"age": 47', b'"age": 48'), row.id) for row in rows]
    ended = together("referrals", "import", _file(file, changed), "--data", data)
    assert json.loads(ended.out)["rejected"] == len(rows)
    assert ended.code == 1
    assert "other content" in ended.err
    _nothing_is_told_of_anybody(ended.err)


WHOLE_FILES: dict[str, tuple[bytes, int, int, int]] = {
    # what is in it, and how each of the three commands ends: referrals import, groups import, match
    "empty": (b"", 0, 1, 0),
    "only a byte order mark": (b"\xef\xbb\xbf", 0, 1, 0),
    "blank lines": (b"\n \r\n\t\n", 0, 1, 0),
    "zeros": (b"\0" * 4_096, 0, 1, 0),
    "random bytes": (random.Random(8).randbytes(20_000), 1, 1, 1),
    "a picture": (b"\x89PNG\r\n\x1a\n" + random.Random(9).randbytes(500), 1, 1, 1),
    "a packed file": (gzip.compress(REFERRAL), 1, 1, 1),
    "a database": (b"SQLite format 3\0" + b"\1" * 2_000, 1, 1, 1),
    "a web page": (b"<!doctype html><title>Sign in</title><p>Your session has ended.", 1, 1, 1),
    "brackets without end": (b"[" * 200_000, 1, 1, 1),
    "objects without end": (b'{"a":' * 200_000, 1, 1, 1),
    "a number": (b"17\n", 1, 1, 1),
    "a list": (b"[" + REFERRAL.strip() + b"]", 1, 1, 1),
    "columns of something else": (b"surname,telephone\nOakes,0123\n", 1, 1, 1),
    "a header alone": (b"referral_id,person_id,interests\n", 0, 1, 0),
    "ten thousand columns": (b",".join(b"referral_id" for _ in range(10_000)) + b"\n1\n", 1, 1, 1),
}


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_file_that_is_something_else_ends_with_a_clear_line(tmp_path: Path, name: str) -> None:
    body, *codes = WHOLE_FILES[name]
    file, groups, data = tmp_path / "file", tmp_path / "groups.jsonl", tmp_path / "data"
    file.write_bytes(body)
    groups.write_bytes(GROUP)
    commands = (("referrals", "import", file, "--data", data), ("groups", "import", file, "--data", data), ("match", file, "--groups", groups))
    for words, code in zip(commands, codes, strict=True):
        ended = together(*words)
        assert ended.code == code, ended
        assert code == 0 or str(file) in ended.err.splitlines()[-1]
        assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("referrals", "import", "HERE", "--data", "DATA"),
        ("referrals", "import", "HERE/none.jsonl", "--data", "DATA"),
        ("referrals", "import", f"HERE/{'n' * 300}", "--data", "DATA"),
        ("referrals", "import", "HERE/good.jsonl", "--data", "DATA", "--report", "HERE/none/report.jsonl"),
        ("groups", "import", "HERE/none.jsonl", "--data", "DATA"),
        ("groups", "import", "HERE/good.jsonl", "--data", "DATA", "--report", "HERE/none/report.jsonl"),
        ("groups", "import", "HERE/empty", "--data", "DATA"),
        ("match", "HERE", "--groups", "HERE/groups.jsonl"),
        ("match", "HERE/none.jsonl", "--groups", "HERE/groups.jsonl"),
        ("match", "HERE/good.jsonl", "--groups", "HERE/none"),
        ("match", "HERE/good.jsonl", "--groups", "HERE/groups.jsonl", "--model", "HERE/none"),
        ("match", "HERE/good.jsonl", "--groups", "ftp://directory.example/groups"),
    ],
    ids=lambda words: " ".join(words)[:60],
)
def test_what_is_not_there_is_told_in_one_line_and_nothing_is_done(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "good.jsonl").write_bytes(REFERRAL)
    (tmp_path / "groups.jsonl").write_bytes(GROUP)
    (tmp_path / "empty").mkdir()
    data = tmp_path / "data"
    ended = together(*(word.replace("HERE", str(tmp_path)).replace("DATA", str(data)) for word in words))
    assert ended.code == 1
    assert ended.told_in_one_line(), ended
    assert _listed(data) == set()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nonsense",),
        ("referrals", "import"),
        ("referrals", "import", ""),
        ("referrals", "import", "x", "--format", "xml"),
        ("groups", "import", ""),
        ("match", "x"),
        ("match", "x", "--groups", ""),
        ("match", "x", "--groups", "y", "--top", "0"),
        ("person", "erase"),
        ("referrals", "show", "\udcff"),
        ("person", "erase", "a\ud800b"),
    ],
    ids=ascii,
)
def test_wrong_usage_ends_with_two(words: tuple[str, ...]) -> None:
    ended = together(*words)
    assert ended.code == 2
    assert "Traceback" not in ended.said


def test_a_line_of_fifty_megabytes_costs_itself_alone_and_little_memory(tmp_path: Path) -> None:
    file, data = tmp_path / "file", tmp_path / "data"
    file.write_bytes(b'{"interests": "' + b"x" * LONG + b'"}\n' + REFERRAL)
    together("referrals", "import", tmp_path / "none", "--data", data)  # so that only the reading is measured
    tracemalloc.start()
    ended = together("referrals", "import", file, "--data", data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert json.loads(ended.out) == {"read": 2, "accepted": 1, "duplicate": 0, "rejected": 1}
    assert f"{file}:1: " in ended.err
    assert most < LONG / 2
    table = tmp_path / "table.csv"
    table.write_bytes(header() + b"\n" + b"y" * LONG + b"\nR-2,P-2,chess,47,yes,,,en,\n")
    assert json.loads(together("referrals", "import", table, "--data", data).out) == {"read": 2, "accepted": 1, "duplicate": 0, "rejected": 1}


def test_a_group_of_fifty_megabytes_costs_itself_alone(tmp_path: Path) -> None:
    file, data = tmp_path / "groups.jsonl", tmp_path / "data"
    file.write_bytes(b'{"group_id": "long", "name": "' + b"x" * LONG + b'"}\n' + GROUP)
    counts = json.loads(together("groups", "import", file, "--data", data).out)
    assert (counts["read"], counts["usable"], counts["rejected"]) == (2, 1, 1)


def test_standard_input_is_read_as_a_file_is(tmp_path: Path) -> None:
    rows = referral_lines(random.Random(10), 200)
    body = b"\n".join(row.line for row in rows)
    inside = together("referrals", "import", "-", "--data", tmp_path / "one", stdin=body)
    outside = in_its_own_process("referrals", "import", "-", "--data", tmp_path / "two", stdin=body)
    assert inside == outside
    assert json.loads(outside.out)["accepted"] == len(_good(rows))


def test_in_a_process_of_its_own_every_end_is_the_same(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", referral_lines(random.Random(11), 300)
    _file(tmp_path / "referrals.jsonl", rows)
    (tmp_path / "groups.jsonl").write_bytes(GROUP)
    (tmp_path / "random").write_bytes(random.Random(12).randbytes(5_000))
    commands: Sequence[tuple[Sequence[str | Path], int]] = (
        (("referrals", "import", tmp_path / "referrals.jsonl", "--data", data), 0),
        (("match", tmp_path / "referrals.jsonl", "--groups", tmp_path / "groups.jsonl"), 1),
        (("groups", "import", tmp_path / "random", "--data", data), 1),
        (("referrals", "import"), 2),
    )
    for words, code in commands:
        ended: Ended = in_its_own_process(*words)
        assert ended.code == code
        _nothing_is_told_of_anybody(ended.err)
    assert _listed(data) == set(_good(rows))
    shutil.rmtree(data)
