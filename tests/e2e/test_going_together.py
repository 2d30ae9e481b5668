"""Two people go together the first time, from the command line alone: referred, placed, asked apart, and told when both said yes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import together

CONSENT = {"match": True, "companion": True, "email": True}
CHOIR = {
    "group_id": "choir",
    "name": "Singers",
    "description": "Singing.",
    "sessions": [{"weekday": "tue", "start": "10:00"}],
    "contact": {"name": "Ada Lark", "email": "choir@x.example"},
}
NAMES = ("Marjorie Ellwood", "Tobias Okafor")


def test_two_people_are_asked_apart_and_every_step_is_in_the_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOGETHER_CLOCK", "2026-07-01T08:15:00+00:00")
    data = given_two_people_with_the_same_first_session(tmp_path)
    assert steps(data) == {"They could go together with somebody the first time: look, and decide whether to ask both"}
    refused = together("queue", "companion", "R-0", "yes", "--data", data)
    assert refused.code == 1
    assert "nobody has decided yet that both are asked" in refused.err
    for referral, answer in (("R-0", "ask"), ("R-1", "yes"), ("R-0", "yes")):
        told = together("queue", "companion", referral, answer, "--data", data)
        assert not any(name.split()[0] in told.out for name in NAMES)
    assert steps(data) == {"Tell the person how they go the first time: read the case"}


def given_two_people_with_the_same_first_session(folder: Path) -> Path:
    """A choir, and two who hold a place in it and agreed to have a companion; all can be written to, so nothing else is to be done about them."""
    data = folder / "data"
    (folder / "groups.jsonl").write_text(json.dumps(CHOIR))
    referrals = [
        {
            "referral_id": f"R-{one}",
            "person_id": f"P-{one}",
            "interests": "singing",
            "consent": CONSENT,
            "contact": {"name": name, "email": f"{one}@x.example"},
        }
        for one, name in enumerate(NAMES)
    ]
    (folder / "referrals.jsonl").write_text("".join(f"{json.dumps(referral)}\n" for referral in referrals))
    together("groups", "import", folder / "groups.jsonl", "--data", data)
    together("referrals", "import", folder / "referrals.jsonl", "--data", data)
    for referral in ("R-0", "R-1"):
        together("queue", "choose", referral, "choir", "--data", data)
    return data


def steps(data: Path) -> set[str]:
    """What is to be done next about anybody."""
    listed = together("queue", "list", "--data", data).out.splitlines()
    items: list[dict[str, Any]] = [json.loads(line) for line in listed]
    return {item["next_action"] for item in items}
