"""The top-level packages `services`, `schemas` and `models` are ours: no other installed distribution brings one, and none hides ours."""

import importlib
import importlib.metadata
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTION = "better-together"
OURS = ("services", "schemas", "models")


def others(owners: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Which distribution other than ours brings one of our names."""
    for name in OURS:
        yield from (f"{owner} brings {name}" for owner in owners.get(name, ()) if owner != DISTRIBUTION)


def test_no_other_distribution_brings_our_names() -> None:
    assert list(others(importlib.metadata.packages_distributions())) == []


def test_the_guard_tells_another_distribution_that_brings_one() -> None:
    assert list(others({"models": [DISTRIBUTION, "town-models"], "numpy": ["numpy"]})) == ["town-models brings models"]


@pytest.mark.parametrize("name", OURS)
def test_what_is_imported_is_ours(name: str) -> None:
    package = importlib.import_module(name)
    assert package.__file__ is not None
    assert Path(package.__file__).resolve() == (ROOT / name / "__init__.py").resolve()


def test_the_wheel_carries_every_package_there_is_and_no_other() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(OURS)
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"} == set(OURS)
