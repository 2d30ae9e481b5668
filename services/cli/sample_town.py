"""The sample town through the real services: its directory listed, its referrals taken in on simulated time, and the report of what came of them."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.group import Group
from schemas.proposal import Proposal
from schemas.referral import Referral
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.errors import Rejected, UserError
from services.cli.funnel import funnel
from services.cli.installation import Installation, installation
from services.cli.listing import list_groups
from services.cli.output import progress
from services.cli.preparing import preparer
from services.cli.proposal_table import print_proposal
from services.coordinator.reading import every_case
from services.intake.reading import canonical

OPENS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FEED = "sample-town"
AT_ONCE = 100
SHOWN_OF_EACH = 3


def show_sample_town(people: int, seed: int, port: int | None, report: Path | None) -> None:
    """Run the town once; then serve its queue on `port` until interrupted, unless that is None."""
    clock = HandSetClock(OPENS)
    groups = town_groups(seed)
    referrals = sorted(town_referrals(people, seed, first_received=OPENS), key=lambda one: (one.received_at or OPENS, one.referral_id or ""))
    with tempfile.TemporaryDirectory(prefix="together-town-") as folder, installation(Path(folder), clock) as running:
        with progress("Groups are listed", len(groups)) as bar:
            list_groups(running, FEED, groups, bar.advance)
        refer_town(running, clock, referrals)
        with running.embedded.reading("coordinator") as store:
            told = funnel(people, every_case(store), messages=0)
        _print(told, {group.group_id: group for group in groups}, {one.referral_id: one.interests for one in referrals})
        if report:
            _write(report, told)
        if port is not None:
            from services.cli.serving import serve

            clock.run(SystemClock())
            serve(running, port)


def refer_town(running: Installation, clock: HandSetClock, referrals: Sequence[Referral]) -> None:
    """Take the town's referrals in as simulated time passes, each batch answered before the next."""
    prepare = preparer(running)
    with progress("People are referred", len(referrals)) as bar:
        for some in _batches(referrals):
            clock.set(max(clock.now(), some[-1].received_at or clock.now()))
            sent = [canonical(referral.model_dump(mode="json", exclude_none=True)) for referral in some]
            answers = running.decide("intake", [prepare.command(referral, one) for referral, one in zip(some, sent, strict=True)])
            for refusal in answers:
                if isinstance(refusal, Rejected):
                    raise refusal
            running.finish()
            bar.advance(len(some))


def _batches(referrals: Sequence[Referral]) -> Iterator[Sequence[Referral]]:
    return (referrals[start : start + AT_ONCE] for start in range(0, len(referrals), AT_ONCE))


def _print(told: Mapping[str, Any], groups: Mapping[str, Group], said: Mapping[str | None, str]) -> None:
    console = Console()
    table = Table(title="The town so far", title_justify="left", show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("people", "referred", "proposed", "needs_human", "no_match"):
        table.add_row(name.replace("_", " "), str(told[name]))
    console.print(table)
    for example in told["examples"]:
        print_proposal(Proposal.model_validate(example), groups, SHOWN_OF_EACH, said[example["referral_id"]])


def _write(report: Path, told: Mapping[str, Any]) -> None:
    try:
        report.write_text(json.dumps(told) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"the report {report} cannot be written: {error.strerror}") from error
