"""`together match --jointly` as a user meets it: a small town whose groups have few places, proposals out, and on stderr what sharing comes to."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.group import Capacity

PEOPLE, GROUPS, PLACES = 40, 12, 2
TOGETHER = (sys.executable, "-c", "from services.cli.main import main; main()")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("jointly")
    scarce = (group.model_copy(update={"capacity": Capacity(maximum=9, available=PLACES)}) for group in town_groups(1)[:GROUPS])
    people = [
        one.model_copy(update={"travel": None, "availability": [], "max_cost": None, "access_needs": []})
        for one in town_referrals(PEOPLE, 1, first_received=datetime(2026, 3, 2, 9, tzinfo=UTC))
    ]
    (folder / "groups.jsonl").write_text("".join(group.model_dump_json() + "\n" for group in scarce))
    (folder / "referrals.jsonl").write_text("".join(one.model_dump_json(exclude_none=True) + "\n" for one in people))
    return folder / "referrals.jsonl", folder / "groups.jsonl"


def match(referrals: Path, groups: Path, *words: str) -> tuple[list[dict[str, Any]], str]:
    command = (*TOGETHER, "match", str(referrals), "--groups", str(groups), "--top", "5", *words)
    done = subprocess.run(command, check=True, capture_output=True, timeout=110, text=True)
    return [from_json(line) for line in done.stdout.splitlines()], done.stderr


def chosen(proposals: list[dict[str, Any]]) -> Counter[str]:
    first = [one["matches"][0] for one in proposals if one["matches"]]
    return Counter(match["group_id"] for match in first if match["reasons"][0].startswith(("chosen together", "still the best fit")))


def test_places_are_shared_and_the_reasons_say_so(files: tuple[Path, Path]) -> None:
    proposals, summary = match(*files, "--jointly")
    shared = chosen(proposals)
    assert shared
    assert max(shared.values()) <= PLACES
    assert [from_json(line)["referral_id"] for line in files[0].read_text().splitlines()] == [one["referral_id"] for one in proposals]
    for one in proposals:
        scores = [each["score"] for each in one["matches"][1:]]
        assert scores == sorted(scores, reverse=True)
        assert [each["rank"] for each in one["matches"]] == list(range(1, len(one["matches"]) + 1))
        if one["matches"] and any(score > one["matches"][0]["score"] for score in scores):
            assert one["matches"][0]["reasons"][0].startswith("chosen together with the others")
    assert f"people with a place: {shared.total()} jointly" in summary
    assert summary.startswith("expected second attendances: ")
    assert "numbers of the prior, which no outcome has measured" in summary
    assert f"groups that somebody goes to: {len(shared)} jointly" in summary


def test_the_order_of_the_lines_changes_nobodys_answer(files: tuple[Path, Path], tmp_path: Path) -> None:
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text("".join(line + "\n" for line in reversed(files[0].read_text().splitlines())))
    assert match(backwards, files[1], "--jointly")[0] == match(*files, "--jointly")[0][::-1]
