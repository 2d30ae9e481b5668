"""Two people go together the first time: suggested to a human, asked apart, and nothing is told of the other before both said yes."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from schemas.events.cases import CompanionAgreed, CompanionAsked, CompanionDeclined, CompanionEnded, CompanionSuggested, TaskKind
from schemas.events.groups import GroupDelisted
from schemas.events.outcomes import SessionAttended
from schemas.events.places import HeldSession, PlaceMoved, PlaceReleased
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
    ReferralWithdrawn,
)
from schemas.referral import Consent, PersonContact
from services.chassis.errors import Conflict, NotFound
from services.coordinator.commands import CloseCase, DecideTogether, RaiseFlag, TogetherAnswer
from services.coordinator.domain import Side
from services.coordinator.handlers.pair import COMES_ALONE, Pairing
from services.coordinator.tasks import BOTH_AGREED, Desk, Periods
from tests.integration.coordinator.desk import NOW, TUESDAY, desk
from tests.integration.coordinator.pairs import Pairs

HOME: dict[str, Any] = {"latitude": 52.62, "longitude": -1.11}
NEXT_WEEK = HeldSession(date=TUESDAY.date + timedelta(days=7), start=TUESDAY.start + timedelta(days=7))
OF_PAIRS = (CompanionSuggested, CompanionAsked, CompanionAgreed, CompanionDeclined, CompanionEnded)
What = Callable[[Pairs], Any]


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[Pairs]:
    with desk(tmp_path) as opened:
        yield Pairs(opened, {})


@pytest.fixture
def two(pairs: Pairs) -> Pairs:
    """Ada and Bo could go together."""
    pairs.comes("ada", languages=["en"], **HOME)
    pairs.comes("bo", languages=["en-GB"], **HOME)
    return pairs


def flag(person: str) -> RedFlagRaised:
    return RedFlagRaised(person=person, case_id=f"case-{person}", flag_id=f"f-{person}", matching=RedFlag(code="abuse", noticed_in="reply"))


def changed(person: str, companion: bool) -> ConsentChanged:
    choice = ConsentChoice(consent=Consent(match=True, companion=companion), said_by="person", about=["companion"])
    return ConsentChanged(person=person, matching=choice)


def again(person: str, *, safe: bool) -> ReferralReceived:
    """Another clinic refers the same person."""
    details = ReferralDetails(referral_id="R-again", person_id=f"of-{person}", contact=PersonContact(name="N", safe_to_contact=safe))
    matching = ReferralMatching(consent=Consent(match=True, companion=True))
    return ReferralReceived(person=person, case_id=f"{person}-again", received_at=NOW, details=details, matching=matching)


def test_two_who_agreed_and_share_a_session_are_suggested_to_a_human_and_nobody_is_asked(two: Pairs) -> None:
    assert [two.stands("ada"), two.stands("bo")] == ["suggested", "suggested"]
    assert two.to_do("ada").keys() == two.to_do("bo").keys() == {"could_go_together"}
    [item, _] = two.desk.queue("to_do")
    assert item["next_action"].startswith("They could go together with somebody")
    beside = two.companion("ada")
    assert beside
    assert beside["other_case"] == "case-bo"
    assert [*beside["reasons"]] == [
        "Both have a place for the same first session",
        "They have said that they share a language",
        "They live near one another, so they may share the way",
    ]


@pytest.mark.parametrize(
    "needs",
    [
        {"consent": {"match": True}},
        {"consent": None},
        {"languages": ["ur"]},
        {"group_id": "games"},
        {"contact": {"safe_to_contact": False}},
    ],
    ids=["no consent", "nothing said", "no language in common", "another group", "contact is unsafe"],
)
def test_nobody_is_suggested_who_may_not_or_cannot_go(pairs: Pairs, needs: dict[str, Any]) -> None:
    pairs.comes("ada", languages=["en"])
    pairs.comes("bo", **{"languages": ["en"], **needs})
    assert pairs.written(CompanionSuggested) == []


def test_nobody_is_suggested_for_whom_a_flag_is_open_or_whose_session_is_too_near(pairs: Pairs) -> None:
    pairs.comes("ada")
    pairs.desk.say(flag("ada"))
    pairs.comes("bo")
    assert pairs.written(CompanionSuggested) == []
    pairs.desk.later(days=4, hours=2)
    pairs.comes("cy")
    assert pairs.written(CompanionSuggested) == []


def test_of_three_the_two_who_suit_best_are_suggested_and_nobody_is_in_two_pairs(pairs: Pairs) -> None:
    pairs.desk.say(changed("ada", companion=True))
    pairs.comes("ada", languages=["en"], consent={"match": True}, **HOME)
    pairs.comes("bo", consent={"match": True})
    pairs.comes("cy", languages=["en"], consent={"match": True}, **HOME)
    pairs.desk.say(changed("ada", companion=True), changed("bo", companion=True), changed("cy", companion=True))
    pairs.desk.later(minutes=1)
    assert sorted(pairs.written(CompanionSuggested)) == [("CompanionSuggested", "ada"), ("CompanionSuggested", "cy")]


def test_both_say_yes_and_only_then_is_a_name_told(two: Pairs) -> None:
    two.decide("bo", "ask")
    assert two.to_do("ada").keys() == two.to_do("bo").keys() == {"ask_companion"}
    two.decide("ada", "yes")
    assert (two.to_do("ada"), [*two.to_do("bo")]) == ({}, ["ask_companion"])
    for person in ("ada", "bo"):
        told = json.dumps(two.companion(person))
        assert "Marjorie" not in told
        assert "Tobias" not in told
    two.decide("bo", "yes")
    assert two.to_do("ada") == two.to_do("bo") == {"tell_companion": BOTH_AGREED}
    ada, bo = two.companion("ada"), two.companion("bo")
    assert ada
    assert bo
    assert (ada["first_name"], bo["first_name"]) == ("Tobias", "Marjorie")
    assert ada["session"] == TUESDAY
    for person in ("ada", "bo"):
        two.desk.say(SessionAttended(person=person, case_id=f"case-{person}", group_id="choir", on=TUESDAY.date, said_by="organiser"))
    with two.desk.embedded.reading("coordinator") as store:
        assert store.companions() == {"possible": 1, "asked": 1, "agreed": 1, "went_together": 1}


def test_the_same_again_changes_nothing_and_yes_before_anybody_was_to_be_asked_is_refused(two: Pairs) -> None:
    with pytest.raises(Conflict, match="nobody has decided yet"):
        two.decide("ada", "yes")
    two.both_say("yes")
    before = two.written(*OF_PAIRS)
    two.decide("ada", "yes")
    two.decide("bo", "ask")
    assert two.written(*OF_PAIRS) == before
    two.decide("ada", "no")
    two.decide("ada", "no", pair_id=two.desk.written(CompanionSuggested)[0].pair_id)
    assert two.written(CompanionDeclined, CompanionEnded) == [("CompanionDeclined", "ada"), ("CompanionEnded", "bo")]
    with pytest.raises(Conflict, match="not to go together"):
        two.decide("bo", "yes")
    with pytest.raises(NotFound):
        two.decide("nobody", "yes")


def test_a_no_ends_it_and_the_other_hears_no_more_than_that_they_come_alone(two: Pairs) -> None:
    two.both_say("yes", "no")
    assert (two.to_do("ada"), two.to_do("bo")) == ({"tell_companion": COMES_ALONE}, {})
    assert (two.stands("ada"), two.stands("bo")) == (None, None)


def test_who_said_nothing_hears_nothing(two: Pairs) -> None:
    two.both_say("no")
    assert (two.to_do("ada"), two.to_do("bo")) == ({}, {})


def test_a_human_may_let_it_be_and_the_two_are_not_suggested_again(two: Pairs) -> None:
    two.decide("ada", "apart")
    two.desk.later(minutes=1)
    assert (two.to_do("ada"), two.to_do("bo"), len(two.written(CompanionSuggested))) == ({}, {}, 2)
    two.comes("cy")
    assert ("CompanionSuggested", "cy") in two.written(CompanionSuggested)


ENDINGS: dict[str, What] = {
    "flag": lambda two: two.desk.say(flag("bo")),
    "flag by a coordinator": lambda two: two.desk.ask(RaiseFlag, "case-bo", reason="abuse"),
    "flag cleared at once": lambda two: two.desk.say(flag("bo"), RedFlagCleared(person="bo", flag_ids=["f-bo"])),
    "cleared before it came": lambda two: two.desk.say(RedFlagCleared(person="bo", flag_ids=["f-bo"]), flag("bo")),
    "withdrawn": lambda two: two.desk.say(ReferralWithdrawn(person="bo", case_id="case-bo")),
    "closed": lambda two: two.desk.say(ReferralClosed(person="bo", case_id="case-bo")),
    "closed by a coordinator": lambda two: two.desk.ask(CloseCase, "case-bo"),
    "moved": lambda two: two.desk.place(PlaceMoved, two.places["bo"], session=NEXT_WEEK),
    "released": lambda two: two.desk.place(PlaceReleased, two.places["bo"], reason="refused_by_organiser"),
    "consent": lambda two: two.desk.say(changed("bo", companion=False)),
    "unsafe": lambda two: two.desk.say(again("bo", safe=False)),
    "erased": lambda two: two.desk.say(PersonErased(person="bo")),
    "silence": lambda two: two.desk.later(days=5, hours=1),
}


ANSWERS: tuple[tuple[TogetherAnswer, ...], ...] = ((), ("yes",), ("yes", "yes"))
UNLIKELY = ("silence", ANSWERS[-1])
"""Nobody is silent who has answered."""


@pytest.mark.parametrize(("how", "answers"), [both for both in product(ENDINGS, ANSWERS) if both != UNLIKELY])
def test_whatever_stops_one_of_them_ends_it_for_both_at_once(two: Pairs, how: str, answers: tuple[TogetherAnswer, ...]) -> None:
    two.both_say(*answers)
    ENDINGS[how](two)
    assert two.stands("ada") is None
    assert two.to_do("ada") == ({"tell_companion": COMES_ALONE} if answers else {})
    assert two.written(CompanionEnded).count(("CompanionEnded", "ada")) == 1
    if how != "erased":
        assert two.stands("bo") is None
        assert not two.to_do("bo").keys() & {"could_go_together", "ask_companion"}
    with pytest.raises(Conflict):
        two.decide("ada", "yes")


def test_a_pair_opens_no_task_that_its_end_would_not_close() -> None:
    ada = Side("pair", "ada", "case-ada", "place")
    pairing = Pairing([ada], {}, Desk({}, Periods("duty worker", ZoneInfo("Europe/London"))), lambda _: None, NOW)
    for kind in get_args(TaskKind):
        with nullcontext() if kind in ("could_go_together", "ask_companion", "tell_companion") else pytest.raises(KeyError):
            pairing.open(ada, kind)


def test_a_group_that_runs_no_more_ends_it(two: Pairs) -> None:
    two.both_say("yes", "yes")
    two.desk.say(GroupDelisted(group_id="choir", feed="f"))
    assert (two.stands("ada"), two.stands("bo")) == (None, None)


def test_another_case_of_the_same_person_that_ends_leaves_it_alone(two: Pairs) -> None:
    two.both_say("yes")
    two.desk.say(again("bo", safe=True), ReferralClosed(person="bo", case_id="bo-again"), changed("bo", companion=True))
    assert (two.stands("ada"), two.stands("bo")) == ("agreed", "asked")


def test_a_flag_that_was_decided_and_has_not_come_round_stops_a_yes_and_hides_the_other(two: Pairs) -> None:
    two.both_say("yes")
    two.desk.put(RaiseFlag, "case-ada", reason="abuse")
    refused = two.desk.put(DecideTogether, "case-bo", answer="yes")
    assert isinstance(refused, Conflict)
    assert (two.stands("ada"), two.stands("bo")) == (None, None)
    two.desk.embedded.settle()
    assert two.written(CompanionEnded) == [("CompanionEnded", "ada"), ("CompanionEnded", "bo")]


def test_what_comes_after_the_session_ends_nothing(two: Pairs) -> None:
    two.both_say("yes", "yes")
    two.desk.later(days=7)
    two.desk.say(flag("bo"))
    assert two.written(CompanionEnded) == []
    assert COMES_ALONE not in two.to_do("ada").values()
    assert two.companion("ada") is None


def test_nothing_of_one_is_left_with_the_other_when_they_are_erased(two: Pairs) -> None:
    two.both_say("yes", "yes")
    facts = [fact for kind in OF_PAIRS for fact in two.desk.written(kind)]
    assert facts
    assert all(fact.sealed_parts == {} and set(fact.model_dump()) == {"person", "case_id", "pair_id", "place_id"} for fact in facts)
    two.desk.say(PersonErased(person="bo"))
    assert two.companion("ada") == {
        "pair_id": facts[0].pair_id, "state": "ended", "reasons": (), "other_case": None, "both_agreed": False, "first_name": None, "session": None,
        "open": False,
    }  # fmt: skip
    told = json.dumps(two.desk.case("case-ada"), default=str)
    assert "Tobias" not in told
    assert "case-bo" not in told
    with two.desk.embedded.reading("coordinator") as store:
        assert {side.person for side in store.pairs_of(["ada", "bo"])} == {"ada"}
        assert store.companions()["possible"] == 0
