"""`together reply` as a person at a keyboard meets it."""

import json
from pathlib import Path

import pytest

from tests.e2e.command_line import together


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which three people were referred, two of them under one id by two surgeries."""
    referrals = [
        {"referral_id": "R-1", "person_id": "P-1", "interests": "singing", "consent": {"match": True, "sms": True}},
        {"referral_id": "R-2", "person_id": "P-2", "interests": "singing", "referrer": {"organisation": "One Surgery"}},
        {"referral_id": "R-3", "person_id": "P-2", "interests": "singing", "referrer": {"organisation": "Another Surgery"}},
    ]
    file = tmp_path / "referrals.jsonl"
    file.write_text("\n".join(map(json.dumps, referrals)))
    assert together("referrals", "import", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("text", "meaning"), [("Please stop", "stop"), ("call me", "call_me"), ("What is the moon?", "not_understood"), ("I want to die", "red_flag")]
)
def test_a_reply_is_understood_and_told(data: Path, text: str, meaning: str) -> None:
    ended = together("reply", "P-1", text, "--data", data)
    assert (ended.code, json.loads(ended.out)) == (0, {"meaning": meaning})


def test_a_red_flag_in_a_reply_is_in_the_queue_when_the_command_returns(data: Path) -> None:
    together("reply", "P-1", "I want to die", "--data", data)
    cases = [json.loads(line) for line in together("referrals", "list", "--data", data).out.splitlines()]
    assert [case["referral_id"] for case in cases if case["red_flag"]] == ["R-1"]


def test_a_reply_of_nobody_of_several_and_of_no_words_is_told_in_one_line(data: Path) -> None:
    assert together("reply", "nobody", "yes", "--data", data).told_in_one_line()
    several = together("reply", "P-2", "yes", "--data", data)
    assert several.code == 1
    assert several.err.count("\n") == 3
    assert together("reply", "P-1", "  ", "--data", data).told_in_one_line()
