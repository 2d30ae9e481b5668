"""Runs `together` as a person at a keyboard does: in this process, where many runs are wanted, or in one of its own; with a small folder."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from services.cli.main import main

TOGETHER = (sys.executable, "-c", "from services.cli.main import main; main()")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that anybody could read."""
        return self.out + self.err

    def told_in_one_line(self) -> bool:
        """Whether stderr is one clear line of ours, and stdout is empty."""
        return not self.out and self.err.startswith("together: ") and self.err.count("\n") == 1


def together(*words: str | Path, stdin: bytes = b"") -> Ended:
    """Run a command in this process; whatever is not a user's error comes out as it is."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=errors, newline="\n") for errors in ("strict", "backslashreplace"))
    typed = ["together", *map(str, words)]
    code: Any = None
    with (
        patch.object(sys, "argv", typed),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    return Ended(code or 0, _written(out), _written(err))


def in_its_own_process(*words: str | Path, stdin: bytes = b"", environment: Mapping[str, str] = MappingProxyType({}), within: float = 120.0) -> Ended:
    """Run a command in a process of its own, for at most so many seconds."""
    done = subprocess.run(
        [*TOGETHER, *map(str, words)], input=stdin, capture_output=True, timeout=within, check=False, env={**os.environ, **environment}
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def up(folder: Path) -> Iterator[str]:
    """Serve a folder by `together up` while the block runs; where it answers, as http://127.0.0.1:PORT."""
    process = subprocess.Popen([*TOGETHER, "up", "--data", str(folder), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        ready = re.match(r"ready (http://127\.0\.0\.1:\d+)/sign-in\?key=", process.stdout.readline())
        assert ready
        yield ready[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()


def referral(number: int) -> str:
    """One line of a file of referrals."""
    return json.dumps({"referral_id": f"R-{number}", "person_id": f"P-{number}", "interests": "bread and chess", "consent": {"match": True}})


def groups_file(file: Path, *ids: str) -> Path:
    """Such groups in a file."""
    file.write_text("".join(json.dumps({"group_id": id_, "name": f"The {id_}", "description": "Chess and bread."}) + "\n" for id_ in ids))
    return file


def referrals_file(file: Path, numbers: Sequence[int]) -> Path:
    """Such referrals in a file."""
    file.write_text("".join(f"{referral(number)}\n" for number in numbers))
    return file


def small_folder(below: Path) -> Path:
    """A data folder with two groups and three cases."""
    folder = below / "data"
    together("groups", "import", groups_file(below / "groups.jsonl", "bakers", "chess"), "--data", folder)
    together("referrals", "import", referrals_file(below / "referrals.jsonl", range(3)), "--data", folder)
    return folder


def ids(ended: Ended, name: str) -> list[str]:
    """What is called so in each line that was written."""
    return [json.loads(line)[name] for line in ended.out.splitlines()]


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode("utf-8")
