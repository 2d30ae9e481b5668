"""Links in messages lead to where the pages are: the address that is served, whatever its port, or the public one."""

import json
import re
import signal
import subprocess
import tempfile
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from services.cli.installation import embedded_installation, settings_for
from tests.e2e.command_line import TOGETHER, together, up

NOW = datetime(2026, 7, 1, 8, 15, tzinfo=UTC)
CHOIR = {"group_id": "choir", "name": "Singers", "description": "Singing.", "sessions": [{"weekday": "tue", "start": "10:00"}]}
ADA = {
    "referral_id": "R-1",
    "person_id": "P-1",
    "interests": "singing",
    "consent": {"match": True, "email": True},
    "contact": {"name": "Ada", "email": "ada@example.com"},
}
LINK = re.compile(r"(https?://\S+?)/[gp]/\S+")
WITHIN = 60  # seconds


@pytest.fixture(autouse=True)
def in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOGETHER_CLOCK", NOW.isoformat())


def test_links_lead_to_the_address_that_is_served(tmp_path: Path) -> None:
    data = given_a_choir_and_somebody_who_reads_mail(tmp_path)
    with up(data) as address:
        assert together("queue", "choose", "R-1", "choir", "--data", data).code == 0
        written = [file.read_bytes() for file in (data / "outbox").glob("*.eml")]
    assert where_links_lead(written) == {address}


def test_a_public_address_is_the_one_that_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOGETHER_PUBLIC_URL", "https://together.example")
    with embedded_installation(settings_for(tmp_path / "data")) as running:
        running.served_at("http://127.0.0.1:18431/")
        assert running.links.make("g", "choir", NOW).startswith("https://together.example/g/")


def test_links_of_the_sample_town_lead_to_the_port_that_it_is_served_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    words = (*TOGETHER, "demo", "--people", "5", "--port", "0", "--picture", str(tmp_path / "town.svg"))
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    ready = next(line for line in process.stdout if line.startswith("ready "))
    written = [file.read_bytes() for file in tmp_path.glob("together-town-*/outbox/*.eml")]
    process.send_signal(signal.SIGINT)
    process.wait(WITHIN)
    process.stdout.close()
    assert where_links_lead(written) == {ready.split()[1].partition("/sign-in")[0]}


def given_a_choir_and_somebody_who_reads_mail(folder: Path) -> Path:
    data = folder / "data"
    for kind, record in (("groups", CHOIR), ("referrals", ADA)):
        (folder / f"{kind}.jsonl").write_text(json.dumps(record))
        assert together(kind, "import", folder / f"{kind}.jsonl", "--data", data).code == 0
    return data


def where_links_lead(written: list[bytes]) -> set[str]:
    """What the links in these messages start with."""
    bodies = [message_from_bytes(one, policy=policy.default).get_content() for one in written]
    return {start for body in bodies for start in LINK.findall(body)}
