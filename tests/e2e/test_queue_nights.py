"""A coordinator sees what the night made of those who wait: who was proposed another first group, and what sharing the places comes to."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import together, up
from tests.kafka_brokers import until

CHOIR = {"group_id": "choir", "name": "Choir", "tags": ["music"], "capacity": {"maximum": 9, "available": 1}}
WALK = {"group_id": "walk", "name": "Walk", "tags": ["walking"], "maximum_age": 40, "capacity": {"maximum": 9, "available": 5}}
WAITING = {"R-ada": 70, "R-bo": 30}


def test_the_night_gives_the_only_place_to_whom_nothing_else_suits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOGETHER_CLOCK", "2026-03-02T08:00:00+00:00")
    data = tmp_path / "data"
    import_who_waits(tmp_path, data)
    assert first_of("R-bo", data) == "choir"
    assert [night["found"] for night in nights_from("2026-03-02T09:00:00+00:00", 1, data, monkeypatch)] == ["first"]
    [_, night] = nights_from("2026-03-03T09:00:00+00:00", 2, data, monkeypatch)
    assert (night["night"], night["found"], night["waiting"], night["changed"], night["groups"]) == ("2026-03-03", "done", 2, 1, 2)
    assert night["jointly"] >= night["one_by_one"] > 0
    assert (first_of("R-ada", data), first_of("R-bo", data)) == ("choir", "walk")
    table = together("queue", "nights", "--format", "table", "--data", data).out.splitlines()
    assert table[0].split()[:4] == ["night", "found", "waiting", "changed"]
    assert table[2].split()[:4] == ["2026-03-03", "done", "2", "1"]


def import_who_waits(folder: Path, data: Path) -> None:
    """Two whom a choir suits best that has one place; one of them might walk instead."""
    referrals = [{"referral_id": id_, "person_id": id_, "tags": ["music"], "age": age, "consent": {"match": True}} for id_, age in WAITING.items()]
    for kind, rows in (("groups", [CHOIR, WALK]), ("referrals", referrals)):
        (folder / f"{kind}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        ended = together(kind, "import", folder / f"{kind}.jsonl", "--data", data)
        assert ended.code == 0, ended.err


def nights_of(data: Path) -> list[dict[str, Any]]:
    """What is told of the nights."""
    return [json.loads(line) for line in together("queue", "nights", "--data", data).out.splitlines()]


def nights_from(moment: str, many: int, data: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is told once so many nights are over, of an installation that serves from this moment on."""
    monkeypatch.setenv("TOGETHER_CLOCK", moment)
    with up(data):
        until(lambda: [night["found"] != "begun" for night in nights_of(data)] == [True] * many, "the night is over")
        return nights_of(data)


def first_of(referral: str, data: Path) -> str:
    """Which group is proposed first."""
    case = json.loads(together("referrals", "show", referral, "--data", data).out)
    return str(case["proposal"]["matches"][0]["group_id"])
