"""Time and chance are passed in: one module asks the machine for the time, the chassis alone for entropy, nobody uses a global generator.

`time.perf_counter` and `time.monotonic` measure durations and are free. A generator with its own seed is free; one without is not.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("services", "schemas", "models", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py"))

THE_CLOCK = "services/chassis/clock.py"
THE_CHASSIS = "services/chassis/"

TIME = frozenset(
    {
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime")),
    }
)
ENTROPY = ("os.urandom", "secrets.", "uuid.uuid1", "uuid.uuid4", "uuid_utils.uuid", "random.SystemRandom")
GENERATORS = frozenset({"random.Random", "numpy.random.default_rng", "numpy.random.PCG64", "numpy.random.SeedSequence"})
"""Free where they are given a seed."""
FREE = GENERATORS | {"numpy.random.Generator", "numpy.random.BitGenerator"}


def faults(source: str, path: str) -> Iterator[str]:
    """Every place in a module where it asks for the time or for chance itself, as `line: what`."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            said = _forbidden(_dotted(node, names), path)
            if said:
                yield f"{node.lineno}: {said}"
        if isinstance(node, ast.Call) and not node.args and not node.keywords and _dotted(node.func, names) in GENERATORS:
            yield f"{node.lineno}: {_dotted(node.func, names)} without a seed"


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What each imported name stands for, as a dotted path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0], alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return f"{before}.{node.attr}" if before else ""
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def _forbidden(dotted: str, path: str) -> str:
    if dotted in TIME and path != THE_CLOCK:
        return f"{dotted} asks the machine for the time"
    if dotted.startswith(ENTROPY) and not path.startswith(THE_CHASSIS):
        return f"{dotted} asks the machine for entropy"
    if dotted.startswith(("random.", "numpy.random.")) and dotted not in FREE and not dotted.startswith(ENTROPY):
        return f"{dotted} uses a global generator"
    return ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_time_and_chance_are_passed_in(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())) == []


PLANTED = {
    "from datetime import datetime\nat = datetime.now()": "2: datetime.datetime.now asks the machine for the time",
    "import datetime as dt\nat = dt.datetime.now(dt.UTC)": "2: datetime.datetime.now asks the machine for the time",
    "from datetime import datetime\nat = field(default_factory=datetime.utcnow)": "2: datetime.datetime.utcnow asks the machine for the time",
    "from datetime import date\nat = date.today()": "2: datetime.date.today asks the machine for the time",
    "import time\nat = time.time()": "2: time.time asks the machine for the time",
    "from time import time as now\nat = now()": "2: time.time asks the machine for the time",
    "import random\nx = random.random()": "2: random.random uses a global generator",
    "from random import choice\nx = choice([1])": "2: random.choice uses a global generator",
    "import random\nx = random.Random()": "2: random.Random without a seed",
    "import numpy as np\nx = np.random.rand(3)": "2: numpy.random.rand uses a global generator",
    "import numpy as np\nx = np.random.default_rng()": "2: numpy.random.default_rng without a seed",
    "from numpy.random import shuffle\nshuffle([1])": "2: numpy.random.shuffle uses a global generator",
    "from os import urandom\nx = urandom(8)": "2: os.urandom asks the machine for entropy",
    "import secrets\nx = secrets.token_hex()": "2: secrets.token_hex asks the machine for entropy",
    "def f():\n    import uuid\n    return uuid.uuid4()": "3: uuid.uuid4 asks the machine for entropy",
    "import random\nx = random.SystemRandom(4)": "2: random.SystemRandom asks the machine for entropy",
}

FREE_USES = (
    "from datetime import datetime, UTC\nat = datetime(2026, 3, 2, tzinfo=UTC)",
    "import time\ntook = time.perf_counter() + time.monotonic()",
    "import random\nx = random.Random(7).random()",
    "import numpy as np\nx = np.random.default_rng(7).random(3)",
    "import numpy as np\ndef f(rng: np.random.Generator): return rng.random()",
    "def f(clock, random): return clock.now(), random.choice([1])",
)


@pytest.mark.parametrize("source", PLANTED)
def test_the_guard_tells_a_planted_fault(source: str) -> None:
    assert list(faults(source, "services/matcher/domain.py")) == [PLANTED[source]]


@pytest.mark.parametrize("source", FREE_USES)
def test_the_guard_lets_pass_what_is_free(source: str) -> None:
    assert list(faults(source, "services/matcher/domain.py")) == []


def test_only_the_clock_may_ask_for_the_time_and_only_the_chassis_for_entropy() -> None:
    asks = "from datetime import datetime, UTC\nfrom os import urandom\nat, x = datetime.now(UTC), urandom(1)"
    assert list(faults(asks, THE_CLOCK)) == []
    assert len(list(faults(asks, "services/chassis/ids.py"))) == 1
    assert len(list(faults(asks, "tests/unit/test_ids.py"))) == 2
