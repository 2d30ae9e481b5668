"""Puts one command about a case to the coordinator of a data folder, sees it through, and prints how the case stands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.chassis.errors import Rejected
from services.chassis.ids import fresh_id
from services.cli.installation import installation
from services.cli.output import print_json
from services.coordinator.commands import Command
from services.coordinator.reading import read_decision


def decide(data: Path | None, case: str, make: Callable[..., Command], **fields: Any) -> None:
    """Have a command done, whether or not `together up` is running there.

    Raises:
        Rejected: it was refused; the message says what stands.
    """
    with installation(data) as running:
        at = running.services.clocks.domain.now()
        [answer] = running.decide("coordinator", [make(case=case, id=fresh_id(at), at=at, **fields)])
        if isinstance(answer, Rejected):
            raise answer
        running.finish()
        with running.services.reading("coordinator") as store:
            print_json(read_decision(store, case))
