"""What is known of a person is folded the same way whether little or much is known."""

import pytest

from schemas.events.matches import MatchesDeclined
from schemas.referral import Attended
from services.matcher.history import agrees_to_match, been_to, cases_asked_for, cooling_off, is_flagged, needs_of, open_cases, sought_for
from tests.unit.matcher.matcher_cases import ABOUT, NOW, PERIOD, consent, declined, event, referral, session


@pytest.mark.parametrize("match", [True, False, None])
@pytest.mark.parametrize("flags", [[], ["self_harm"]])
def test_of_somebody_new_the_short_way_finds_what_the_long_way_does(match: bool | None, flags: list[str]) -> None:
    case = referral(match=match, flags=flags)
    facts = [event(0, case)]
    found = sought_for(case, facts, NOW - PERIOD)
    assert (found.flagged, found.agrees) == (is_flagged(case, facts), agrees_to_match(facts))
    assert found.cooling_off == cooling_off(facts, NOW - PERIOD) == frozenset()
    assert found.needs.model_copy(update={"flags": []}) == needs_of(case, facts)
    assert cases_asked_for(facts[0], []) == open_cases(facts)


def test_sessions_attended_since_are_added_to_those_told_in_the_referral() -> None:
    case = referral(attended=[Attended(group_id="choir", sessions=3), Attended(group_id="band", sessions=1)])
    facts = [event(0, case), event(1, session(True)), event(2, session(True))]
    assert been_to(facts) == {"choir": 1}
    assert [(been.group_id, been.sessions) for been in needs_of(case, facts).attended] == [("band", 1), ("choir", 4)]


def test_a_coordinator_s_word_about_a_visit_stands_whatever_is_said_later() -> None:
    said = session(True).model_copy(update={"said_by": "coordinator"})
    later = session(False).model_copy(update={"said_by": "organiser", "revision": 2})
    assert been_to([event(0, said), event(1, later)]) == {"choir": 1}


def test_what_can_no_longer_be_read_counts_for_nothing() -> None:
    unread = [event(0, referral().model_copy(update={"matching": None})), event(1, MatchesDeclined(**ABOUT, version=1))]
    unread.append(event(2, consent(True).model_copy(update={"matching": None})))
    assert open_cases(unread) == []
    assert not agrees_to_match(unread)
    assert cooling_off(unread, NOW - PERIOD) == frozenset()


def test_of_a_person_s_refusals_all_count_that_are_young_enough() -> None:
    facts = [event(0, declined("choir")), event(1, declined("band", "drama"))]
    assert cooling_off(facts, NOW - PERIOD) == {"choir", "band", "drama"}
    assert cooling_off(facts, facts[0].time) == {"band", "drama"}
