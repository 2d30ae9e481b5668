"""A small town that was lived through in a data folder: people placed, waiting, written to, erased, a dead letter, and a claim left open."""

import sqlite3
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.follow_ups import FollowUpClaimed, FollowUpPlanned, FollowUpSent
from schemas.group import Group
from schemas.referral import Referral
from services.chassis import log
from services.chassis.clock import HandSetClock
from services.chassis.codec import Record, decode
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.ids import random_id
from services.chassis.running import Running
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.personal_record import erase_person
from services.cli.preparing import preparer
from services.cli.sample_town import OPENS, refer
from services.cli.town_life import TownLife, seeded
from services.coordinator.commands import ChooseGroup
from services.coordinator.reading import every_case

PEOPLE: Final = 50
SEED: Final = 3
DAYS: Final = 14
"""Days lived through, after which about half of the people were referred."""

ENDS: Final = OPENS.replace(hour=10) + timedelta(days=DAYS)
"""A morning, when people may be written to."""

WRITTEN_TO: Final = {"match": True, "email": True, "sms": True}
BREAD: Final = Group.model_validate(
    {
        "group_id": "bread", "name": "Tuesday bread", "description": "We bake bread.", "latitude": 60.6, "longitude": -1.1,
        "sessions": [{"weekday": "tue", "start": "10:00", "end": "12:00"}], "contact": {"name": "Ola", "email": "ola@bread.example"},
        "capacity": {"maximum": 1, "waitlist": True},
    }
)  # fmt: skip
SOUP: Final = BREAD.model_copy(update={"group_id": "soup", "name": "Thursday soup", "description": "We bake bread and cook soup."})


def baker(name: str) -> Referral:
    """Somebody who would like to bake, and may be written to."""
    return Referral.model_validate(
        {
            "referral_id": f"R-{name}", "person_id": f"P-{name}", "interests": "I would like to bake bread.", "latitude": 60.6, "longitude": -1.1,
            "consent": WRITTEN_TO, "contact": {"name": name, "email": f"{name}@people.example"}, "travel": {"max_km": 20},
        }
    )  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What can be read of an installation: each stream's ids by subject, in order, and every case."""

    streams: dict[str, dict[str, list[str]]]
    cases: list[dict[str, Any]]

    def counts(self) -> dict[str, int]:
        """How many records each stream has that has any."""
        return {stream: sum(map(len, subjects.values())) for stream, subjects in self.streams.items() if subjects}


def told(running: Running, streams: tuple[str, ...]) -> Told:
    """Read everything that there is to be read."""
    found: dict[str, dict[str, list[str]]] = {stream: defaultdict(list) for stream in streams}
    for stream in streams:
        for stored in running.all_of(stream):
            found[stream][stored.record.subject].append(stored.record.id)
    with running.reading("coordinator") as store:
        return Told(found, list(every_case(store)))


def follow_ups(running: Running) -> list[Event[Data]]:
    """Every fact about messages."""
    return [decode(stored.record) for stored in running.all_of("follow-ups")]


def claimed_and_open(running: Running) -> set[str]:
    """The touches that were claimed, and of which nothing was heard."""
    facts = [event.data for event in follow_ups(running)]
    ended = {fact.touch_id for fact in facts if hasattr(fact, "touch_id") and not isinstance(fact, FollowUpClaimed | FollowUpPlanned)}
    return {fact.touch_id for fact in facts if isinstance(fact, FollowUpClaimed)} - ended


def sent(running: Running) -> list[str]:
    """The touches that were sent, one for each time."""
    return [event.data.touch_id for event in follow_ups(running) if isinstance(event.data, FollowUpSent)]


def live(data: Path) -> None:
    """Live in a data folder, and leave it as a process does that was killed in the middle of a call."""
    clock = HandSetClock(OPENS)
    with embedded_installation(settings_for(data), clock, seeded(SEED, "facts")) as running:
        list_groups(running, "sample-town", [*town_groups(SEED), BREAD, SOUP])
        with running.folder.held():
            running.services.start()
            _days(running, clock)
            clock.set(ENDS)
            running.services.settle()
            _choose(running, "ada", "bread")
            running.services.settle()
            _choose(running, "bo", "bread")
            _put_what_is_no_fact(running)
            running.services.settle()
        _choose(running, "gone", "soup")
        running.finish()
        erase_person(running, "P-gone")
        with running.folder.held():
            running.services.start()
            _leave_a_claim_open(running)


def _days(running: Installation[Embedded], clock: HandSetClock) -> None:
    life, prepare = TownLife(running, SEED), replace(preparer(running), new_id=partial(random_id, seeded(SEED, "people")))
    coming = [*town_referrals(PEOPLE, SEED, first_received=OPENS), *map(baker, ("ada", "bo", "gone", "open"))]
    waiting = deque(sorted(coming, key=lambda one: one.received_at or OPENS))
    for moment in _moments():
        clock.set(moment)
        running.services.settle()
        life.look(moment)
        arrived = []
        while waiting and (waiting[0].received_at or OPENS) <= moment:
            arrived.append(waiting.popleft())
        for referral, case_id in refer(running, prepare, arrived):
            if not (referral.person_id or "").startswith("P-"):
                life.refer(referral, case_id, moment)
        while life.act(moment):
            running.services.settle()
            life.look(moment)


def _moments() -> Iterator[datetime]:
    for day in range(DAYS):
        yield from (OPENS.replace(hour=0) + timedelta(days=day, hours=hour) for hour in (9, 14, 19))


def _choose(running: Installation[Running], name: str, group_id: str) -> None:
    now = running.services.clocks.domain.now()
    [answer] = running.decide("coordinator", [ChooseGroup(case=f"R-{name}", id=f"choose-{name}", at=now, group_id=group_id)])
    assert not isinstance(answer, Rejected), answer


def _put_what_is_no_fact(running: Installation[Embedded]) -> None:
    [first] = running.services.records("referrals", 0, 1)
    torn = Record(**{name: getattr(first.record, name) for name in Record.__slots__} | {"id": "torn", "data": b'{"torn'})
    with running.services._writer.begin() as connection:
        log.append(connection, [torn], ENDS.isoformat())


def _leave_a_claim_open(running: Installation[Embedded]) -> None:
    """Have somebody placed, and the message to them claimed and not sent."""
    embedded = running.services
    _choose(running, "open", "soup")
    while sum(consumption.step(monotonic) for consumption in embedded._consumptions):
        pass
    with embedded._turn("followup") as turn:
        for errand in embedded._services["followup"].errands:
            turn.write(errand.claim(ENDS, turn.store).facts)


def rows_of(file: Path, table: str, columns: Sequence[str]) -> list[str]:
    """Every row of a table of the folder, in no order, True and False as 1 and 0."""
    with sqlite3.connect(file) as database:
        names = ", ".join(f'"{column}"' for column in columns)
        return sorted(repr(tuple(row)) for row in database.execute(f'SELECT {names} FROM "{table}"'))


def letters(data: Path) -> dict[str, tuple[int, bytes]]:
    """The messages that were written, each with when its file was last changed."""
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in (data / "outbox").iterdir()}


def unread(data: Path) -> dict[str, set[str]]:
    """The ids that each service had still to read in the folder, of the streams that it had read before."""
    behind = "SELECT consumer, id FROM cursors JOIN log ON log.stream = cursors.stream AND log.position > cursors.position"
    found: dict[str, set[str]] = defaultdict(set)
    with sqlite3.connect(data / "together.sqlite3") as database:
        for service, id_ in database.execute(behind):
            found[service].add(id_)
    return found
