"""Consent is the person's: what they turned off only they turn on again."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from models.consent import Said, consent_of
from schemas.referral import Consent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REFERRED = Said(NOW, "1", Consent(match=True, sms=True, email=True))
STOPPED = Said(NOW + timedelta(days=1), "2", Consent(match=True, email=True), frozenset({"sms"}), by_person=True)
REFERRED_AGAIN = Said(NOW + timedelta(days=2), "3", Consent(match=True, sms=True, companion=True))
STARTED = Said(NOW + timedelta(days=3), "4", Consent(match=True, sms=True), frozenset({"sms"}), by_person=True)


def test_nothing_said_is_no() -> None:
    assert consent_of([]) == Consent()


def test_a_later_referral_never_turns_on_what_the_person_turned_off() -> None:
    assert not consent_of([REFERRED, STOPPED, REFERRED_AGAIN]).sms


def test_a_later_referral_counts_for_all_that_the_person_said_nothing_about() -> None:
    held = consent_of([REFERRED, STOPPED, REFERRED_AGAIN])
    assert (held.match, held.email, held.companion) == (True, False, True)


def test_the_person_turns_on_again_what_they_turned_off() -> None:
    assert consent_of([REFERRED, STOPPED, REFERRED_AGAIN, STARTED]).sms


def test_the_order_in_which_it_was_learned_does_not_matter() -> None:
    everything = [REFERRED, STOPPED, REFERRED_AGAIN, STARTED]
    assert len({consent_of(order).model_dump_json() for order in permutations(everything)}) == 1
