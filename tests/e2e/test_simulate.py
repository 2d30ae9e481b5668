"""`together simulate` as a user meets it: the same bytes for the same seed, a report, a picture, and files that a ranker is trained on."""

import json
from collections.abc import Callable
from functools import partial
from inspect import signature
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models.simulation.policies import POLICIES
from models.spreading import STRENGTH
from services.cli.simulate import Way, simulate
from tests.e2e.command_line import Ended, in_its_own_process, together

SMALL = ("simulate", "--people", "30", "--groups", "30", "--weeks", "2", "--policy", "ours", "--policy", "nearest", "--policy", "oracle")


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    told = []
    ways: tuple[Callable[..., Ended], ...] = (together, partial(in_its_own_process, environment={"PYTHONHASHSEED": "7"}))
    for turn, run in enumerate(ways):
        files = [tmp_path / f"{turn}.{kind}" for kind in ("json", "svg")]
        drawn = ("--report", files[0], "--picture", files[1], "--calibration", tmp_path / "said.svg")
        done = run(*SMALL, "--seeds", "2", "--seed", "5", "--explore", "0.1", *drawn)
        assert done.code == 0, done.err
        told.append((done.out, *(file.read_bytes() for file in files)))
    assert told[0] == told[1]
    rows = [json.loads(line) for line in str(told[0][0]).splitlines()]
    assert [row["policy"] for row in rows] == ["ours", "nearest", "oracle"]
    report = json.loads((tmp_path / "0.json").read_text())
    assert report["policies"] == rows
    assert "made-up" in report["holds"]
    assert report["calibration"]["proposed"]["number"] >= report["calibration"]["agreed"]["number"] > 0
    assert "on made-up towns" in (tmp_path / "said.svg").read_text()
    assert ElementTree.parse(tmp_path / "0.svg").getroot().tag.endswith("svg")


def test_a_table_says_what_it_compares() -> None:
    done = together(*SMALL, "--seeds", "2", "--format", "table")
    assert done.code == 0
    assert "worst_off_are" in done.out
    assert "2 made-up towns; each difference is to ours" in done.err


def test_the_help_has_the_ways_that_there_are() -> None:
    assert tuple(way.value for way in Way) == POLICIES
    assert signature(simulate).parameters["spread"].default == STRENGTH
    assert "Example: together simulate" in together("simulate", "--help").out


def test_a_way_that_there_is_not_is_wrong_usage() -> None:
    assert together("simulate", "--policy", "astrology").code == 2


@pytest.mark.parametrize("wrong", [("--groups", "9999"), ("--model", "nowhere")])
def test_what_cannot_be_done_is_told_in_one_line(wrong: tuple[str, ...]) -> None:
    done = together("simulate", "--policy", "nearest", *wrong)
    assert done.code == 1
    assert done.told_in_one_line()


def test_too_few_people_are_not_judged_and_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    files = ("--picture", tmp_path / "town.svg", "--report", tmp_path / "no" / "report.json")
    done = together("simulate", "--policy", "nearest", "--people", "1", "--seeds", "1", *files)
    assert done.code == 1
    assert json.loads(done.out)["worst_off"] == [None, None, None]
    assert done.err.splitlines()[-1].endswith("no/report.json cannot be written: No such file or directory")


def test_a_ranker_is_trained_on_what_was_lived_through_judged_on_another_town_and_simulated(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = together(
            "simulate", "--people", "150", "--groups", "60", "--seeds", "1", "--seed", seed, "--policy", "random", "--out", tmp_path / seed
        )
        assert done.code == 0, done.err
    trained = together("model", "train", *_files(tmp_path / "1"), "--out", tmp_path / "model")
    assert (trained.code, trained.err) == (0, "")
    judged = together("model", "evaluate", tmp_path / "model", *_files(tmp_path / "2"))
    assert judged.code == 0, judged.err
    figures = json.loads(judged.out)
    assert figures["model"] == json.loads(trained.out)["model"]
    assert figures["people"] > 20
    done = together(
        "simulate", "--people", "20", "--groups", "40", "--seeds", "1", "--model", tmp_path / "model", "--report", tmp_path / "report.json"
    )
    assert done.code == 0
    assert json.loads((tmp_path / "report.json").read_text())["model"] == figures["model"]


def _files(folder: Path) -> tuple[str | Path, ...]:
    return "--groups", folder / "groups.jsonl", "--attendance", folder / "attendance.jsonl", "--people", folder / "referrals.jsonl"
