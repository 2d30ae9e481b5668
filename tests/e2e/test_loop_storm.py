"""`kill -9` at random moments of the whole loop: what was acknowledged is there, once, and nothing is sent that had to stop."""

import os
import random
from pathlib import Path

import pytest

from models.town.groups import town_groups
from tests.e2e.command_line import in_its_own_process
from tests.e2e.loop_counts import Log, count
from tests.e2e.loop_people import Told
from tests.e2e.loop_storm import Server, blow

ROUNDS = int(os.environ.get("STORM_ROUNDS", "20"))
PEOPLE = 2_000 if ROUNDS >= 200 else 200


@pytest.mark.storm
@pytest.mark.timeout(7200)
def test_what_was_acknowledged_is_there_once_whenever_the_process_is_killed(tmp_path: Path) -> None:
    groups = town_groups(1)
    (tmp_path / "groups.jsonl").write_text("".join(group.model_dump_json() + "\n" for group in groups))
    data = tmp_path / "data"
    assert in_its_own_process("groups", "import", tmp_path / "groups.jsonl", "--data", data).code == 0
    server = Server(data, random.Random(11))
    told = blow(server, PEOPLE, ROUNDS, (0.2, 4.0))
    server.stop()
    counts = count(data, {group.group_id: group.capacity.maximum if group.capacity else None for group in groups})
    print(f"\nkilled {server.killed} times; {told.at_once} times two decided at once: {counts}")
    assert server.killed >= ROUNDS
    assert counts.faults == {}
    assert counts.referrals == len(told.referred)
    assert counts.sent
    assert missing(told, Log.of(data)) == []


def missing(told: Told, log: Log) -> list[str]:
    """What was acknowledged and is not there."""
    chosen = {(one.data["case_id"], one.data["version"]): one.data["group_id"] for one in log.named("GroupChosen")}
    withdrawn = {one.data["case_id"] for one in log.named("ReferralWithdrawn")}
    flagged = {one.data["case_id"] for one in log.named("RedFlagRaised")}
    attended = {(one.data["case_id"], one.data["group_id"], one.data["on"]) for one in log.named("SessionAttended")}
    persons = {one.data["case_id"]: one.data["person"] for one in log.named("ReferralReceived")}
    stopped = {one.data["person"] for one in log.named("ConsentChanged")}
    erased = {one.data["person"] for one in log.named("PersonErased")}
    return [
        *(f"referral {case}" for case in told.referred.keys() - persons.keys()),
        *(f"decision {decision}" for decision, group in told.chosen.items() if chosen.get(decision) != group),
        *(f"withdrawal {case}" for case in told.withdrawn - withdrawn),
        *(f"flag {case}" for case in told.flagged - flagged),
        *(f"STOP {case}" for case in told.stopped if persons[case] not in stopped),
        *(f"erasure {case}" for case in told.erased if persons[case] not in erased),
        *(f"attendance {case}" for case, what in told.attended.items() if (case, *what) not in attended),
    ]
