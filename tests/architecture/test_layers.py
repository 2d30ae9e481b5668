"""The layers hold, and each contract is shown to be broken by an import that is planted in a copy of the tree."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "schemas", "models")

# module: the import that is planted in it, by the contract that it breaks
PLANTED = {
    "packages": [("models/distance.py", "services.chassis.clock"), ("schemas/record.py", "models.distance")],
    "services": [("services/intake/domain.py", "services.matcher.domain"), ("services/chassis/clock.py", "services.cli.output")],
    "inside": [("services/matcher/handlers.py", "services.matcher.store"), ("services/intake/domain.py", "services.intake.store")],
    "pure": [("services/coordinator/handlers.py", "sqlalchemy"), ("services/intake/domain.py", "httpx")],
}
# A module or service that no layer names.
UNLISTED = {"services": "services/gossip/__init__.py", "inside": "services/intake/leftovers.py"}


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def judged(root: Path, contract: str) -> tuple[bool, str]:
    """Whether a contract is kept, and what was said about it, its white space reduced."""
    program = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([program, "--no-cache", "--contract", contract], cwd=root, capture_output=True, text=True, check=False, timeout=100)
    return told.returncode == 0, re.sub(r"\s+", " ", told.stdout + told.stderr)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages with every fault planted."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=lambda folder, names: {n for n in names if not _python(Path(folder, n))})
    for faults in PLANTED.values():
        for path, imported in faults:
            with (root / path).open("a", encoding="utf-8") as module:
                module.write(f"\nimport {imported}\n")
    for path in UNLISTED.values():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text('"""Not in any layer."""\n', encoding="utf-8")
    return root


def _python(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")


@pytest.mark.parametrize("contract", PLANTED)
def test_the_contract_is_kept(contract: str) -> None:
    kept, told = judged(ROOT, contract)
    assert kept, told


@pytest.mark.parametrize("contract", PLANTED)
def test_the_contract_tells_what_is_planted_against_it(contract: str, copy: Path) -> None:
    kept, told = judged(copy, contract)
    assert not kept
    for path, imported in PLANTED[contract]:
        assert f"{dotted(path)} -> {imported}" in told
    if contract in UNLISTED:
        assert dotted(UNLISTED[contract]) in told


def test_every_contract_is_tried() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]} == PLANTED.keys()
