"""The sample town through the real services: its directory listed, its people referred and carried along on simulated time, and the report."""

import json
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any

from rich.console import Console
from rich.table import Table

from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.events.referrals import ReferralReceived
from schemas.group import Group
from schemas.proposal import Proposal
from schemas.referral import Referral
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected, UserError
from services.chassis.ids import random_id
from services.chassis.running import Running
from services.chassis.web.serving import address_here, listen
from services.cli.funnel import funnel
from services.cli.funnel_picture import funnel_picture
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.output import progress
from services.cli.preparing import preparer
from services.cli.proposal_table import print_proposal
from services.cli.town_life import TownLife, seeded
from services.coordinator.reading import every_case
from services.intake.preparing import Preparer
from services.intake.reading import canonical

OPENS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FEED = "sample-town"
HOST = "127.0.0.1"
LOOKED_AT = (7, 9, 11, 14, 17, 19)  # hours UTC
FOLLOWED = timedelta(weeks=9)
SHOWN_OF_EACH = 3
SHOWN = (
    "people", "referred", "proposed", "needs_human", "no_match", "agreed", "placed", "waitlisted", "attended_once", "attended_twice", "messages",
)  # fmt: skip


def show_sample_town(people: int, seed: int, port: int | None, report: Path | None, picture: Path | None) -> None:
    """Run the town once; then serve its queue on `port` until interrupted, unless that is None.

    The port is taken before anybody is written to, because their links lead there.

    Raises:
        UserError: the port cannot be had, or a file cannot be written.
    """
    with closing(listen(HOST, port)) if port is not None else nullcontext() as listening:
        _show(people, seed, listening, report, picture)


def _show(people: int, seed: int, listening: socket | None, report: Path | None, picture: Path | None) -> None:
    clock = HandSetClock(OPENS)
    groups = town_groups(seed)
    referrals = sorted(town_referrals(people, seed, first_received=OPENS), key=lambda one: (one.received_at or OPENS, one.referral_id or ""))
    ids = seeded(seed, "facts")
    with tempfile.TemporaryDirectory(prefix="together-town-") as folder, embedded_installation(settings_for(Path(folder)), clock, ids) as running:
        if listening:
            running.served_at(address_here(listening))
        with progress("Groups are listed", len(groups)) as bar:
            list_groups(running, FEED, groups, bar.advance)
        messages = live_through(running, clock, referrals, seed)
        with running.services.reading("coordinator") as store:
            told = funnel(people, every_case(store), messages)
        _print(told, {group.group_id: group for group in groups}, {one.referral_id: one.interests for one in referrals})
        if report:
            _write(report, json.dumps(told) + "\n")
        if picture:
            _write(picture, funnel_picture(told))
            print(f"The funnel as a picture: {picture}", file=sys.stderr)
        if listening:
            from services.cli.serving import serve_on

            clock.run(SystemClock())
            serve_on(running, listening, HOST)


def live_through(running: Installation[Embedded], clock: HandSetClock, referrals: Sequence[Referral], seed: int) -> int:
    """Have the town's referrals arrive, and everybody act on what follows until the last one has been asked how they are; returns the messages."""
    life, waiting, embedded = TownLife(running, seed), deque(referrals), running.services
    prepare = replace(preparer(running), new_id=partial(random_id, seeded(seed, "people")))
    with progress("The town lives", len(referrals)) as bar, embedded.folder.held():
        embedded.start()
        for moment in _moments(referrals[-1].received_at or OPENS):
            clock.set(moment)
            embedded.settle()
            life.look(moment)
            for referral, case_id in refer(running, prepare, _arrived(waiting, moment)):
                life.refer(referral, case_id, moment)
                bar.advance()
            while life.act(moment):
                embedded.settle()
                life.look(moment)
    return life.messages


def _moments(last: datetime) -> Iterator[datetime]:
    """The hours of each day at which somebody looks, from the opening until all that follows from the last referral is over."""
    day, end = OPENS.replace(hour=0), last + FOLLOWED
    while day < end:
        yield from (day + timedelta(hours=hour) for hour in LOOKED_AT if day + timedelta(hours=hour) >= OPENS)
        day += timedelta(days=1)


def _arrived(waiting: deque[Referral], now: datetime) -> list[Referral]:
    arrived = []
    while waiting and (waiting[0].received_at or OPENS) <= now:
        arrived.append(waiting.popleft())
    return arrived


def refer(running: Installation[Running], prepare: Preparer, referrals: Sequence[Referral]) -> Iterator[tuple[Referral, str]]:
    """Have clinics refer these, and return each with the id of its case."""
    sent = [canonical(referral.model_dump(mode="json", exclude_none=True)) for referral in referrals]
    commands = list(prepare.commands(list(zip(referrals, sent, strict=True))))
    for referral, answer in zip(referrals, running.decide("intake", commands) if commands else [], strict=True):
        if isinstance(answer, Rejected):
            raise answer
        yield referral, next(event.data.case_id for event in answer if isinstance(event.data, ReferralReceived))


def _print(told: Mapping[str, Any], groups: Mapping[str, Group], said: Mapping[str | None, str]) -> None:
    console = Console()
    table = Table(title="The town so far", title_justify="left", show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in SHOWN:
        table.add_row(name.replace("_", " "), f"{told[name]:,}")
    for reason, number in told["unmet"].items():
        table.add_row(f"  never placed: {reason.replace('_', ' ')}", f"{number:,}")
    console.print(table)
    for example in told["examples"]:
        print_proposal(Proposal.model_validate(example), groups, SHOWN_OF_EACH, said[example["referral_id"]])


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
