"""The command line as people and scripts meet it: help, exit codes, formats, where the data lie, and what it says when something is broken."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from services.cli.main import app
from tests.e2e.command_line import TOGETHER, groups_file, ids, referral, referrals_file, small_folder, together

REFERRALS_AT_ONCE = 40
PROGRAMS_AT_ONCE = 4


def _commands(command: object, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, TyperGroup):
        for name, inner in sorted(command.commands.items()):
            yield from _commands(inner, *words, name)


EVERY_COMMAND = list(_commands(typer.main.get_command(app)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return small_folder(tmp_path)


def test_every_command_is_there() -> None:
    assert {" ".join(words) for words in EVERY_COMMAND} >= {
        "demo", "up", "doctor", "match", "unmet", "groups import", "groups list", "groups show", "groups export", "referrals import",
        "referrals list", "referrals show", "person export", "person erase", "streams tail", "streams lag", "streams apply", "streams replay",
        "streams move", "dead-letters list", "dead-letters show", "dead-letters retry", "database upgrade", "database status",
    }  # fmt: skip


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
def test_help_has_an_example(words: tuple[str, ...]) -> None:
    ended = together(*words, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert "Example: together " in ended.out
    assert ended.out == together(*words, "-h").out


def test_help_imports_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", *TOGETHER[1:], "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert not imported & {"numpy", "sqlalchemy", "fastapi", "starlette", "rich", "pydantic", "httpx", "onnxruntime", "cryptography", "alembic"}


@pytest.mark.parametrize(
    ("words", "column"),
    [
        (("groups", "list"), "group_id"),
        (("referrals", "list"), "referral_id"),
        (("unmet",), "kind"),
        (("dead-letters", "list"), "reason"),
        (("streams", "lag"), "oldest_seconds"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one,
)
def test_what_lists_does_so_as_lines_of_json_or_as_a_table(data: Path, words: tuple[str, ...], column: str) -> None:
    flagged = '{"referral_id": "FAR", "person_id": "P", "interests": "chess", "flags": ["abuse"]}\n'
    together("referrals", "import", "-", "--data", data, stdin=flagged.encode())
    _refused_record(data)
    lines = together(*words, "--data", data, "--format", "jsonl")
    assert lines.code == 0
    assert lines.out == together(*words, "--data", data).out
    assert all(column in json.loads(line) for line in lines.out.splitlines())
    assert lines.out
    table = together(*words, "--data", data, "--format", "table").out.splitlines()
    assert column in table[0]
    assert len(table) > len(lines.out.splitlines())


def _refused_record(data: Path) -> None:
    """A record that no service can read, and a command that makes them try."""
    with sqlite3.connect(data / "together.sqlite3") as database:
        row = database.execute("SELECT * FROM log WHERE stream = 'matches' LIMIT 1")
        names = [column[0] for column in row.description]
        values = dict(zip(names, row.fetchone(), strict=True)) | {"id": "not-one-of-ours", "data": b'{"person": "Quillfeather"'}
        values.pop("position")
        database.execute(f"INSERT INTO log ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", tuple(values.values()))
    together("referrals", "import", "-", "--data", data, stdin=referral(77).encode())


def test_a_refused_record_is_listed_without_what_was_in_it_and_shown_when_asked_for(data: Path) -> None:
    _refused_record(data)
    listed = together("dead-letters", "list", "--data", data)
    assert "Quillfeather" not in listed.out
    letter = json.loads(listed.out.splitlines()[0])
    assert letter["attempts"] == 1
    assert "Quillfeather" in together("dead-letters", "show", letter["id"], "--data", data).out
    assert "R-77" in ids(together("referrals", "list", "--data", data), "referral_id")


def test_a_refused_record_is_retried_for_the_service_that_refused_it_alone(data: Path) -> None:
    _refused_record(data)
    waiting = [json.loads(line) for line in together("dead-letters", "list", "--data", data).out.splitlines()]
    mine = [letter["id"] for letter in waiting if letter["consumer"] == "coordinator"]
    ended = together("dead-letters", "retry", "--all", "--consumer", "coordinator", "--data", data)
    assert [json.loads(line) for line in ended.out.splitlines()] == [
        {"id": mine[0], "consumer": "coordinator", "type": waiting[0]["type"], "fate": "refused again"}
    ]
    listed = [json.loads(line) for line in together("dead-letters", "list", "--data", data).out.splitlines()]
    assert sorted((one["consumer"], one["attempts"], one["state"]) for one in listed) == sorted(
        [("coordinator", 1, "retried"), ("coordinator", 2, "waiting")] + [(one["consumer"], 1, "waiting") for one in waiting if one["id"] != mine[0]]
    )
    assert together("dead-letters", "retry", mine[0], "--data", data).told_in_one_line()
    assert together("dead-letters", "retry", "no-such-id", "--data", data).told_in_one_line()
    assert together("dead-letters", "retry", "--data", data).code == 2


def test_a_data_folder_has_no_topics_to_make(data: Path) -> None:
    assert together("streams", "apply").told_in_one_line()
    lags = [json.loads(line) for line in together("streams", "lag", "--data", data).out.splitlines()]
    assert {one["lag"] for one in lags} == {0}
    assert {"matcher", "coordinator", "followup", "directory", "learning"} == {one["service"] for one in lags}


def test_a_proposal_can_be_read_as_a_table_and_the_rest_from_standard_input(tmp_path: Path) -> None:
    groups = groups_file(tmp_path / "groups.jsonl", "bakers", "chess")
    table = together("match", "-", "--groups", groups, "--format", "table", stdin=referral(5).encode())
    assert table.code == 0
    assert "R-5" in table.out
    assert "bakers" in table.out
    lines = together("match", "-", "--groups", groups, stdin=referral(5).encode())
    assert {match["group_id"] for match in json.loads(lines.out)["matches"]} == {"bakers", "chess"}


def test_a_terminal_gets_a_table(data: Path) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen([*TOGETHER, "groups", "list", "--data", str(data)], stdout=theirs)
    os.close(theirs)
    shown = b""
    try:
        while more := os.read(ours, 4_096):
            shown += more
    except OSError:  # the terminal's other end was closed: the program has ended
        pass
    assert process.wait(60) == 0
    assert b"group_id" in shown
    assert b"{" not in shown


def test_the_folder_is_the_option_else_the_variable_else_here(tmp_path: Path) -> None:
    sent = referral(1).encode()
    for words, environment, expected in (
        (("--data", "by-option"), {"TOGETHER_DATA": "by-variable"}, "by-option"),
        ((), {"TOGETHER_DATA": "by-variable"}, "by-variable"),
        ((), {"TOGETHER_DATA": ""}, ".together"),
    ):
        command = [*TOGETHER, "referrals", "import", "-", *words]
        surroundings = {**os.environ, "PYTHONPATH": str(Path.cwd()), **environment}
        subprocess.run(command, input=sent, cwd=tmp_path, env=surroundings, check=True, capture_output=True, timeout=60)
        assert (tmp_path / expected / "together.sqlite3").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"by-option", "by-variable", ".together"}


def test_only_the_owner_can_read_what_is_secret(data: Path) -> None:
    assert (data / "keys" / "key-encryption-key").stat().st_mode & 0o777 == 0o600
    assert (data / "keys").stat().st_mode & 0o777 == 0o700
    assert (data / "together.log").stat().st_mode & 0o777 == 0o600


def test_programs_at_once_on_one_folder_lose_nothing(tmp_path: Path) -> None:
    folder, files = tmp_path / "data", []
    for number in range(PROGRAMS_AT_ONCE):
        numbers = range(number * REFERRALS_AT_ONCE // 2, number * REFERRALS_AT_ONCE // 2 + REFERRALS_AT_ONCE)  # half of them in the next file too
        files.append(referrals_file(tmp_path / f"{number}.jsonl", numbers))
    words = [("groups", "import", groups_file(tmp_path / "groups.jsonl", "bakers", "chess")), *(("referrals", "import", file) for file in files)]
    running = [subprocess.Popen([*TOGETHER, *map(str, some), "--data", str(folder)], stdout=-1, stderr=-1) for some in words]
    ended = [(*process.communicate(timeout=110), process.returncode) for process in running]
    assert [code for _, _, code in ended] == [0] * len(words), [err for _, err, _ in ended]
    counts = [json.loads(out) for out, _, _ in ended[1:]]
    different = (PROGRAMS_AT_ONCE + 1) * REFERRALS_AT_ONCE // 2
    assert sum(one["accepted"] for one in counts) == different
    assert sum(one["duplicate"] for one in counts) == PROGRAMS_AT_ONCE * REFERRALS_AT_ONCE - different
    cases = [json.loads(line) for line in together("referrals", "list", "--data", folder).out.splitlines()]
    assert sorted(case["referral_id"] for case in cases) == sorted(f"R-{number}" for number in range(different))
    assert {case["status"] for case in cases} <= {"proposed", "needs_human"}  # needs_human: who came before there were groups
    assert together("dead-letters", "list", "--data", folder).out == ""


def test_a_reader_that_has_seen_enough_is_no_failure_with_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    together("groups", "import", groups_file(tmp_path / "groups.jsonl", *(f"group-{number}" for number in range(150))), "--data", folder)
    process = subprocess.Popen([*TOGETHER, "streams", "tail", "groups", "--from-start", "--data", str(folder)], stdout=-1, stderr=-1)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert err == b""
    assert process.returncode == 1


def test_an_interrupt_ends_a_tail_quietly(data: Path) -> None:
    words = ("streams", "tail", "referrals", "--from-start", "--follow", "--data", str(data))
    process = subprocess.Popen([*TOGETHER, *words], stdout=-1, stderr=-1, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["specversion"] == "1.0"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"Traceback" not in err


def test_an_event_is_told_as_the_standard_has_it(data: Path) -> None:
    events = [json.loads(line) for line in together("streams", "tail", "referrals", "--from-start", "--data", data).out.splitlines()]
    assert len(events) == 3
    assert all(event.keys() >= {"id", "source", "type", "specversion", "time", "subject", "datacontenttype", "data"} for event in events)
    assert together("streams", "tail", "referrals", "--data", data).out == ""
