"""Every `TOGETHER_…` that deploy/ or the documents name is a setting, and every setting is told where an operator looks.

Settings are built where a service is: in its `app.py`, or where the command line composes all of them.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, get_args

from pydantic_settings import BaseSettings

from schemas.streams import ServiceName
from tests.architecture.compositions import ROOT

BUILT: Final = re.compile(r"^(?!class ).*\b[A-Z]\w*Settings\(", re.MULTILINE)
NAMED: Final = re.compile(r"\bTOGETHER_[A-Z][A-Z_]*[A-Z]\b")
OF_THE_IMAGE: Final = {"TOGETHER_READY"}
"""Read by what starts the image alone."""

OF_COMPOSE: Final = {"TOGETHER_IMAGE", "TOGETHER_PUBLISH"}
"""Filled in by Docker, and told to nobody."""

OF_TESTS: Final = {"TOGETHER_TEST_KAFKA", "TOGETHER_TEST_POSTGRES"}
TEXT: Final = {".example", ".md", ".sh", ".yaml", ".yml"}


def settings() -> set[str]:
    """The variables that the services read."""
    modules = [import_module(f"services.{name}.settings") for name in ("chassis", *get_args(ServiceName)) if _has_settings(name)]
    classes = [one for module in modules for one in vars(module).values() if isinstance(one, type) and issubclass(one, BaseSettings)]
    return {f"{one.model_config.get('env_prefix', '')}{field}".upper() for one in classes for field in one.model_fields}


def _has_settings(name: str) -> bool:
    return (ROOT / "services" / name / "settings.py").is_file()


def files() -> Iterator[Path]:
    """What an operator reads and runs."""
    yield ROOT / "docker-compose.yml"
    yield from (file for file in (ROOT / "deploy").rglob("*") if file.name == "Dockerfile" or file.suffix in TEXT)
    yield from (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))


def unknown(text: str) -> set[str]:
    """What it names that nobody reads."""
    return set(NAMED.findall(text)) - settings() - OF_THE_IMAGE - OF_COMPOSE - OF_TESTS


def test_every_variable_that_is_named_is_read() -> None:
    wrong = {str(file.relative_to(ROOT)): found for file in files() if (found := unknown(file.read_text(encoding="utf-8")))}
    assert wrong == {}


def test_every_setting_is_told_to_operators() -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert settings() - set(NAMED.findall(told)) == set()


def builders() -> set[str]:
    """The modules that build settings."""
    sources = (ROOT / "services").rglob("*.py")
    return {str(file.relative_to(ROOT)) for file in sources if BUILT.search(file.read_text(encoding="utf-8"))}


def test_settings_are_built_where_the_services_are_composed() -> None:
    allowed = {"services/cli/installation.py", *(f"services/{name}/app.py" for name in get_args(ServiceName))}
    assert builders() - allowed == set()
    assert "services/matcher/app.py" in builders()


def test_the_guard_sees_settings_that_are_built_elsewhere() -> None:
    assert BUILT.search("import this\n    enough = LearningSettings().learning_enough\n")
    assert not BUILT.search("class LearningSettings(BaseSettings):\n")


def test_the_guard_sees_a_planted_misspelling() -> None:
    assert unknown("TOGETHER_KAFKA_BOOTSTRAPS: kafka:9092, TOGETHER_SENDER: somebody") == {"TOGETHER_KAFKA_BOOTSTRAPS"}
    assert len(settings()) > 25
