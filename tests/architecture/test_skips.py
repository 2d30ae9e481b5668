"""In continuous integration a test that is skipped for want of a browser, Kafka or PostgreSQL fails the run; elsewhere it is only skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

ONE_TEST = 'import pytest\n\ndef test_of_something():\n    pytest.skip("{reason}")\n'
WHOLE_MODULE = 'import pytest\n\npytest.skip("{reason}", allow_module_level=True)\n'
MARKED = 'import pytest\n\n@pytest.mark.skipif(True, reason="{reason}")\ndef test_of_something():\n    pass\n'
EXPECTED_TO_FAIL = 'import pytest\n\n@pytest.mark.xfail(reason="{reason}", strict=True)\ndef test_of_something():\n    raise ValueError\n'

OK, FAILED, INTERRUPTED, NOTHING_RAN = 0, 1, 2, 5


def outcome(folder: Path, source: str, reason: str, ci: bool) -> int:
    """The exit code of pytest over one planted test file beside our conftest."""
    shutil.copy(CONFTEST, folder)
    (folder / "test_planted.py").write_text(source.format(reason=reason), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("COV")}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({"CI": "true"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=100).returncode


@pytest.mark.parametrize("reason", ["no browser on this machine", "Kafka is not running", "PostgreSQL is not running"])
def test_such_a_skip_fails_where_ci_is_set(tmp_path: Path, reason: str) -> None:
    assert outcome(tmp_path, ONE_TEST, reason, ci=True) == FAILED


def test_a_mark_and_a_whole_module_count_too(tmp_path: Path) -> None:
    assert outcome(tmp_path, MARKED, "no browser on this machine", ci=True) == FAILED
    assert outcome(tmp_path, WHOLE_MODULE, "Kafka is not running", ci=True) == INTERRUPTED


def test_other_skips_and_expected_failures_pass_where_ci_is_set(tmp_path: Path) -> None:
    assert outcome(tmp_path, ONE_TEST, "the real directories are not beside this checkout", ci=True) == OK
    assert outcome(tmp_path, EXPECTED_TO_FAIL, "the browser is known to differ", ci=True) == OK


def test_elsewhere_it_is_only_skipped(tmp_path: Path) -> None:
    assert outcome(tmp_path, ONE_TEST, "no browser on this machine", ci=False) == OK
    assert outcome(tmp_path, WHOLE_MODULE, "Kafka is not running", ci=False) == NOTHING_RAN
