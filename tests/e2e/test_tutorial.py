"""The tutorial, run from its first line to its last: what it shows is what happens."""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the tutorial with the output that it is said to have."""
    for block in BLOCK.findall(text):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, _, rest = step.partition("\n")
            if here := re.search(r"<<'(\w+)'$", first):
                document, _, rest = rest.partition(f"\n{here[1]}\n")
                first = f"{first}\n{document}\n{here[1]}\n"
            yield first, rest


@pytest.mark.timeout(600)
def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(TUTORIAL.parents[1]),
        "COLUMNS": "200",
    }
    told = list(steps(TUTORIAL.read_text()))
    assert len(told) > 10
    for command, expected in told:
        ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100)
        printed = re.sub(r" +$", "", ran.stdout + ran.stderr, flags=re.MULTILINE)
        same = doctest.OutputChecker().check_output(expected.replace("…", "..."), printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        assert same, f"$ {command}\nexpected:\n{expected}\nprinted:\n{printed}"
