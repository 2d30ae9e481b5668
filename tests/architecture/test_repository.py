"""The lock names one registry and no path, no other file names a registry, and modules and functions stay small."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlparse

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "uv.lock"
NOT_OURS = {".git", ".venv", ".tools", ".together", ".hypothesis", "node_modules", "__pycache__", "encoder"}
TEXT = {".py", ".toml", ".md", ".json", ".yaml", ".yml", ".cfg", ".ini", ".sh", ".html", ".jinja", ".css", ".csv", ".txt", ""}

LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
MEDIAN_FUNCTION = 10

CODE = sorted(path for package in ("services", "schemas", "models") for path in (ROOT / package).rglob("*.py"))


def odd_sources(lock: dict[str, Any]) -> Iterator[str]:
    """Packages of a lock that come from elsewhere than its one registry; our own comes from this folder."""
    registries = {package["source"].get("registry") for package in lock["package"]} - {None}
    if len(registries) != 1:
        yield f"registries: {sorted(registries)}"
    for package in lock["package"]:
        if "registry" not in package["source"] and package["source"] != {"editable": "."}:
            yield f"{package['name']}: {package['source']}"


def test_the_lock_knows_one_registry_and_no_path() -> None:
    lock = tomllib.loads(LOCK.read_text(encoding="utf-8"))
    assert list(odd_sources(lock)) == []
    assert "options" not in lock or not {"index-url", "extra-index-url", "find-links"} & lock["options"].keys()


def test_the_guard_tells_a_package_from_elsewhere() -> None:
    ours, theirs = {"name": "a", "source": {"registry": "https://one.example"}}, {"name": "b", "source": {"directory": "../b"}}
    assert list(odd_sources({"package": [ours, theirs]})) == ["b: {'directory': '../b'}"]
    other = {"name": "c", "source": {"registry": "https://two.example"}}
    assert list(odd_sources({"package": [ours, other]})) == ["registries: ['https://one.example', 'https://two.example']"]


def texts(folder: Path) -> Iterator[Path]:
    """The text files of the checkout, what is installed or built left out."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_OURS and not path.name.endswith("_cache"):
            yield from texts(path)
        elif path.is_file() and path.suffix in TEXT and path != LOCK:
            yield path


def naming(hosts: set[str], paths: Iterator[Path]) -> list[str]:
    """Which of the files name one of the hosts."""
    wanted = re.compile("|".join(map(re.escape, sorted(hosts))))
    return [path.name for path in paths if wanted.search(path.read_text(encoding="utf-8", errors="replace"))]


def test_no_file_but_the_lock_names_a_package_registry(tmp_path: Path) -> None:
    hosts = {urlparse(url).netloc for url in re.findall(r'"(https?://[^"]+)"', LOCK.read_text(encoding="utf-8"))}
    assert hosts
    assert naming(hosts, texts(ROOT)) == []
    (tmp_path / "planted.toml").write_text(f'index = "https://{min(hosts)}/simple"')
    assert naming(hosts, texts(tmp_path)) == ["planted.toml"]


def lengths(source: str) -> dict[str, int]:
    """The length in lines of every function of a module, by `line name`."""
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {f"{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_and_each_of_its_functions_is_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LONGEST_MODULE
    assert [name for name, length in lengths(source).items() if length > LONGEST_FUNCTION] == []


def test_half_of_all_functions_are_very_small() -> None:
    assert median(length for path in CODE for length in lengths(path.read_text(encoding="utf-8")).values()) <= MEDIAN_FUNCTION


def test_the_guard_counts_lines_as_a_reader_does() -> None:
    assert lengths("x = 1\n\ndef f():\n    a = 1\n    return a\n") == {"3 f": 3}
