"""A storm: the command line killed at random moments while it takes referrals in, and a count of what is there afterwards."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.envelope import event_name
from services.chassis.log import Stored
from services.cli.installation import embedded_installation, settings_for
from services.coordinator.reading import NEVER

AT_ONCE = 100
FIRST_RECEIVED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOGETHER = (sys.executable, "-c", "from services.cli.main import main; main()")


@dataclass
class Storm:
    """Runs `together` over one folder; `killed` counts the runs that were ended by `kill -9` before they were done."""

    folder: Path
    chance: random.Random
    killed: int = 0

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end."""
        return subprocess.run([*TOGETHER, *words, "--data", str(self.folder)], check=True, capture_output=True, timeout=300)

    def run_or_kill(self, within: tuple[float, float], *words: str) -> bool:
        """Run a command and kill it at a random moment of this stretch of seconds; True where it was done before."""
        process = subprocess.Popen([*TOGETHER, *words, "--data", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(self.chance.uniform(*within))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            self.killed += 1
            return False
        assert process.returncode == 0, f"together {words[0]} ended with {process.returncode}"
        return True


def write_town(folder: Path, people: int) -> tuple[Path, list[Path]]:
    """The sample town's groups, and its referrals in files of a hundred."""
    groups = folder / "groups.jsonl"
    groups.write_text("".join(group.model_dump_json() + "\n" for group in town_groups(1)))
    referrals = [one.model_dump_json(exclude_none=True) for one in town_referrals(people, 1, first_received=FIRST_RECEIVED)]
    return groups, list(_files(folder, referrals))


def blow(storm: Storm, groups: Path, files: Sequence[Path], kills: int) -> None:
    """Import the groups, then every file of referrals, killed at least `kills` times in all, until each import was done once."""
    storm.run("groups", "import", str(groups))
    begun = monotonic()
    storm.run("referrals", "import", str(files[0]))
    takes = monotonic() - begun
    for number, file in enumerate(files[1:], 1):
        due = kills * number // (len(files) - 1)
        while storm.killed < due:
            storm.run_or_kill((0.3 * takes, 1.2 * takes), "referrals", "import", str(file))
        storm.run("referrals", "import", str(file))


@dataclass(frozen=True)
class Counts:
    """What stands in the log after a storm."""

    referrals: int
    answers: int
    most_answers_of_a_case: int
    without_answer: int
    events: int
    ids: int
    dead_letters: int
    cases: int
    senders_ids: int


def count(folder: Path) -> Counts:
    """Count what the log and the coordinator's store hold."""
    with embedded_installation(settings_for(folder)) as running:
        received = list(_all(running.services.records, "referrals"))
        answered = list(_all(running.services.records, "matches"))
        with running.services.reading("coordinator") as store:
            cases, sent = store.count(None, NEVER), _senders_ids(store)
        dead = len(running.services.dead_letters())
    answers = Counter(_case(stored) for stored in answered)
    referred = {_case(stored) for stored in received if event_name(stored.record.type) == "ReferralReceived"}
    everything = [*received, *answered]
    return Counts(
        referrals=len(referred),
        answers=len(answered),
        most_answers_of_a_case=max(answers.values(), default=0),
        without_answer=len(referred - answers.keys()),
        events=len(everything),
        ids=len({stored.record.id for stored in everything}),
        dead_letters=dead,
        cases=cases,
        senders_ids=sent,
    )


def _senders_ids(store: object) -> int:
    from services.coordinator.reading import every_case

    return len({(case["referral_id"], case["person_id"]) for case in every_case(store)})  # type: ignore[arg-type]


def _case(stored: Stored) -> str:
    return str(json.loads(stored.record.data)["case_id"])


def _all(records: object, stream: str) -> Iterator[Stored]:
    position = 0
    while some := records(stream, position, 1000):  # type: ignore[operator]
        yield from some
        position = some[-1].position


def _files(folder: Path, lines: Sequence[str]) -> Iterable[Path]:
    for start in range(0, len(lines), AT_ONCE):
        file = folder / f"referrals-{start:05}.jsonl"
        file.write_text("\n".join(lines[start : start + AT_ONCE]) + "\n")
        yield file
