"""Somebody who was placed, written to, answered and came is erased; and then looked for in every byte there is."""

import json
from pathlib import Path

import pytest

from tests.e2e.leftovers import found_in, said_in
from tests.e2e.planted import NHS, PLANTED, REFERRAL, Folder

BREAD = {
    "group_id": "bread", "name": "Tuesday bread", "description": "We bake bread.", "latitude": 60.6, "longitude": -1.1,
    "sessions": [{"weekday": "tue", "start": "10:00", "end": "12:00"}], "contact": {"name": "Ola", "email": "ola@bread.example"},
}  # fmt: skip


def test_after_a_whole_life_with_a_group_an_erasure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Agreed, placed, written to, answered, attended: in the log, in every service's tables, and in the files of messages."""
    folder, groups, reply = Folder(tmp_path / "data", tmp_path), tmp_path / "groups.jsonl", "Yes I went, and my parrot Bumblewick too"
    groups.write_text(json.dumps(BREAD) + "\n")
    monkeypatch.setenv("TOGETHER_CLOCK", "2026-03-06T10:00:00+00:00")
    folder.run("groups", "import", str(groups))
    folder.take_in(REFERRAL)
    monkeypatch.setenv("TOGETHER_CLOCK", "2026-03-06T11:00:00+00:00")
    assert json.loads(folder.run("queue", "choose", "REFQX-7741-ZULU", "bread").out)["status"] == "placed"
    monkeypatch.setenv("TOGETHER_CLOCK", "2026-03-11T11:00:00+00:00")
    folder.run("queue", "attended", "REFQX-7741-ZULU", "bread", "2026-03-10")
    assert folder.run("reply", NHS, reply).code == 0
    letters = list((folder.path / "outbox").iterdir())
    assert len(letters) > 1
    assert any("Zephyrine" in letter.read_text() for letter in letters)
    events = [event["event"] for event in json.loads(folder.run("person", "export", NHS).out)["events"]]
    assert {"GroupChosen", "PlaceRequested", "PlaceHeld", "FollowUpSent", "SessionAttended", "ReplyReceived"} <= set(events)
    assert json.loads(folder.run("person", "erase", NHS).out)["erased"]
    assert list((folder.path / "outbox").iterdir()) == []
    assert found_in(folder.path, PLANTED) == []
    assert said_in(folder.run("streams", "tail", "places", "--from-start").out, PLANTED) == []
