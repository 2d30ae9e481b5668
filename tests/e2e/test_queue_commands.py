"""What a coordinator does from the command line, with nothing running on the folder and beside a running `together up`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import Ended, together, up

GROUPS = ("bakers", "chess")


@pytest.fixture(params=["alone", "beside up"])
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder with two groups and a case, with or without a process that serves it."""
    folder = tmp_path / "data"
    groups = [{"group_id": id_, "name": f"The {id_}", "description": "Chess and bread."} for id_ in GROUPS]
    (tmp_path / "groups.jsonl").write_text("".join(f"{json.dumps(group)}\n" for group in groups))
    referral = {"referral_id": "R-1", "person_id": "P-1", "interests": "bread and chess", "consent": {"match": True}}
    (tmp_path / "referrals.jsonl").write_text(json.dumps(referral))
    together("groups", "import", tmp_path / "groups.jsonl", "--data", folder)
    together("referrals", "import", tmp_path / "referrals.jsonl", "--data", folder)
    if request.param == "alone":
        yield folder
    else:
        with up(folder):
            yield folder


def queue(data: Path, *words: str) -> Ended:
    return together("queue", *words, "--data", data)


def done(data: Path, *words: str) -> dict[str, Any]:
    """What a command answered."""
    ended = queue(data, *words)
    assert (ended.code, ended.err) == (0, "")
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def test_a_case_goes_from_a_choice_to_a_visit_and_is_closed_and_opened_again(data: Path) -> None:
    chosen = done(data, "choose", "R-1", "bakers", "--note", "Bakes on Sundays")
    assert (chosen["status"] in ("agreed", "placed"), chosen["version"]) == (True, 1)
    assert done(data, "choose", "R-1", "bakers")["place_id"] == chosen["place_id"]
    other = queue(data, "choose", "R-1", "chess")
    assert (other.code, other.told_in_one_line()) == (1, True)
    assert "the group bakers is chosen (version 1)" in other.err
    changed = done(data, "choose", "R-1", "chess", "--version", "1")
    assert (changed["version"], changed["place_id"] == chosen["place_id"]) == (2, False)
    declined = done(data, "decline", "R-1", "chess", "--reason", "too_loud", "--version", "2")
    assert (declined["status"], declined["version"], "place_id" in declined) == ("proposed", 3, False)
    assert done(data, "attended", "R-1", "bakers", "2026-07-07")["status"] == "attended"
    assert done(data, "attended", "R-1", "bakers", "2026-07-07", "--missed")["status"] == "proposed"
    assert done(data, "close", "R-1", "--reason", "moved_away")["status"] == "closed"
    assert queue(data, "list").out == ""
    assert done(data, "reopen", "R-1")["status"] == "proposed"
    [item] = [json.loads(line) for line in queue(data, "list", "--state", "proposed").out.splitlines()]
    assert (item["referral_id"], item["status"]) == ("R-1", "proposed")


def test_what_cannot_be_done_is_told_in_one_line(data: Path) -> None:
    refused = [("choose", "R-1", "nobody"), ("choose", "R-9", "chess"), ("close", "R-9"), ("list", "--state", "asleep")]
    for words in (*refused, ("attended", "R-1", "nobody", "2026-07-07")):
        ended = queue(data, *words)
        assert (ended.code, ended.told_in_one_line()) == (1, True)
    assert queue(data, "attended", "R-1", "chess", "yesterday").code == 2
