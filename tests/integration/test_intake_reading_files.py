"""Referral files on disk are known by their suffix, else by how they begin, and are called by their path in what is told."""

from pathlib import Path

import pytest

from services.intake.reading import read_referrals


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"interests": "walks"}'),
        ("a.NDJSON", '{"interests": "walks"}'),
        ("a.csv", "interests\nwalks"),
        ("a.tsv", "interests\tage\nwalks\t80"),
        ("a", '\n  {"interests": "walks"}'),
        ("a.txt", "interests,age\nwalks,80"),
    ],
)
def test_a_file_is_read_as_what_it_is(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    [row] = read_referrals(path)
    assert row.referral is not None
    assert row.referral.interests == "walks"
    assert row.file == str(path)


def test_a_file_may_be_called_by_another_name_and_read_as_told(tmp_path: Path) -> None:
    path = tmp_path / "referrals.csv"
    path.write_text('{"interests": 3}')
    [row] = read_referrals(path, format="jsonl", name="the clinic's")
    assert [(problem.file, problem.field) for problem in row.problems] == [("the clinic's", "/interests")]


def test_a_file_that_is_not_there_is_the_callers_to_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(read_referrals(tmp_path / "none.csv"))


def test_a_large_file_is_read_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_bytes(b'{"interests": "first"}\n' + b"x" * 5_000_000 + b'\n{"interests": "last"}\n')
    first, long, last = read_referrals(path)
    assert first.referral is not None
    assert last.referral is not None
    assert [problem.reason for problem in long.problems] == ["is longer than 1000000 bytes"]
