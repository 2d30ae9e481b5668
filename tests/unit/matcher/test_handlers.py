"""When the matcher answers, and when it is silent."""

from datetime import timedelta

import pytest

from schemas.events.base import Data
from schemas.events.referrals import PersonErased, RedFlagCleared, RedFlagRaised, ReferralClosed, ReferralReopened, ReferralWithdrawn
from tests.unit.matcher.matcher_cases import ABOUT, PERIOD, PERSON, Matching, consent, declined, event, held, referral, refused, released, session

RAISED = RedFlagRaised(**ABOUT, flag_id="flag-1")
CLEARED = RedFlagCleared(person=PERSON, flag_ids=["flag-1"])
CLOSED, REOPENED, WITHDRAWN = ReferralClosed(**ABOUT), ReferralReopened(**ABOUT), ReferralWithdrawn(**ABOUT)


def said(*facts: Data) -> list[str]:
    """What is answered to these facts, which come one by one; the same as when they come at once."""
    events = [event(number, data) for number, data in enumerate(facts)]
    one_by_one, at_once = Matching(), Matching()
    answers = [answer for one in events for answer in one_by_one.said(one)]
    assert at_once.said(*events) == answers
    assert at_once.store.facts == one_by_one.store.facts
    assert at_once.store.held == one_by_one.store.held
    return answers


def test_a_referral_is_answered_once() -> None:
    assert said(referral()) == ["choir"]
    assert said(referral(match=False)) == said(referral(match=None)) == ["no_consent"]
    assert said(referral(flags=["self_harm"])) == said(RAISED, referral()) == ["red_flag"]


def test_a_flag_alone_is_answered_by_nothing() -> None:
    assert said(referral(), RAISED) == ["choir"]


def test_when_the_last_flag_is_cleared_every_open_case_is_answered_again() -> None:
    other = RedFlagRaised(**ABOUT, flag_id="flag-2")
    facts = [referral(flags=["self_harm"]), RAISED, other, referral("case-2")]
    assert said(*facts, CLEARED) == ["red_flag", "red_flag"]
    assert said(*facts, CLEARED, RedFlagCleared(person=PERSON, flag_ids=["flag-2"])) == ["red_flag", "red_flag", "choir", "choir"]


def test_each_case_that_one_fact_asks_for_has_an_answer_of_its_own() -> None:
    matching = Matching()
    matching.told(event(0, RAISED), event(1, referral()), event(2, referral("case-2")))
    answers = matching.told(event(3, CLEARED))
    assert [(fact.data.case_id, fact.ordinal) for fact in answers] == [("case-1", 0), ("case-2", 1)]  # type: ignore[attr-defined]
    assert [fact.cause for fact in answers] == [event(3, CLEARED)] * 2


def test_where_a_flag_held_a_case_back_and_consent_is_missing_too_that_is_said_once() -> None:
    facts = [referral(flags=["self_harm"], match=False), RAISED, CLEARED]
    assert said(*facts) == ["red_flag", "no_consent"]
    again = [RedFlagRaised(**ABOUT, flag_id="flag-2"), RedFlagCleared(person=PERSON, flag_ids=["flag-2"])]
    assert said(*facts, *again) == ["red_flag", "no_consent"]
    assert said(referral(match=False), RAISED, CLEARED) == ["no_consent"]
    assert said(*facts, consent(True), consent(False), *again) == ["red_flag", "no_consent", "choir"]


def test_consent_turned_on_is_answered_and_turned_off_is_not() -> None:
    assert said(referral(match=False), consent(True)) == ["no_consent", "choir"]
    assert said(referral(), consent(False)) == ["choir"]
    assert said(referral(), consent(True)) == ["choir"]
    assert said(referral(match=False), RAISED, consent(True)) == ["no_consent"]
    assert said(referral(match=False), RAISED, consent(True), CLEARED) == ["no_consent", "choir"]


def test_only_the_person_turns_on_again_what_they_turned_off() -> None:
    assert said(referral(), consent(False), consent(True, "coordinator"), referral("case-2")) == ["choir", "no_consent"]


@pytest.mark.parametrize("fact", [declined("band"), refused("full"), refused("not_running"), released("delisted"), REOPENED])
def test_a_refusal_a_lost_place_and_a_reopening_are_answered(fact: Data) -> None:
    assert said(referral(), fact) == ["choir", "choir"]
    assert said(referral(), RAISED, fact) == ["choir"]
    assert said(referral(), consent(False), fact) == ["choir"]
    assert said(referral("case-2"), fact) == ["choir"]


@pytest.mark.parametrize("fact", [held(), released("withdrawn"), released("declined"), released("changed"), session(False)])
def test_what_the_person_wished_is_not(fact: Data) -> None:
    assert said(referral(), fact) == ["choir"]


@pytest.mark.parametrize("fact", [declined("choir"), released("refused_by_organiser"), refused("not_suitable"), refused("no_reason_given")])
def test_a_group_that_was_refused_cools_off(fact: Data) -> None:
    assert said(referral(), fact, referral("case-2")) == ["choir", "nobody_in_reach", "nobody_in_reach"]
    assert said(fact, referral()) == ["nobody_in_reach"]


def test_after_the_period_it_is_proposed_again() -> None:
    matching = Matching()
    matching.told(event(0, referral()), event(1, declined("choir")))
    matching.now = event(1, referral()).time + PERIOD - timedelta(seconds=1)
    assert matching.said(event(2, declined("band"))) == ["nobody_in_reach"]
    matching.now += timedelta(seconds=1)
    assert matching.said(event(3, declined("band"))) == ["choir"]


def test_a_group_that_was_attended_is_not_proposed_and_the_highest_revision_counts() -> None:
    assert said(referral(), session(True), REOPENED) == ["choir", "nobody_in_reach"]
    assert said(referral(), session(False, 2), session(True, 1), REOPENED) == ["choir", "choir"]
    assert said(referral(), session(True, 1), session(False, 2), session(True, 3), REOPENED) == ["choir", "nobody_in_reach"]


def test_a_case_that_is_withdrawn_or_closed_is_never_answered_again() -> None:
    assert said(referral(), CLOSED, declined("band")) == ["choir"]
    assert said(referral(), CLOSED, REOPENED, declined("band")) == ["choir", "choir", "choir"]
    assert said(referral(), WITHDRAWN, REOPENED, declined("band")) == ["choir"]
    assert said(referral(), RAISED, CLOSED, CLEARED) == ["choir"]


def test_a_fact_that_comes_again_is_answered_once() -> None:
    matching = Matching()
    events = [event(0, referral()), event(1, declined("band"))]
    assert matching.said(*events, *events) == ["choir", "choir"]
    assert matching.said(*events) == []


def test_who_is_erased_is_forgotten_and_never_answered() -> None:
    matching = Matching()
    erased = event(2, PersonErased(person=PERSON))
    matching.told(event(0, referral(flags=["self_harm"])), event(1, declined("band")))
    assert matching.said(erased, event(3, referral("case-2")), event(4, consent(True))) == []
    assert matching.said(event(5, referral("case-3"))) == []
    assert [fact for _, fact in matching.store.facts.values()] == [erased]
    assert matching.store.held == {}
