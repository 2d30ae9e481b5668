"""Every command that asks the services for something, once over Kafka and PostgreSQL while the services are at work."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.streams import ServiceName
from services.chassis.codec import Record
from services.chassis.distributed.relay import producer_for, send
from services.chassis.distributed.running import Distributed
from services.chassis.errors import Rejected
from services.cli.installation import Installation, distributed_installation, settings_for
from services.cli.installed_models import promoted_last
from services.learning.domain import Kept, Promote
from tests import workers
from tests.contract.sites import DistributedSite
from tests.e2e.command_line import in_its_own_process, together
from tests.e2e.planted import other
from tests.e2e.test_erasure_after_a_whole_life import BREAD
from tests.e2e.test_queue_nights import WAITING, first_of, import_who_waits, nights_of
from tests.postgres_installation import installed

pytestmark = pytest.mark.timeout(900)  # every service starts, where two cores may have other work


@pytest.fixture
def set_up(kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation as the environment names it, nothing at work yet; returns a folder for files."""
    (tmp_path / "key").write_text("5c" * 32)
    (tmp_path / "key").chmod(0o600)
    with installed() as settings:
        told = {
            "KAFKA_BOOTSTRAP": kafka, "DATABASE_URL": settings.database_url, "KEYS_DATABASE_URL": settings.keys_database_url,
            "KEY_FILE": str(tmp_path / "key"), "DATA": str(tmp_path / "data"), "CLOCK": "2026-03-06T10:00:00+00:00",
        }  # fmt: skip
        for name, value in told.items():
            monkeypatch.setenv(f"TOGETHER_{name}", value or "")
        yield tmp_path


NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
LEARNING_IS_AWAY = "together: what was asked for is written down, but learning has not gone on with it yet: see that it runs\n"
EVERYBODY: tuple[ServiceName, ...] = ("intake", "directory", "matcher", "coordinator", "followup", "learning")


@contextmanager
def at_work(*names: ServiceName) -> Iterator[Installation[Distributed]]:
    """These services, each as often as it is named."""
    with distributed_installation(settings_for()) as running, workers.at_work(running, *names):
        yield running


def run(*words: str, stdin: bytes = b"") -> list[Any]:
    """What a command prints, line by line."""
    ended = together(*words, stdin=stdin)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_every_command_is_answered(set_up: Path) -> None:
    (set_up / "groups.jsonl").write_text(json.dumps(BREAD) + "\n")
    people = "".join(json.dumps(other(number)) + "\n" for number in range(4)).encode()
    with at_work(*EVERYBODY) as running:
        [counts] = run("groups", "import", str(set_up / "groups.jsonl"))
        assert counts["added"] == 1
        assert [group["group_id"] for group in run("groups", "list")] == ["bread"]
        assert run("groups", "show", "bread")[0]["name"] == "Tuesday bread"
        assert run("groups", "export")[0]["group_id"] == "bread"
        assert run("referrals", "import", "-", stdin=people) == [{"read": 4, "accepted": 4, "duplicate": 0, "rejected": 0}]
        assert {case["status"] for case in run("referrals", "list")} == {"proposed"}
        assert run("referrals", "show", "OTHER-1")[0]["person_id"] == "P-1"
        decisions(running)
        assert isinstance(run("unmet"), list)
        assert run("reply", "P-2", "What is the moon?") == [{"meaning": "not_understood"}]
        assert {event["event"] for event in run("person", "export", "P-1")[0]["events"]} >= {"ReferralReceived", "GroupChosen", "PlaceHeld"}
        dead_letters(running)
        assert len(run("streams", "tail", "referrals", "--from-start")) >= 4
        assert run("person", "erase", "P-1")[0]["erased"]
        assert together("person", "export", "P-1").told_in_one_line()
        running.finish()
        DistributedSite.wait_until(lambda: {one["lag"] for one in run("streams", "lag")} == {0})


def test_an_installation_without_learning_is_not_waited_for_and_one_whose_learning_is_away_is_told_so(
    set_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (set_up / "groups.jsonl").write_text(json.dumps(BREAD) + "\n")
    everybody_else = [name for name in EVERYBODY if name != "learning"]
    with at_work(*everybody_else):
        run("groups", "import", str(set_up / "groups.jsonl"))
        assert run("referrals", "import", "-", stdin=json.dumps(other(1)).encode())[0]["accepted"] == 1
    with at_work("learning"):
        DistributedSite.wait_until(lambda: all(one["lag"] == 0 for one in run("streams", "lag") if one["service"] == "learning"))
        assert run("model", "list")[0]["serving"]
    with at_work(*everybody_else), monkeypatch.context() as sooner:
        sooner.setattr("services.chassis.distributed.running._PATIENCE", 5.0)
        late = together("referrals", "import", "-", stdin=json.dumps(other(2)).encode())
    assert (late.code, late.err) == (1, LEARNING_IS_AWAY)


@pytest.mark.usefixtures("set_up")
def test_a_promotion_that_learning_never_ran_to_send_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    with at_work(*(name for name in EVERYBODY if name != "learning")) as running, monkeypatch.context() as sooner:
        sooner.setattr("services.chassis.distributed.running._PATIENCE", 5.0)
        [answer] = running.decide("learning", [Promote(Kept("mine", "learned-mine", "0" * 64), "a test", NOW)])
        assert not isinstance(answer, Rejected)
        late = together("model", "rollback")
    assert (late.code, late.err) == (1, LEARNING_IS_AWAY)
    assert promoted_last(running) is None
    with at_work(*EVERYBODY) as running:
        running.finish()
        promoted = promoted_last(running)
        assert promoted is not None
        assert (promoted.promotion, promoted.snapshot) == (2, None)


def decisions(running: Installation[Distributed]) -> None:
    """What a coordinator decides at the keyboard."""
    assert len(run("queue", "list")) == 4
    run("queue", "choose", "OTHER-1", "bread")
    DistributedSite.wait_until(lambda: run("referrals", "show", "OTHER-1")[0]["status"] == "placed")
    run("queue", "attended", "OTHER-1", "bread", "2026-03-03")
    run("queue", "decline", "OTHER-2", "bread", "--reason", "too_far")
    run("queue", "close", "OTHER-3", "--reason", "moved_away")
    running.finish()
    assert run("referrals", "show", "OTHER-3")[0]["status"] == "closed"
    run("queue", "reopen", "OTHER-3")


def dead_letters(running: Installation[Distributed]) -> None:
    """One record that nobody can read, seen, looked at and tried again in vain."""
    stored = next(iter(running.services.all_of("referrals")))
    torn = Record(**{name: getattr(stored.record, name) for name in Record.__slots__} | {"id": "torn", "data": b'{"torn'})
    send(producer_for(running.services.bootstrap), [torn])
    DistributedSite.wait_until(lambda: "matcher" in {letter["consumer"] for letter in run("dead-letters", "list")})
    [letter] = [letter for letter in run("dead-letters", "list") if letter["consumer"] == "matcher"]
    assert run("dead-letters", "show", letter["id"])[0]["original"]["data"] == '{"torn'
    [fate] = run("dead-letters", "retry", letter["id"])
    assert (fate["consumer"], fate["fate"]) == ("matcher", "refused again")


def test_a_night_is_one_for_all_copies_of_the_matcher(set_up: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = set_up / "data"
    with at_work(*EVERYBODY) as running:
        import_who_waits(set_up, data)
        running.finish()
        DistributedSite.wait_until(lambda: [night["found"] for night in nights_of(data)] == ["first"])
        assert [first_of(referral, data) for referral in WAITING] == ["choir", "choir"]
    monkeypatch.setenv("TOGETHER_CLOCK", "2026-03-07T10:00:00+00:00")
    with at_work(*EVERYBODY, "matcher") as running:
        DistributedSite.wait_until(lambda: [night["found"] for night in nights_of(data)] == ["first", "done"])
        running.finish()
        assert [first_of(referral, data) for referral in WAITING] == ["choir", "walk"]
    proposed = [stored.record for stored in running.services.all_of("matches") if stored.record.type.endswith("MatchesProposed")]
    assert len(proposed) == len(WAITING) + 1


def test_doctor_looks_at_kafka_at_the_tables_and_at_the_keys(set_up: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    well = together("doctor").out
    for what in ("Kafka", "PostgreSQL", "key-encryption key"):
        assert f"ok       {what}: " in well
    with at_work("learning") as running:
        running.decide("learning", [Promote(Kept("mine", "learned-mine", "0" * 64), "a test", NOW)])
        DistributedSite.wait_until(lambda: promoted_last(running) is not None)
    ended = together("doctor")
    assert (ended.code, f"ok       model: learned-mine is to serve; {set_up}/data/models is not here" in ended.out) == (0, True)
    (set_up / "data" / "models").mkdir(parents=True)
    ended = together("doctor")
    assert (ended.code, "MISSING  model: " in ended.out) == (1, True)
    with monkeypatch.context() as away:
        away.setenv("TOGETHER_KAFKA_BOOTSTRAP", "127.0.0.1:1")
        away.setenv("TOGETHER_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
        away.setenv("TOGETHER_KEY_FILE", str(set_up / "none"))
        ended = in_its_own_process("doctor")  # kafka-python leaves sockets open where it met a closed port
    assert ended.code == 1
    assert ended.err == ""
    for what in ("Kafka", "PostgreSQL", "key-encryption key"):
        assert f"MISSING  {what}: " in ended.out
