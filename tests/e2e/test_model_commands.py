"""`together model` as a user meets it: train on files, match by what was learned, and be told plainly what is wrong."""

import json
import shutil
import sys
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.matcher.serving import REFUSED
from tests.e2e.command_line import in_its_own_process, together, up
from tests.unit.models.attended_town import attendance, groups


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's groups, with words to them, and who went where, as files; and a model learned from them."""
    folder = tmp_path_factory.mktemp("town")
    words = {"music": "we sing together and play the guitar", "walking": "walks in the hills and woods", "craft": "knitting, sewing and pottery"}
    listed = [item.group.model_copy(update={"description": words[item.group.tags[0]]}) for item in groups(new=1)]
    (folder / "groups.jsonl").write_text("".join(group.model_dump_json() + "\n" for group in listed))
    (folder / "attendance.jsonl").write_text("".join(row.model_dump_json() + "\n" for row in attendance()))
    done = together("model", "train", *files(folder), "--out", folder / "model")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    assert told["model"].startswith("learned-")
    assert told["people"] == 240
    return folder


def files(folder: Path) -> tuple[str | Path, ...]:
    return "--groups", folder / "groups.jsonl", "--attendance", folder / "attendance.jsonl"


def test_match_ranks_by_the_learned_model_and_leaves_out_where_they_have_been(town: Path) -> None:
    been = [{"group_id": f"walking-{number}", "sessions": 2} for number in range(6)]
    (town / "people.jsonl").write_text(json.dumps({"attended": been}) + "\n" + json.dumps({"interests": "I love singing"}) + "\n")
    done = together("match", town / "people.jsonl", "--groups", town / "groups.jsonl", "--model", town / "model", "--top", "3")
    assert done.code == 0
    walker, singer = map(json.loads, done.out.splitlines())
    assert {match["group_id"] for match in walker["matches"]} == {"walking-6", "walking-7", "walking-8"}
    assert walker["ruled_out"] == {"already_attended": 6}
    assert all(match["group_id"].startswith("music") and match["reasons"] for match in singer["matches"])
    assert walker["model"].startswith("learned-")


def test_the_same_files_give_the_same_model_in_another_process(town: Path) -> None:
    first = json.loads((town / "model" / "model.json").read_text())["model"]
    done = in_its_own_process("model", "train", *files(town), "--out", town / "again", environment={"PYTHONHASHSEED": "7"})
    assert json.loads(done.out)["model"] == first


def test_a_bad_line_is_told_with_its_field_and_the_others_are_learned_from(town: Path, tmp_path: Path) -> None:
    lines = (town / "attendance.jsonl").read_text().splitlines()
    (tmp_path / "attendance.jsonl").write_text("\n".join([lines[0], '{"person_id": "p", "group_id": "g", "sessions": -1}', "{", *lines[1:]]))
    done = together("model", "train", "--groups", town / "groups.jsonl", "--attendance", tmp_path / "attendance.jsonl", "--out", tmp_path / "model")
    assert done.code == 1
    assert f"{tmp_path}/attendance.jsonl:2: /sessions: " in done.err
    assert f"{tmp_path}/attendance.jsonl:3: the line: " in done.err
    assert json.loads(done.out)["people"] == 240


def test_attendance_as_a_json_array_is_one_message_and_many_bad_lines_are_told_together(town: Path, tmp_path: Path) -> None:
    lines, file = (town / "attendance.jsonl").read_text().splitlines(), tmp_path / "attendance.jsonl"
    words = ("model", "train", "--groups", town / "groups.jsonl", "--attendance", file, "--out", tmp_path / "model")
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    done = together(*words)
    assert (done.code, len(done.err.splitlines())) == (1, 2)
    assert done.err.startswith(f"{file}:1: the line: this is a JSON array; one object a line is needed\n")
    file.write_text("{}\n" * 20 + "\n".join(lines))
    told = together(*words).err.splitlines()
    assert len(told) == 22
    assert told[20] == "and 14 more lines: 7-20"


@pytest.mark.parametrize("content", ["", '{"person_id": "p", "group_id": "nowhere", "sessions": 3}\n'])
def test_nothing_to_learn_from_is_one_clear_line(town: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "attendance.jsonl").write_text(content)
    done = together("model", "train", "--groups", town / "groups.jsonl", "--attendance", tmp_path / "attendance.jsonl", "--out", tmp_path / "m")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("together: ")
    assert "Traceback" not in done.err
    assert not (tmp_path / "m").exists()


def test_without_what_trains_it_is_said_how_to_have_it(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models.training.train", None)
    done = together("model", "train", *files(town), "--out", tmp_path / "m")
    assert (done.code, done.told_in_one_line(), "uv sync --frozen --inexact --no-default-groups --extra learning" in done.err) == (1, True, True)


def test_a_file_that_is_not_there_is_named(town: Path, tmp_path: Path) -> None:
    done = together("model", "train", "--groups", town / "groups.jsonl", "--attendance", tmp_path / "none.jsonl", "--out", tmp_path / "m")
    assert done.code == 1
    assert done.told_in_one_line()
    assert "none.jsonl" in done.err


def test_evaluate_prints_the_figures_and_writes_a_card_with_plots(town: Path) -> None:
    done = together("model", "evaluate", town / "model", *files(town), "--out", town / "card")
    assert done.code == 0
    figures = json.loads(done.out)
    assert figures["people"] == 240
    assert {"overall", "tail", "new groups", "no history", "travels by walk", "aged 65 and over"} <= figures["slices"].keys()
    assert (town / "card" / "card.md").read_text().startswith(f"# Model card: {figures['model']}")
    assert {path.suffix for path in (town / "card").iterdir()} == {".md", ".json", ".svg"}


def test_a_model_that_is_not_there_is_named(town: Path) -> None:
    done = together("model", "evaluate", town / "nothing", *files(town))
    assert done.code == 1
    assert done.told_in_one_line()
    assert "nothing/model.json: there is no such file" in done.err
    assert "Errno" not in done.err


def test_a_model_is_promoted_where_it_wins_and_rolled_back_by_one_command(town: Path) -> None:
    models = ("--models", town)
    done = together("model", "promote", "model", *files(town), *models, "--tolerance", "0.5")
    assert done.code == 0, done.err
    assert serving(town) == "model"
    again = together("model", "promote", "model", *files(town), *models)
    assert (again.code, again.err) == (1, "together: model serves already\n")
    assert json.loads(together("model", "rollback", *models).out)["name"] == "prior"
    assert serving(town) == "prior"
    once_more = together("model", "rollback", *models)
    assert (once_more.code, once_more.told_in_one_line(), "nothing left to roll back" in once_more.err) == (1, True, True)


def dated(town: Path, file: Path, *days: str | None, field: str = "first_at") -> Path:
    """The attendance as of these days in turn."""
    rows = map(json.loads, (town / "attendance.jsonl").read_text().splitlines())
    days_in_turn = (days[number % len(days)] for number in count())
    told = [row if day is None else {**row, field: f"{day}T10:00:00Z"} for row, day in zip(rows, days_in_turn, strict=False)]
    file.write_text("".join(json.dumps(row) + "\n" for row in told))
    return file


def learned_until(day: str, model: Path, copy: Path) -> str:
    """A copy of a model that learned from attendance up to this day."""
    shutil.copytree(model, copy)
    content = json.loads((copy / "model.json").read_text())
    assert content["told"]["learned_until"] is None
    content["told"]["learned_until"] = day
    (copy / "model.json").write_text(json.dumps(content))
    return day


@pytest.mark.parametrize("field", ["first_at", "offered_at"])
def test_a_model_is_not_promoted_by_what_it_may_have_learned_from(town: Path, tmp_path: Path, field: str) -> None:
    until = learned_until("2026-05-31", town / "model", tmp_path / "models" / "mine")
    earlier = dated(town, tmp_path / "earlier.jsonl", "2025-01-01", until, field=field)
    words = ("model", "promote", "mine", "--groups", town / "groups.jsonl", "--models", tmp_path / "models", "--tolerance", "1", "--attendance")
    refused = together(*words, earlier)
    assert (refused.code, refused.told_in_one_line()) == (1, True)
    assert f"{earlier}: nothing in it is from after {until}" in refused.err
    assert serving(tmp_path / "models") == "prior"


def test_of_mixed_attendance_what_is_later_counts_and_the_rest_is_told(town: Path, tmp_path: Path) -> None:
    until = learned_until("2026-05-31", town / "model", tmp_path / "models" / "mine")
    mixed = dated(town, tmp_path / "mixed.jsonl", "2099-01-01", None, "2025-01-01")
    lines = len(mixed.read_text().splitlines())
    words = ("model", "promote", "mine", "--groups", town / "groups.jsonl", "--models", tmp_path / "models", "--tolerance", "1", "--attendance")
    done = together(*words, mixed)
    assert done.code == 0, done.err
    assert done.err.splitlines() == [
        f"{mixed}: {lines // 3} of {lines} lines are left out: they are not from after {until}",
        f"{mixed}: {(lines + 1) // 3} of {lines} lines have no date, so whether they are from after {until} is not checked",
    ]


def test_in_an_installation_a_promotion_is_a_fact_and_a_roll_back_another(town: Path, tmp_path: Path) -> None:
    shutil.copytree(town / "model", tmp_path / "models" / "mine")
    data = ("--data", tmp_path)
    done = together("model", "promote", "mine", *files(town), *data, "--tolerance", "0.5")
    assert done.code == 0, done.err
    assert serving(tmp_path, "--data") == "mine"
    again = together("model", "promote", "mine", *files(town), *data)
    assert (again.code, again.err) == (1, "together: mine serves already\n")
    assert json.loads(together("model", "rollback", *data).out)["name"] == "prior"
    assert serving(tmp_path, "--data") == "prior"
    told = [json.loads(line)["data"] for line in together("streams", "tail", "models", "--from-start", *data).out.splitlines()]
    assert [(one["promotion"], one.get("snapshot")) for one in told] == [(1, "mine"), (2, None)]
    once_more = together("model", "rollback", *data)
    assert (once_more.code, once_more.told_in_one_line(), "nothing left to roll back" in once_more.err) == (1, True, True)
    nothing = together("model", "rollback", "--data", tmp_path / "another")
    assert (nothing.code, nothing.told_in_one_line()) == (1, True)


def test_beside_up_what_is_promoted_and_rolled_back_ranks_at_once_and_what_cannot_be_read_is_told(town: Path, tmp_path: Path) -> None:
    data, models = ("--data", tmp_path), tmp_path / "models"
    assert together("groups", "import", town / "groups.jsonl", *data).code == 0
    shutil.copytree(town / "model", models / "mine")
    with up(tmp_path) as address:
        prior = ranked_by(tmp_path, "R-1")
        assert together("model", "promote", "mine", *files(town), *data, "--tolerance", "0.5").code == 0
        learned = ranked_by(tmp_path, "R-2")
        assert (prior.partition("-")[0], learned.partition("-")[0]) == ("prior", "learned")
        assert f"ok       model: {learned} serves\n" in together("doctor", *data).out
        assert together("model", "rollback", *data).code == 0
        assert ranked_by(tmp_path, "R-3") == prior
        assert together("model", "promote", "mine", *files(town), *data, "--tolerance", "0.5").code == 0
        assert httpx.get(f"{address}/health/ready").json() == {"status": "ok"}
    models.rename(tmp_path / "elsewhere")
    with up(tmp_path) as address:
        assert httpx.get(f"{address}/health/ready").json() == {"status": "ok", "concerns": [REFUSED.format(prior)]}
        assert ranked_by(tmp_path, "R-4") == prior
        [row] = [row for row in listed(tmp_path) if row["serving"]]
        assert (row["name"], row["because"].startswith("cannot be read: ")) == ("mine", True)
        ended = together("doctor", *data)
        assert (ended.code, "MISSING  model: " in ended.out, "together model rollback" in ended.out) == (1, True, True)
        assert together("model", "rollback", *data).code == 0
        assert ranked_by(tmp_path, "R-5") == prior
        assert httpx.get(f"{address}/health/ready").json() == {"status": "ok"}


def test_where_nothing_was_learned_yet_that_is_said_with_what_it_takes(tmp_path: Path) -> None:
    assert [row["because"] for row in listed(tmp_path)] == [
        "nothing was learned yet: no outcome is known, and the first night on which there are 50 learns from them"
    ]


def ranked_by(data: Path, referral_id: str) -> str:
    """The model that ranks for somebody new."""
    referral = {"referral_id": referral_id, "person_id": referral_id, "interests": "singing", "consent": {"match": True}}
    assert together("referrals", "import", "-", "--data", data, stdin=json.dumps(referral).encode()).code == 0
    return str(json.loads(together("referrals", "show", referral_id, "--data", data).out)["proposal"]["model"])


def listed(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in together("model", "list", "--data", data, "--format", "jsonl").out.splitlines()]


def serving(folder: Path, option: str = "--models") -> str:
    rows = map(json.loads, together("model", "list", option, folder, "--format", "jsonl").out.splitlines())
    return str(next(row["name"] for row in rows if row["serving"]))
