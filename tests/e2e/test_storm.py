"""`kill -9` at random moments: nothing that was taken in is lost, nothing is answered twice."""

import os
import random
from pathlib import Path

import pytest

from tests.e2e.storm import Storm, blow, count, write_town

ROUNDS = int(os.environ.get("STORM_ROUNDS", "20"))
PEOPLE = 2_000 if ROUNDS >= 200 else 600


@pytest.mark.storm
@pytest.mark.timeout(7200)
def test_every_referral_is_answered_exactly_once_whenever_the_process_is_killed(tmp_path: Path) -> None:
    groups, files = write_town(tmp_path, PEOPLE)
    storm = Storm(tmp_path / "data", random.Random(7))
    blow(storm, groups, files, ROUNDS)
    sent = sum(len(file.read_text().splitlines()) for file in files)
    counts = count(storm.folder)
    print(f"\nkilled {storm.killed} times while {sent} referrals were sent: {counts}")
    assert storm.killed >= ROUNDS
    assert counts.referrals == counts.answers == counts.senders_ids == sent
    assert counts.most_answers_of_a_case == 1
    assert counts.without_answer == counts.dead_letters == 0
    assert counts.events == counts.ids
