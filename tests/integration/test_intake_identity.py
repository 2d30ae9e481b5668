"""Who is who, and which referral is which: over intake's real store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from schemas.events.referrals import PersonErased, RedFlagRaised, ReferralMatching, ReferralReceived, ReferralWithdrawn
from schemas.referral import Referral, Referrer
from services.chassis.clock import HandSetClock
from services.chassis.embedded import Embedded
from services.chassis.errors import Ambiguous, Conflict, NotFound
from services.chassis.folder import DataFolder
from services.chassis.running import Answer, Clocks
from services.intake.app import intake
from services.intake.domain import ErasePerson, RaisedFlag, Reading, ReceiveReferral, WithdrawReferral

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
numbers = count()


@dataclass
class Clinic:
    """Sends commands to intake and reads what was written."""

    embedded: Embedded

    def refer(self, *referrals: Referral, reading: Reading = Reading()) -> list[Answer]:  # noqa: B008, it is frozen
        return self.embedded.decide("intake", [command(referral, reading) for referral in referrals])

    def withdraw(self, id_: str) -> Answer:
        return self.embedded.decide("intake", [WithdrawReferral(id_)])[0]

    def erase(self, id_: str) -> Answer:
        return self.embedded.decide("intake", [ErasePerson(id_, NOW)])[0]


def command(referral: Referral, reading: Reading) -> ReceiveReferral:
    number = next(numbers)
    return ReceiveReferral(referral, referral.model_dump_json().encode(), reading, NOW, f"person-{number}", f"case-{number}")


def referral(
    referral_id: str = "REF-1", person_id: str = "P-1", organisation: str | None = "Wendside Surgery", interests: str = "singing"
) -> Referral:
    referrer = Referrer(organisation=organisation) if organisation else None
    return Referral(referral_id=referral_id, person_id=person_id, interests=interests, referrer=referrer)


def received(answer: Answer) -> ReferralReceived:
    assert not isinstance(answer, Exception)
    [data] = [event.data for event in answer if isinstance(event.data, ReferralReceived)]
    return data


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clock = HandSetClock(NOW)
    embedded = Embedded(DataFolder(tmp_path / "data"), Clocks(clock, clock))
    embedded.add(intake(embedded.keys, clock))
    yield Clinic(embedded)
    embedded.close()


def test_the_same_referral_again_is_the_same(clinic: Clinic) -> None:
    [first] = clinic.refer(referral())
    [second] = clinic.refer(referral())
    assert received(first).case_id
    assert second == []


def test_the_same_referral_twice_in_one_batch_is_one(clinic: Clinic) -> None:
    first, second = clinic.refer(referral(), referral())
    assert received(first)
    assert second == []


def test_the_same_id_with_other_content_is_refused_and_the_first_stands(clinic: Clinic) -> None:
    clinic.refer(referral(interests="singing"))
    [refused] = clinic.refer(referral(interests="chess"))
    assert isinstance(refused, Conflict)
    assert clinic.refer(referral(interests="singing")) == [[]]


def test_two_clinics_use_the_same_referral_id_for_different_referrals(clinic: Clinic) -> None:
    here, there = clinic.refer(referral(organisation="Wendside Surgery"), referral(organisation="Northgate Surgery"))
    assert received(here).case_id != received(there).case_id
    assert received(here).person != received(there).person


def test_a_clinics_person_is_the_same_over_its_referrals(clinic: Clinic) -> None:
    first, second = clinic.refer(referral("REF-1"), referral("REF-2"))
    assert received(first).person == received(second).person


@pytest.mark.parametrize("again", ["nhs:9990001234", "NHS:999 000 1234"])
def test_an_nhs_number_is_the_same_person_everywhere(clinic: Clinic, again: str) -> None:
    [here] = clinic.refer(referral("REF-1", "nhs:999 000 1234", "Wendside Surgery"))
    [there] = clinic.refer(referral("REF-2", again, "Northgate Surgery"))
    assert received(here).person == received(there).person


def test_our_ids_say_nothing_of_the_senders(clinic: Clinic) -> None:
    [answer] = clinic.refer(referral(person_id="nhs:9990001234"))
    assert "999" not in received(answer).person


def test_every_red_flag_follows_from_the_referral_that_carries_it(clinic: Clinic) -> None:
    reading = Reading(flags=(RaisedFlag("self_harm", "text"), RaisedFlag("abuse", "flags")))
    [answer] = clinic.refer(referral(), reading=reading)
    assert not isinstance(answer, Exception)
    [first, *flags] = answer
    assert isinstance(received(answer).matching, ReferralMatching)
    assert received(answer).matching.flags == ["self_harm", "abuse"]  # type: ignore[union-attr]
    assert [event.causationid for event in flags] == [first.id, first.id]
    assert len({event.data.flag_id for event in flags if isinstance(event.data, RedFlagRaised)}) == 2


def test_the_home_is_kept_to_about_ten_metres(clinic: Clinic) -> None:
    [answer] = clinic.refer(referral(), reading=Reading(home=(52.63512345, -1.13398765)))
    matching = received(answer).matching
    assert isinstance(matching, ReferralMatching)
    assert (matching.latitude, matching.longitude) == (52.6351, -1.134)


def test_a_withdrawal_is_written_once(clinic: Clinic) -> None:
    clinic.refer(referral())
    first = clinic.withdraw("REF-1")
    assert not isinstance(first, Exception)
    assert [type(event.data) for event in first] == [ReferralWithdrawn]
    assert clinic.withdraw("REF-1") == []


def test_a_referral_id_that_several_cases_have_names_none(clinic: Clinic) -> None:
    here, _ = clinic.refer(referral(organisation="Wendside Surgery"), referral(organisation="Northgate Surgery"))
    refused = clinic.withdraw("REF-1")
    assert isinstance(refused, Ambiguous)
    assert received(here).case_id in refused.choices
    assert not isinstance(clinic.withdraw(received(here).case_id), Exception)
    assert isinstance(clinic.withdraw("REF-9"), NotFound)


def test_who_was_erased_and_is_referred_again_is_somebody_new(clinic: Clinic) -> None:
    [before] = clinic.refer(referral())
    erased = clinic.erase("P-1")
    assert not isinstance(erased, Exception)
    assert [event.data for event in erased] == [PersonErased(person=received(before).person)]
    clinic.embedded.start()
    clinic.embedded.settle()
    assert clinic.embedded.keys.fetch("details", [received(before).person]) == {received(before).person: None}
    [after] = clinic.refer(referral())
    assert received(after).person != received(before).person
    assert isinstance(clinic.erase("P-9"), NotFound)


def test_an_id_of_several_persons_is_not_erased_but_told(clinic: Clinic) -> None:
    here, there = clinic.refer(referral(organisation="Wendside Surgery"), referral(organisation="Northgate Surgery"))
    refused = clinic.erase("P-1")
    assert isinstance(refused, Ambiguous)
    assert set(refused.choices) == {received(here).person, received(there).person}
    assert not isinstance(clinic.erase(received(here).person), Exception)
