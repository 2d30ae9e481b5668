"""Two copies of the coordinator take in facts about the two of a pair at once: each turn holds the lanes of its own persons, and no others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.cases import CompanionDeclined, CompanionEnded
from schemas.events.groups import GroupListed
from schemas.events.matches import GroupChosen
from schemas.events.places import HeldSession, PlaceHeld
from schemas.events.referrals import RedFlag, RedFlagRaised, ReferralDetails, ReferralMatching, ReferralReceived, ReferralWithdrawn
from schemas.group import Group
from schemas.streams import partition_of
from services.chassis.distributed import lanes
from services.chassis.ids import fresh_id
from services.chassis.service import Fact
from services.coordinator.commands import DecideTogether, TogetherAnswer
from services.coordinator.handlers import decide_together, follow_cases, what_time_brings
from services.coordinator.handlers.keeping import as_written
from services.coordinator.places import place_id_of
from services.coordinator.standing import Standing, standings_of
from services.coordinator.store import SqlCoordinatorStore
from services.coordinator.tasks import Periods
from tests.contract.conftest import Ground

NOW = datetime(2026, 7, 1, 8, 15, tzinfo=UTC)
TUESDAY = HeldSession(date=datetime(2026, 7, 7, tzinfo=UTC).date(), start=datetime(2026, 7, 7, 9, 0, tzinfo=UTC))
CHOIR = Group.model_validate({"group_id": "choir", "name": "Singers"})
PERIODS = Periods("duty worker", ZoneInfo("Europe/London"))
Act = Callable[[SqlCoordinatorStore], Sequence[Fact]]


class Overtaken(SqlCoordinatorStore):
    """A store before whose first word about a case another copy's turn is made and committed."""

    other: Callable[[], None] | None = None

    def put(self, *about: Any) -> None:
        """Keep where cases stand, after the other turn."""
        if self.other is not None:
            other, self.other = self.other, None
            other()
        super().put(*about)


@dataclass
class Copies:
    """Turns of the copies over one database; what they write comes round when it is asked for."""

    ground: Ground
    written: list[Event[Data]] = field(default_factory=list)

    def turn(self, act: Act, held: frozenset[int] = lanes.ALL, overtaken_by: Callable[[], None] | None = None) -> None:
        """One turn with these lanes, in the middle of which another may be made."""
        with self.ground.engine("coordinator").begin() as connection:
            lanes.take(connection, "coordinator", held)
            store = Overtaken(connection, self.ground.vault("coordinator"))
            store.other = overtaken_by
            facts = act(store)
            sealed = store.sealed(as_written(facts, NOW))
        self.written += [replace(event, data=fact.data) for event, fact in zip(sealed, facts, strict=True)]

    def take_in(self, *data: Data, overtaken_by: Callable[[], None] | None = None) -> None:
        """Facts of the others."""
        events = [Event(fresh_id(NOW), "/others", NOW, one, "c") for one in data]
        self._follow(events, overtaken_by)

    def come_round(self) -> None:
        """Each written fact arrives, in the lane of its own person, and what follows after it."""
        while self.written:
            arriving, self.written = self.written, []
            for event in arriving:
                self._follow([event])

    def decide(self, person: str, answer: TogetherAnswer) -> None:
        """A link worker's command, and what follows."""
        self.put(person, answer)
        self.come_round()

    def put(self, person: str, answer: TogetherAnswer) -> None:
        """A link worker's command alone."""
        [of_the_pair] = self.standing(person).companions
        command = DecideTogether(case=f"case-{person}", id=fresh_id(NOW), at=NOW, answer=answer, pair_id=of_the_pair.pair_id)
        self.turn(lambda store: decide_together(command, store, PERIODS))

    def standing(self, person: str) -> Standing:
        """How the person's case stands by all facts about them."""
        with self.ground.turn("coordinator") as store:
            return standings_of({f"case-{person}": person}, store.facts_of([person]))[f"case-{person}"]

    def in_queue(self) -> dict[str, str]:
        """How each case stands in the queue."""
        with self.ground.turn("coordinator") as store:
            return {one.person: one.status for case in ("case-ada", "case-bo") for one in store.cases_called(case)}

    def to_do(self, person: str) -> set[str]:
        """The kinds of the open tasks about going together."""
        return {task.kind for task in self.standing(person).tasks if task.kind.endswith(("together", "companion"))}

    def _follow(self, events: Sequence[Event[Any]], overtaken_by: Callable[[], None] | None = None) -> None:
        def act(store: SqlCoordinatorStore) -> Sequence[Fact]:
            return follow_cases(store.sealed(events), store, PERIODS)

        self.turn(act, lanes.lanes_of(events, "person"), overtaken_by)


def comes(person: str, count: int) -> list[Data]:
    """Somebody who agreed to a companion holds a place for the first session."""
    about: dict[str, Any] = {"person": person, "case_id": f"case-{person}"}
    place_id = place_id_of(f"case-{person}", 1)
    return [
        ReferralReceived(
            **about, received_at=NOW, details=ReferralDetails(referral_id=person, person_id=person),
            matching=ReferralMatching.model_validate({"consent": {"match": True, "companion": True}}),
        ),
        GroupChosen(**about, group_id="choir", version=1),
        PlaceHeld(**about, group_id="choir", place_id=place_id, session=TUESDAY, count=count),
    ]  # fmt: skip


@pytest.fixture
def both_said_yes(ground: Ground) -> Copies:
    """Two who go together, each of them another copy's."""
    vault = ground.vault("intake")
    for purpose in ("details", "matching"):
        vault.fetch(purpose, ["ada", "bo"])
    assert partition_of("ada") != partition_of("bo")
    copies = Copies(ground)
    copies.take_in(GroupListed(group_id="choir", feed="f", group=CHOIR, content="c"))
    for number, person in enumerate(("ada", "bo")):
        copies.take_in(*comes(person, number + 1))
    copies.turn(lambda store: what_time_brings(NOW + timedelta(minutes=1), store, PERIODS))
    copies.come_round()
    copies.decide("ada", "ask")
    for person in ("ada", "bo"):
        copies.decide(person, "yes")
    assert copies.to_do("ada") == copies.to_do("bo") == {"tell_companion"}
    return copies


FLAG = RedFlagRaised(person="ada", case_id="case-ada", flag_id="f", matching=RedFlag(code="abuse", noticed_in="reply"))
GOES = ReferralWithdrawn(person="bo", case_id="case-bo")


@pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("first", "meanwhile"), [(FLAG, GOES), (GOES, FLAG)], ids=["flag first", "withdrawal first"])
def test_where_one_is_flagged_while_the_other_withdraws_nobody_has_anything_left_to_tell(both_said_yes: Copies, first: Data, meanwhile: Data) -> None:
    copies = both_said_yes
    copies.take_in(first, overtaken_by=lambda: copies.take_in(meanwhile))
    assert {type(event.data) for event in copies.written} >= {CompanionEnded}
    assert copies.in_queue() == {"ada": "needs_human", "bo": "withdrawn"}
    copies.come_round()
    assert copies.in_queue() == {"ada": "needs_human", "bo": "withdrawn"}
    assert copies.to_do("ada") == copies.to_do("bo") == set()
    assert copies.standing("ada").companion is copies.standing("bo").companion is None


@pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
@pytest.mark.parametrize("no_first", [False, True], ids=["the end comes first", "the no comes first"])
def test_a_no_counts_also_while_the_end_of_the_pair_is_still_on_its_way(both_said_yes: Copies, *, no_first: bool) -> None:
    copies = both_said_yes
    copies.take_in(FLAG)
    ended = list(copies.written)
    copies.written.clear()
    copies.put("bo", "no")
    assert [(type(event.data), event.data.subject) for event in copies.written] == [(CompanionDeclined, "bo")]
    copies.written = [*copies.written, *ended] if no_first else [*ended, *copies.written]
    copies.come_round()
    assert [one.state for one in copies.standing("bo").companions] == ["declined"]
    assert copies.to_do("ada") == copies.to_do("bo") == set()
    copies.decide("bo", "no")
    assert copies.to_do("bo") == set()
