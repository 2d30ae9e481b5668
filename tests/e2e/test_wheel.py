"""The wheel as images install it: it holds the packages whole, the built encoder with them, and nothing else, and runs away from the checkout."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from models.text.encoder import GRAPH, MANIFEST, TOKENIZER

ROOT = Path(__file__).parents[2]
PACKAGES = ("models", "schemas", "services")
UV = next((str(path) for path in (ROOT / ".tools/bin/uv", shutil.which("uv")) if path and Path(path).exists()), None)
ABOUT_IT = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}

pytestmark = [pytest.mark.skipif(UV is None, reason="uv is neither in .tools nor on the path"), pytest.mark.timeout(300)]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that knows nothing of this checkout's environment; its output is shown where it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON", "VIRTUAL_ENV", "TOGETHER_"))}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=kept, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def uv(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run uv in the checkout."""
    return run(str(UV), *words, cwd=ROOT)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", folder)
    return next(folder.glob("*.whl"))


def files_of(wheel: Path) -> set[str]:
    """The files in a wheel."""
    with ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if not name.endswith("/")}


def files_in_tree() -> Iterator[str]:
    """Every file of the packages in the checkout; what Python compiled is left out."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix()


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    held = files_of(wheel)
    about = {name for name in held if name.partition("/")[0].endswith(".dist-info")}
    assert held - about == set(files_in_tree())
    assert {name.partition("/")[2] for name in about} == ABOUT_IT


def test_the_wheel_holds_what_is_read_at_run_time(wheel: Path) -> None:
    held = files_of(wheel)
    assert {f"models/text/encoder/{name}" for name in (GRAPH, TOKENIZER, MANIFEST)} <= held
    assert {"models/prior.json", "models/text/words.toml", "models/geography/uk-outcodes.csv", "schemas/published/asyncapi.json"} <= held
    assert {f"services/chassis/web/{name}" for name in ("templates/base.html", "static/nhsuk/nhsuk-frontend.min.css")} <= held
    for service in ("coordinator", "directory", "intake", "matcher"):
        assert any(name.startswith(f"services/{service}/migrations/") for name in held), service


def test_the_wheel_says_that_it_is_not_to_be_published(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        metadata = next(opened.read(name).decode() for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
    assert "Classifier: Private :: Do Not Upload" in metadata


def test_a_fresh_environment_with_the_lock_and_the_wheel_runs_elsewhere(wheel: Path, tmp_path: Path) -> None:
    fresh, lock, elsewhere = tmp_path / "fresh", tmp_path / "lock.txt", tmp_path / "elsewhere"
    elsewhere.mkdir()
    uv("export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-project", "--output-file", lock)
    uv("venv", "--quiet", "--python", sys.executable, fresh)
    uv("pip", "install", "--quiet", "--python", fresh, "--require-hashes", "-r", lock)
    uv("pip", "install", "--quiet", "--python", fresh, "--no-deps", wheel)
    together = fresh / "bin" / "together"

    assert "doctor" in run(together, "--help", cwd=elsewhere).stdout
    found = run(together, "doctor", cwd=elsewhere).stdout
    assert "MISSING" not in found
    assert "sentence encoder: loaded" in found
    run(together, "demo", "--once", "--people", "3", "--report", "town.json", cwd=elsewhere)
    assert json.loads((elsewhere / "town.json").read_text())["referred"] == 3
