"""Cases read from a data folder, for the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.cli.installation import installation
from services.coordinator.reading import QUEUE_LIMIT, read_queue, read_status

COLUMNS = ("referral_id", "person_id", "status", "urgency", "red_flag", "received_at", "next_action", "case_id")
"""The columns of a table of cases."""


def list_cases(data: Path | None, state: str | None) -> Iterator[dict[str, Any]]:
    """Every case in the order of the queue, page by page."""
    with installation(data) as running, running.services.reading("coordinator") as store:
        cursor: str | None = None
        while True:
            page = read_queue(store, state, running.services.clocks.domain.now(), QUEUE_LIMIT, cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def show_case(data: Path | None, id_: str) -> dict[str, Any]:
    """One case with its history and its proposal."""
    with installation(data) as running, running.services.reading("coordinator") as store:
        return read_status(store, id_)
