"""No part of the product reports to anybody: a run that reads texts leaves nothing outside its folder to be sent."""

import os
import subprocess
import sys
from pathlib import Path

GROUP = '{"group_id": "choir", "name": "Barge Basses", "description": "We sing in the back room of the Navigation."}\n'
REFERRAL = '{"referral_id": "REF-1", "interests": "I used to sing in church"}\n'


def test_a_run_leaves_nothing_in_the_home_folder_or_among_temporary_files(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    for folder in (home, temporary):
        folder.mkdir()
    groups, referrals = tmp_path / "groups.jsonl", tmp_path / "referrals.jsonl"
    groups.write_text(GROUP)
    referrals.write_text(REFERRAL)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    environment |= {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", "from services.cli.main import main; main()", "match", str(referrals), "--groups", str(groups)]
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, timeout=100)
    assert b'"choir"' in ran.stdout
    assert [*home.rglob("*")] == []
    assert [*temporary.rglob("*")] == []
