"""A person with planted details in every field is taken in, matched, shown to themselves, erased; and then looked for in every byte there is."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.text.encoder import pack
from schemas.streams import STREAMS
from services.chassis.embedded import Embedded
from services.chassis.pump import Pump
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.personal_record import erase_person
from services.cli.preparing import encoder, preparer
from services.coordinator.reading import NEVER, read_queue
from services.intake.domain import ErasePerson
from services.intake.reading import Row, read_referrals
from tests.e2e.command_line import TOGETHER, in_its_own_process, together
from tests.e2e.leftovers import found_in, said_in
from tests.e2e.planted import GROUPS, INTERESTS, NHS, PIECE, PLANTED, REFERRAL, SECOND, Folder, other


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "data", tmp_path)
    groups = tmp_path / "groups.jsonl"
    groups.write_text("".join(json.dumps(group) + "\n" for group in GROUPS))
    made.run("groups", "import", str(groups))
    counts = made.take_in(*map(other, range(10)), REFERRAL, SECOND, *map(other, range(10, 20)))
    assert counts == {"read": 22, "accepted": 22, "duplicate": 0, "rejected": 0}
    return made


def _copy_without_keys(folder: Folder) -> Path:
    """The folder while it is in use, its write-ahead log with it, and the key store left out."""
    with embedded_installation(settings_for(folder.path)) as running:
        running.decide("intake", [_received(running, other(99))])
        copy = folder.scratch / "copy"
        shutil.copytree(folder.path, copy, ignore=shutil.ignore_patterns("keys"))
        running.finish()
    assert (copy / "together.sqlite3-wal").stat().st_size > 0
    return copy


def _received(running: Installation[Embedded], referral: dict[str, Any]) -> Any:
    [row] = _rows(running.settings.data.parent / "one.jsonl", referral)
    assert row.referral is not None
    assert row.sent is not None
    return preparer(running).command(row.referral, row.sent)


def _rows(file: Path, referral: dict[str, Any]) -> Iterator[Row]:
    file.write_text(json.dumps(referral) + "\n")
    rows = list(read_referrals(file))
    file.unlink()
    yield from rows


def test_the_person_is_shown_everything_that_is_held_about_them(folder: Folder) -> None:
    told = folder.run("person", "export", NHS).out
    missing = set(PLANTED) - set(said_in(told, PLANTED)) - {"9434765919", "7700900461"}
    assert not missing
    events = [event["event"] for event in json.loads(told)["events"]]
    assert events.count("ReferralReceived") == 2
    assert events.count("MatchesProposed") == 1
    assert "RedFlagRaised" in events


def test_the_data_without_the_keys_holds_nothing_readable(folder: Folder) -> None:
    vector = encoder().encode(INTERESTS)
    assert vector is not None
    copy = _copy_without_keys(folder)
    assert found_in(copy, [*PLANTED, pack(vector), vector.tobytes()[:64]]) == []
    assert together("referrals", "list", "--data", copy).code == 1


def test_no_cell_of_a_table_tells_in_clear_what_was_sought_or_where(folder: Folder) -> None:
    """Words too short to be looked for in ciphertext, where they stand by chance."""
    sought = {"baking", "bread", "ZE2", "urgent", "self_harm", "red_flag", "grief"}
    with sqlite3.connect(folder.path / "together.sqlite3") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        told = {cell for table in tables for row in database.execute(f'SELECT * FROM "{table}"') for cell in row if isinstance(cell, str)}
    assert len(told) > 100
    assert not sought & told


def test_after_erasure_no_byte_of_the_folder_tells_of_the_person(folder: Folder) -> None:
    person, copy = folder.person(), _copy_without_keys(folder)
    keys = folder.wrapped_keys(person)
    assert len(keys) == 2
    pieces = [key[start : start + PIECE] for key in keys for start in range(0, len(key) - PIECE, PIECE)]
    hashes = folder.hashes(person)
    assert len(hashes) == 6
    others = {case["case_id"]: folder.run("referrals", "show", case["case_id"]).out for case in folder.queue() if case["person_id"] != NHS}
    erased = folder.run("person", "erase", NHS)
    assert json.loads(erased.out) == {"person": person, "erased": True}
    assert found_in(folder.path, [*PLANTED, *pieces, *hashes]) == []
    assert found_in(copy, PLANTED) == []
    assert folder.wrapped_keys(person) == []
    assert {case["case_id"]: folder.run("referrals", "show", case["case_id"]).out for case in folder.queue()} == others


def test_an_erased_person_is_known_to_nobody(folder: Folder) -> None:
    person = folder.person()
    folder.run("person", "erase", NHS)
    for words in (
        ("referrals", "show", "REFQX-7741-ZULU"), ("referrals", "show", "REFQX-7742-ZULU"), ("person", "export", NHS), ("person", "erase", NHS),
        ("person", "export", person), ("person", "erase", person),
    ):  # fmt: skip
        ended = folder.run(*words)
        assert ended.code == 1
        assert ended.told_in_one_line()
        assert "is known by this id" in ended.err
        assert not said_in(ended.said, PLANTED)


def test_who_is_referred_again_is_somebody_new(folder: Folder) -> None:
    before = folder.person()
    folder.run("person", "erase", NHS)
    assert folder.take_in(REFERRAL) == {"read": 1, "accepted": 1, "duplicate": 0, "rejected": 0}
    assert folder.person() != before
    record = json.loads(folder.run("person", "export", NHS).out)
    assert [event["event"] for event in record["events"]] == ["ReferralReceived", "MatchesProposed"]
    folder.run("person", "erase", NHS)
    assert found_in(folder.path, PLANTED) == []


def test_an_id_of_several_persons_is_refused_with_the_choices(folder: Folder) -> None:
    twin = {"person_id": "P-1", "interests": "chess", "consent": {"match": True}}
    folder.take_in(twin | {"referral_id": "TWIN", "referrer": {"organisation": "Another surgery"}})
    for command in ("erase", "export"):
        ended = folder.run("person", command, "P-1")
        assert ended.code == 1
        assert ended.err.startswith("together: several persons have this id")
        choices = [line.strip() for line in ended.err.splitlines()[1:]]
        assert len(choices) == 2
    records = [json.loads(folder.run("person", "export", choice).out) for choice in choices]
    [gone] = [record["person"] for record in records if record["events"][0]["data"]["details"]["referral_id"] == "TWIN"]
    assert folder.run("person", "erase", gone).code == 0
    assert folder.person("P-1") in set(choices) - {gone}
    assert folder.run("referrals", "show", "OTHER-1").code == 0


def test_one_nhs_number_is_one_person_whoever_refers(folder: Folder) -> None:
    elsewhere = REFERRAL | {"person_id": "nhs:9434765919", "referrer": {"organisation": "Oglethorpe's other practice"}}
    folder.take_in(elsewhere)
    assert folder.person("nhs:9434765919") == folder.person(NHS)
    folder.run("person", "erase", "nhs:9434765919")
    assert folder.run("person", "export", NHS).code == 1
    assert found_in(folder.path, PLANTED) == []


def test_an_erasure_overtakes_what_is_still_unhandled(folder: Folder) -> None:
    person = folder.person()
    with embedded_installation(settings_for(folder.path)) as running:
        third = _received(running, REFERRAL | {"referral_id": "REFQX-7743-ZULU"})
        [facts] = running.decide("intake", [third])
        assert not isinstance(facts, Exception)
        assert facts[0].data.subject == person
        assert erase_person(running, NHS)["person"] == person
        assert [one for one in running.services.records("matches", 0, 1_000) if one.record.causationid == facts[0].id] == []
        assert running.services.dead_letters() == []
    assert found_in(folder.path, [*PLANTED, "REFQX-7743"]) == []
    assert folder.wrapped_keys(person) == []
    assert {case["person_id"] for case in folder.queue()} == {f"P-{number}" for number in range(20)}


def test_an_erasure_that_was_cut_short_is_ended_by_the_next_command(folder: Folder) -> None:
    person = folder.person()
    with embedded_installation(settings_for(folder.path)) as running:
        running.decide("intake", [ErasePerson(NHS, datetime(2026, 3, 3, tzinfo=UTC))])
    assert folder.wrapped_keys(person)
    assert folder.run("person", "erase", NHS).code == 1
    assert folder.wrapped_keys(person) == []
    assert found_in(folder.path, PLANTED) == []
    assert NHS not in {case["person_id"] for case in folder.queue()}


def test_keys_left_by_a_process_that_ended_between_two_steps_are_destroyed(folder: Folder) -> None:
    person = folder.person()
    with embedded_installation(settings_for(folder.path)) as running:
        running.decide("intake", [ErasePerson(NHS, datetime(2026, 3, 3, tzinfo=UTC))])
        with running.services.folder.held():
            running.services.start()
            while sum(consumption.step(lambda: 0.0) for consumption in running.services._consumptions):
                pass
    assert folder.wrapped_keys(person)
    assert folder.take_in(other(0)) == {"read": 1, "accepted": 0, "duplicate": 1, "rejected": 0}
    assert folder.wrapped_keys(person) == []


def test_erasure_beside_running_services_returns_when_the_keys_are_gone(folder: Folder) -> None:
    person = folder.person()
    with embedded_installation(settings_for(folder.path)) as running, running.services.folder.held() as holds:
        assert holds
        pump = Pump(running.services)
        pump.start()
        try:
            ended = in_its_own_process("person", "erase", NHS, "--data", folder.path)
            assert json.loads(ended.out) == {"person": person, "erased": True}
            assert folder.wrapped_keys(person) == []
        finally:
            pump.stop()
    assert found_in(folder.path, PLANTED) == []


def test_erasure_does_not_return_before_the_keys_are_gone(folder: Folder) -> None:
    """Whoever holds the folder has read the fact and not yet destroyed the keys; the command waits for that."""
    person = folder.person()
    with embedded_installation(settings_for(folder.path)) as running, running.services.folder.held():
        running.services.start()
        words = [*TOGETHER, "person", "erase", NHS, "--data", str(folder.path)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            while NHS in {case["person_id"] for case in _queue(running)}:
                for consumption in running.services._consumptions:
                    consumption.step(lambda: 0.0)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1.5)
            assert folder.wrapped_keys(person)
            running.services.step()
            assert process.wait(60) == 0
    assert folder.wrapped_keys(person) == []


def _queue(running: Installation[Embedded]) -> list[dict[str, Any]]:
    with running.services.reading("coordinator") as store:
        items: list[dict[str, Any]] = read_queue(store, None, NEVER, 200, None)["items"]
    return items


def test_no_command_tells_planted_details_but_those_that_are_asked_for_them(folder: Folder) -> None:
    bad = json.dumps(REFERRAL | {"age": "forty-Zephyrine", "referral_id": "REFQX-7742-ZULU"})
    changed = json.dumps(REFERRAL | {"age": 48})
    body = f"{bad}\n{changed}\n{json.dumps(REFERRAL)}\n".encode()
    groups = folder.scratch / "groups.jsonl"
    for words in (
        ("referrals", "import", "-", "--report", str(folder.scratch / "report.jsonl")), ("referrals", "import", "-"), ("groups", "list"),
        ("groups", "export"), ("groups", "show", "bakers"), ("unmet",), ("dead-letters", "list"), ("doctor",), ("person", "export", "nobody"),
        ("referrals", "show", "nobody"), *(("streams", "tail", stream, "--from-start") for stream in STREAMS),
        ("streams", "tail", "matcher-dead-letters", "--from-start"), ("person", "erase", NHS),
    ):  # fmt: skip
        ended = folder.run(*words, stdin=body)
        assert "Traceback" not in ended.err
        assert said_in(ended.said, PLANTED) == [], words
    matched = together("match", "-", "--groups", groups, stdin=body)
    assert said_in(matched.err, PLANTED) == []
    assert said_in((folder.scratch / "report.jsonl").read_text(), PLANTED) == []
    assert said_in((folder.path / "together.log").read_text(), PLANTED) == []


def test_the_sender_is_shown_what_they_sent_and_no_more(folder: Folder) -> None:
    shown = folder.run("referrals", "show", "REFQX-7741-ZULU").out
    assert said_in(shown, PLANTED) == ["REFQX-7741-ZULU", "943 476 5919"]
    listed = folder.run("referrals", "list").out
    assert set(said_in(listed, PLANTED)) == {"REFQX-7741-ZULU", "REFQX-7742-ZULU", "943 476 5919"}
