"""A service's view is in step with the log whenever the service decides, in the process that pumps and in any other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.service import Decided, Service
from tests.integration.chassis.conftest import Town
from tests.two_services import Refer, Seen, migration


@dataclass
class Everybody:
    """Who was ever referred."""

    streams: tuple[StreamName, ...] = ("referrals",)
    persons: list[str] = field(default_factory=list)

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take them in."""
        self.persons += [event.data.subject for event in events]


@dataclass(frozen=True)
class Count:
    """How many are known."""


@pytest.fixture
def everybody() -> Everybody:
    return Everybody()


@pytest.fixture
def looking(town: Town, everybody: Everybody) -> Iterator[Embedded]:
    """An installation whose coordinator answers with how many persons its view has, as a refusal."""

    def count(commands: Sequence[Count], _store: Seen) -> list[Decided]:
        return [Rejected(str(len(everybody.persons))) for _ in commands]

    embedded = town.open()
    embedded.add(Service("coordinator", Seen, migration(town.migrations, "seen_by_coordinator"), decides={Count: count}, view=everybody))
    yield embedded
    embedded.close()


def told(embedded: Embedded) -> str:
    return str(embedded.decide("coordinator", [Count()])[0])


def test_a_process_that_does_not_pump_decides_on_what_stands_in_the_log(looking: Embedded) -> None:
    looking.decide("intake", [Refer("ada")])
    assert told(looking) == "1"


def test_what_is_added_between_two_commands_is_known_to_the_second(looking: Embedded, town: Town) -> None:
    assert told(looking) == "0"
    other = town.open()
    other.decide("intake", [Refer("ada"), Refer("bo")])
    other.close()
    assert told(looking) == "2"


def test_starting_again_takes_nothing_in_twice(looking: Embedded, everybody: Everybody) -> None:
    looking.decide("intake", [Refer("ada")])
    looking.start()
    looking.settle()
    looking.start()
    assert told(looking) == "1"
    assert everybody.persons == ["ada"]
