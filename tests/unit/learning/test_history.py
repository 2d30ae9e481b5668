"""What one person's facts tell a training run."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.events.base import Data
from schemas.events.referrals import PersonErased, ReferralMatching
from services.learning.history import agrees_to_learning, rows_of, seeker_of
from tests.unit.learning.learning_cases import NOW, TODAY, consent, declined, event, proposed, referral, session


def in_short(*facts: Data) -> list[tuple[str, int, float | None]]:
    return [(row.group_id, row.sessions, row.propensity) for row in rows_of("ada", [event(number, data) for number, data in enumerate(facts)])]


def test_what_was_proposed_and_came_of_it_is_a_row_with_its_propensity() -> None:
    later = TODAY + timedelta(days=7)
    facts = [event(n, one) for n, one in enumerate([referral(), proposed("choir", "band"), session(on=later), session(on=later + timedelta(days=7))])]
    [row] = rows_of("ada", facts)
    assert (row.group_id, row.sessions, row.propensity) == ("choir", 2, 0.5)
    assert row.offered_at == NOW + timedelta(minutes=1)
    assert row.first_at == datetime(2026, 3, 9, tzinfo=UTC)


def test_what_was_proposed_and_never_spoken_of_is_no_row() -> None:
    assert in_short(referral(), proposed("choir", "band")) == []


def test_what_was_declined_or_missed_was_offered_in_vain() -> None:
    facts = (referral(), proposed("band", "choir", "drama"), declined("band"), session(False))
    assert in_short(*facts) == [("band", 0, 0.5), ("choir", 0, 0.5)]
    assert all(row.offered_at for row in rows_of("ada", [event(number, data) for number, data in enumerate(facts)]))


def test_a_decision_against_the_proposal_has_no_propensity() -> None:
    assert in_short(referral(), proposed("band"), session(group_id="choir")) == [("choir", 1, None)]


def test_what_was_proposed_only_after_they_came_was_not_offered() -> None:
    assert in_short(referral(), session(on=TODAY - timedelta(days=3)), proposed("choir")) == [("choir", 1, None)]


@pytest.mark.parametrize("turned", [False, True])
def test_of_one_day_the_heaviest_word_counts(turned: bool) -> None:
    said = [session(True), session(False, revision=2), session(True, revision=3), session(False, said_by="coordinator")]
    assert in_short(referral(), *(reversed(said) if turned else said)) == [("choir", 0, None)]


def test_before_a_day_only_what_was_until_then_is_told() -> None:
    week = timedelta(days=7)
    facts = [event(n, one) for n, one in enumerate([referral(), session(), session(on=TODAY + week), session(group_id="band", on=TODAY + week)])]
    assert [(row.group_id, row.sessions) for row in rows_of("ada", facts, TODAY + week)] == [("choir", 1)]
    assert [(row.group_id, row.sessions) for row in rows_of("ada", facts)] == [("band", 1), ("choir", 2)]


@pytest.mark.parametrize(
    ("facts", "agrees"),
    [
        ([referral()], True),
        ([referral(learning=False)], False),
        ([referral(learning=None)], False),
        ([referral(), consent(False)], False),
        ([referral(), consent(False), referral()], False),
        ([referral(learning=False), consent(True)], True),
        ([referral(), PersonErased(person="ada")], False),
        ([referral().model_copy(update={"matching": None})], False),
        ([session()], False),
        ([consent(True), session()], False),
    ],
)
def test_nothing_is_learned_of_who_does_not_agree_or_cannot_be_read(facts: list[Data], agrees: bool) -> None:
    assert agrees_to_learning([event(number, data) for number, data in enumerate(facts)]) is agrees


def test_the_person_is_as_their_newest_readable_referral_tells() -> None:
    newer = referral()
    assert isinstance(newer.matching, ReferralMatching)
    newer = newer.model_copy(update={"matching": newer.matching.model_copy(update={"tags": ["craft"]})})
    unread = referral().model_copy(update={"matching": None})
    assert seeker_of([event(2, newer), event(1, referral()), event(3, unread)]).needs.tags == ["craft"]
