"""Reads files of referrals, and tells what became of each row."""

import io
import json
from typing import Any

from services.intake.reading import Format, Row, read_referrals


def rows_of(content: str | bytes, format: Format = "auto") -> list[Row]:
    """Every row of a file."""
    encoded = content if isinstance(content, bytes) else content.encode()
    return list(read_referrals(io.BytesIO(encoded), format=format, name="file"))


def told(row: Row) -> list[tuple[str, str, str]]:
    """What is told of a row: field, reason and action."""
    return [(problem.field, problem.reason, problem.action) for problem in row.problems]


def sent(row: Row) -> Any:
    """What a row says, as it was sent."""
    assert row.sent is not None, row.problems
    return json.loads(row.sent)
