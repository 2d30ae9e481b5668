"""The report of an import: JSON Lines, one problem a line, in a file that is opened before anything is done."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from services.chassis.errors import UserError


@contextmanager
def report_in(path: Path | None) -> Iterator[TextIO | None]:
    """The report's file while the block runs, or None where none is wanted.

    Raises:
        UserError: it cannot be written, and nothing was done yet.
    """
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(f"the report {path} cannot be written: {error.strerror}") from error
    with file:
        yield file


def write_problems(file: TextIO | None, problems: Iterable[Mapping[str, Any]]) -> None:
    """Write problems into the report, if there is one."""
    if file:
        file.writelines(json.dumps(problem, ensure_ascii=False) + "\n" for problem in problems)
