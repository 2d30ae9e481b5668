"""Whatever happens in whatever order: nothing is claimed after it was stopped, no promise is broken, no duplicate and no order matters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import SessionAttended
from schemas.events.places import PlaceConfirmed, PlaceHeld, PlaceMoved, PlaceReleased
from schemas.events.referrals import (
    ConsentChanged,
    ConsentChoice,
    PersonErased,
    RedFlag,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralDetails,
    ReferralMatching,
    ReferralReceived,
    ReferralReopened,
    ReferralWithdrawn,
)
from schemas.group import Group
from schemas.referral import Consent, PersonContact
from services.chassis.ids import derived_id
from services.chassis.service import Cause
from services.followup.domain.touches import Touch
from tests.integration.followup.town import held_session, local
from tests.property.followup_bench import Bench, bench

NO_CAUSE = Cause("", "")
STARTS = (datetime(2026, 3, 20, 9, tzinfo=UTC), datetime(2026, 10, 16, 9, tzinfo=UTC))
ADA: dict[str, Any] = {"person": "ada", "case_id": "case"}
CONTACT = PersonContact(name="Ada Byron", phone="07700 900123", email="ada@example.org")
REPLIES = ("stop", "START", "yes I went", "I want to kill myself", "stop or he will hit me again", "who are you?")
KINDS = (
    "flag",
    "clear",
    "withdraw",
    "close",
    "reopen",
    "erase",
    "move",
    "release",
    "confirm",
    "attend",
    "allow",
    "forbid",
    "delist",
    "relist",
    "hold",
)
FIRST = ("list", "refer", "hold")
happens = some.lists(
    some.one_of(some.sampled_from(KINDS), some.sampled_from(REPLIES), some.integers(1, 90), some.integers(90, 400)), min_size=5, max_size=30
)


def facts_of(kind: str, number: int, day: datetime) -> Data:
    """What other services write when this happens, as the `number`-th thing that does."""
    choice = Consent(match=True, sms=kind == "allow", email=kind == "allow")
    place = {**ADA, "place_id": f"place-{number if kind == 'hold' else 1}", "group_id": "choir", "count": number}
    session = held_session(local(day.date() + timedelta(days=9 + number % 5), 7 + number % 15))
    listed = GroupListed(group_id="choir", feed="town", group=Group(group_id="choir", name="Choir"), content="1")
    made: dict[str, Data] = {
        "refer": ReferralReceived(
            **ADA,
            received_at=day,
            details=ReferralDetails(referral_id="R", person_id="P", contact=CONTACT),
            matching=ReferralMatching(consent=Consent(match=True, sms=True, email=True)),
        ),
        "list": listed,
        "relist": listed,
        "delist": GroupDelisted(group_id="choir", feed="town"),
        "hold": PlaceHeld(**place, session=session),
        "move": PlaceMoved(**place, session=session),
        "release": PlaceReleased(**place, reason="refused_by_organiser"),
        "confirm": PlaceConfirmed(**place),
        "flag": RedFlagRaised(**ADA, flag_id=f"flag-{number}", matching=RedFlag(code="other", noticed_in="coordinator")),
        "clear": RedFlagCleared(person="ada", flag_ids=[f"flag-{earlier}" for earlier in range(number)]),
        "withdraw": ReferralWithdrawn(**ADA),
        "close": ReferralClosed(**ADA),
        "reopen": ReferralReopened(**ADA),
        "erase": PersonErased(person="ada"),
        "attend": SessionAttended(**ADA, group_id="choir", on=day.date() + timedelta(days=10), said_by="coordinator"),
        "allow": ConsentChanged(person="ada", matching=ConsentChoice(consent=choice, said_by="referrer")),
        "forbid": ConsentChanged(person="ada", matching=ConsentChoice(consent=choice, said_by="coordinator")),
    }
    return made[kind]


def live(one: Bench, happened: list[str | int], start: datetime, *, twice: bool = False) -> None:
    """Let it all happen; what is committed is read before the next claim, as the chassis promises, and a reply only then."""
    times = 2 if twice else 1
    unread = one.publish(*(facts_of(kind, 1, start) for kind in FIRST))
    for number, what in enumerate(happened, 2):
        one.handle(unread * times)
        unread = []
        one.send()
        if isinstance(what, int):
            one.clock.set(one.clock.now() + timedelta(minutes=what * 10))
        elif what in KINDS:
            unread = one.publish(facts_of(what, number, start))
        elif not one.oracle.lives["ada"].erased:
            unread = one.reply(what, derived_id(str(number), "reply", "ada", 0))
    one.handle(unread * times)
    one.send()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(happens, some.sampled_from(STARTS))
def test_nothing_that_was_stopped_is_claimed_and_every_claim_keeps_every_promise(happened: list[str | int], start: datetime) -> None:
    one = bench(start)
    live(one, happened, start)
    one.clock.set(one.clock.now() + timedelta(days=70))
    one.send()
    assert one.oracle.broken == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(happens, some.sampled_from(STARTS))
def test_a_fact_that_comes_twice_changes_nothing(happened: list[str | int], start: datetime) -> None:
    once, again = bench(start), bench(start)
    live(once, happened, start)
    live(again, happened, start, twice=True)
    assert _without_causes(once) == _without_causes(again)
    assert once.oracle.ends == again.oracle.ends


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.sampled_from(KINDS), max_size=12), some.sampled_from(STARTS), some.randoms(use_true_random=False))
def test_the_order_of_facts_of_different_streams_changes_nothing(kinds: list[str], start: datetime, chance: Any) -> None:
    one = bench(start)
    other = bench(start, beside=one)
    facts = [facts_of(kind, number, start) for number, kind in enumerate([*FIRST, *kinds], 1)]
    events = one.publish(*facts)
    one.handle(events)
    for event in _shuffled(events, chance):
        other.handle([event])
    assert _still_planned(one) == _still_planned(other)


def _shuffled(events: list[Event[Data]], chance: Any) -> list[Event[Data]]:
    """The same events, each stream in its own order."""
    streams: dict[str, list[Event[Data]]] = {}
    for event in events:
        streams.setdefault(event.data.stream, []).append(event)
    order = [event.data.stream for event in events]
    chance.shuffle(order)
    return [streams[stream].pop(0) for stream in order]


def _still_planned(one: Bench) -> set[tuple[object, ...]]:
    """What is still to be done, and in which way."""
    planned = [touch for touch in one.touches() if touch.state == "planned"]
    return {(touch.place_id, touch.step, touch.seat, touch.over, touch.channel, touch.due_at) for touch in planned}


def _without_causes(one: Bench) -> dict[str, Touch]:
    """Every touch, but for the ids of the facts that led to it, which are drawn."""
    return {touch.touch_id: replace(touch, planned_by=NO_CAUSE) for touch in one.touches()}
